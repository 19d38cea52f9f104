// Menus and notices that appear over the page.
import { arrows, byId, h } from "./dom.js";

/** Open a menu of [label, action, class] beside a rectangle; it keeps the focus until it closes. */
export function menu(label, items, at) {
  const back = document.activeElement;
  const close = () => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    if (back?.isConnected) back.focus({ preventScroll: true });
  };
  const outside = (event) => list.contains(event.target) || close();
  const buttons = items.map(([words, act, kind]) =>
    h("button", { type: "button", role: "menuitem", class: kind ?? "", tabIndex: -1, onclick: () => (close(), act()) }, words),
  );
  const list = h("div", { class: "menu", role: "menu", "aria-label": label }, buttons);
  list.onkeydown = (event) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
    }
    arrows(event, buttons.length, buttons.indexOf(document.activeElement), (index) => buttons[index].focus());
  };
  document.body.append(list);
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = (at.bottom ?? at.top) + height < innerHeight;
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, below ? at.bottom : (at.top ?? at.bottom) - height)}px`;
  document.addEventListener("pointerdown", outside, true);
  buttons[0]?.focus();
}

/** Show a notice for as long as reading it takes. */
export function toast(words) {
  const notice = h("div", { class: "toast" }, words);
  byId("toasts").append(notice);
  setTimeout(() => notice.remove(), 3000 + words.length * 60);
}
