// Renders components. Source: Discord, "Component Reference".
import { bytes, h } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";
import { gallery } from "./gallery.js";
import { markdown } from "./markdown.js";
import { select } from "./picker.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/** Render components; `press(component, values)` is called when a member uses one. */
export function components(list, press) {
  return list.map((one) => (RENDERERS[one.type] ?? unknown)(one, press));
}

const RENDERERS = {
  1: (one, press) => h("div", { class: "row" }, components(one.components, press)),
  2: button,
  3: select, 5: select, 6: select, 7: select, 8: select,
  9: (one, press) =>
    h("div", { class: "section" }, h("div", {}, components(one.components, press)), components([one.accessory], press)),
  10: (one) => h("div", { class: "text" }, markdown(one.content)),
  11: (one) => h("div", { class: "thumbnail" }, gallery([one])),
  12: (one) => gallery(one.items),
  13: (one) => veiled(one.spoiler, file({ filename: one.name, size: one.size, url: one.file.url })),
  14: (one) => h("hr", { class: `space-${one.spacing}${one.divider ? "" : " bare"}` }),
  17: (one, press) => veiled(one.spoiler, container(one, press)),
};

function container(one, press) {
  const accent = one.accent_color ?? null;
  const look = accent === null ? { class: "container" } : { class: "container accented", vars: { "--accent": hex(accent) } };
  return h("div", look, components(one.components, press));
}

/** Hide a component until it is pressed, if it is a spoiler. */
function veiled(isSpoiler, element) {
  if (!isSpoiler) return element;
  element.inert = true;
  const veil = h("button", { type: "button", class: "veil", "aria-label": "Spoiler: press to reveal" }, h("span", {}, "SPOILER"));
  const box = h("div", { class: "under-veil" }, element, veil);
  veil.onclick = () => {
    element.inert = false;
    box.replaceWith(element);
  };
  return box;
}

const unknown = (one) => h("div", { class: "subtext" }, `(component of type ${one.type})`);
const hex = (color) => `#${color.toString(16).padStart(6, "0")}`;

function button(one, press) {
  const label = [emoji(one.emoji), one.label ? h("span", {}, withEmoji(one.label)) : null];
  if (one.style === 5) {
    const attributes = one.disabled ? { "aria-disabled": "true" } : { href: one.url, target: "_blank", rel: "noopener noreferrer" };
    return h("a", { class: "button link", ...attributes }, label, h("span", { class: "outwards", "aria-hidden": "true" }, " ↗"));
  }
  return h(
    "button",
    {
      type: "button",
      class: `button ${STYLES[one.style]}`,
      disabled: Boolean(one.disabled),
      "aria-label": one.label ? undefined : one.emoji?.name,
      onclick: () => press(one),
    },
    label,
  );
}

const TEXTS = /\.(txt|csv|json|md|log)$/i;

/** Render a file; of a text file, its beginning is shown. */
export function file({ filename, size, url }) {
  return h(
    "div",
    { class: "file" },
    h("span", { "aria-hidden": "true" }, "📄"),
    h("div", {}, h("a", { href: url, target: "_blank", rel: "noopener" }, filename), h("small", {}, bytes(size))),
    TEXTS.test(filename) && preview(url),
  );
}

function preview(url) {
  const box = h("pre", { class: "preview", tabIndex: 0, "aria-label": "Preview" });
  const { pathname, search } = new URL(url);
  fetch(`preview${pathname}${search}`).then(async (answer) => (answer.ok ? (box.textContent = await answer.text()) : box.remove()));
  return box;
}
