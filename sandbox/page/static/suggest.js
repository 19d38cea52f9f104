// A field that suggests: the list above the composer, worked by keys, mouse and screen readers (ARIA combobox).
import { arrows, byId, h } from "./dom.js";

const list = () => byId("suggestions");
const NONE = -1;
let owner = null;

/**
 * `find(text)` gives items {title, hint, ...}, maybe later; `choose(item)` takes one. Unless it is `eager`, nothing is
 * marked before something was typed: then Enter and Tab mean what they always mean.
 */
export function suggest(input, { label, find, choose, eager = true }) {
  let items = [], at = 0, asked = 0, words = ""; // the words that the items were found for
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions", autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));

  const look = async () => {
    const mine = ++asked, typed = input.value;
    const found = await find(typed);
    if (mine !== asked || document.activeElement !== input) return; // typed on, or gone away meanwhile
    items = found;
    words = typed;
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
    asked += 1;
    items = [];
    input.setAttribute("aria-expanded", "false");
    if (owner === input) list().hidden = true;
  };
  const take = (number) => {
    const item = items[number];
    close();
    choose(item);
  };

  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (!items.length) return event.key === "ArrowDown" ? look() : undefined;
    if (arrows(event, items.length, at, mark)) return;
    if (event.key === "Escape") event.stopPropagation();
    if (event.key === "Escape" || (items[at] && words === input.value && ["Enter", "Tab"].includes(event.key))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === "Escape") close();
      else take(at);
    }
  });
}
