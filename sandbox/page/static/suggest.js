// Suggestions for a text field, shown above the composer. Works with keyboard, mouse and screen readers (ARIA combobox).
import { arrows, byId, h } from "./dom.js";

const list = () => byId("suggestions");
const NONE = -1;
let owner = null;

/**
 * `find(text)` returns items {title, hint, ...} or a promise of them; `choose(item)` is called with the chosen one.
 * Unless `eager`, no item is preselected while the field is empty, so Enter and Tab keep their usual meaning.
 */
export function suggest(input, { label, find, choose, eager = true }) {
  let items = [], at = 0, searches = 0, searched = ""; // `items` were found for the text `searched`
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions", autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));

  const search = async () => {
    const mine = ++searches, typed = input.value;
    const found = await find(typed);
    if (mine !== searches || document.activeElement !== input) return; // the text or the focus has changed since
    items = found;
    searched = typed;
    mark(eager || input.value ? 0 : NONE);
  };
  const mark = (index) => {
    at = index;
    owner = input;
    list().hidden = !items.length;
    list().setAttribute("aria-label", label);
    list().replaceChildren(...items.map((item, number) => option(item, number)));
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.setAttribute("aria-activedescendant", items[at] ? `suggestion-${at}` : "");
    list().children[at]?.scrollIntoView({ block: "nearest" });
  };
  const option = (item, number) =>
    h("div", { role: "option", id: `suggestion-${number}`, "aria-selected": String(number === at), onpointerdown: (event) => (event.preventDefault(), take(number)) },
      h("b", {}, item.title), item.hint && h("span", {}, item.hint));
  const close = () => {
    searches += 1;
    items = [];
    input.setAttribute("aria-expanded", "false");
    if (owner === input) list().hidden = true;
  };
  const take = (number) => {
    const item = items[number];
    close();
    choose(item);
  };

  input.addEventListener("input", search);
  input.addEventListener("focus", search);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (!items.length) return event.key === "ArrowDown" ? search() : undefined;
    if (arrows(event, items.length, at, mark)) return;
    if (event.key === "Escape") event.stopPropagation();
    if (event.key === "Escape" || (items[at] && searched === input.value && ["Enter", "Tab"].includes(event.key))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === "Escape") close();
      else take(at);
    }
  });
}
