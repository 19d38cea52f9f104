// Renders components. Source: Discord, "Component Reference".
import { bytes, h } from "./dom.js";
import { gallery } from "./gallery.js";
import { markdown } from "./markdown.js";
import { called, guilds, members, place } from "./place.js";

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
  13: (one) => file({ filename: one.name, size: one.size, url: one.file.url }),
  14: (one) => h("hr", { class: `space-${one.spacing}${one.divider ? "" : " bare"}` }),
  17: (one, press) =>
    h(
      "div",
      { class: "container", vars: one.accent_color === null ? {} : { "--accent": hex(one.accent_color) } },
      components(one.components, press),
    ),
};

const unknown = (one) => h("div", { class: "subtext" }, `(component of type ${one.type})`);
const hex = (color) => `#${color.toString(16).padStart(6, "0")}`;

export function emoji(given) {
  return given ? h("span", { class: "emoji", "aria-hidden": "true" }, given.name) : null;
}

function button(one, press) {
  const label = [emoji(one.emoji), one.label ? h("span", {}, one.label) : null];
  if (one.style === 5) {
    return h("a", { class: "button link", href: one.url, target: "_blank", rel: "noopener noreferrer" }, label, " ↗");
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

/** The choices of a select of any kind: {label, value, description, emoji, default}. */
export function choices(one) {
  const chosen = new Set((one.default_values ?? []).map((value) => value.id));
  const offered = (list, label) => list.map((each) => ({ label: label(each), value: each.id, default: chosen.has(each.id) }));
  const users = () => offered(place.guild ? place.guild.members.map((member) => member.user) : members(), (user) => called(user));
  const roles = () => offered((place.guild?.roles ?? []).filter((role) => role.id !== place.guild.id), (role) => `@${role.name}`);
  const channels = () => offered(guilds().find((guild) => guild === place.guild)?.channels ?? [], (channel) => `#${channel.name}`);
  return { 3: () => one.options, 5: users, 6: roles, 7: () => [...users(), ...roles()], 8: channels }[one.type]();
}

/** A menu: one choice is taken at once; several are taken together. */
function select(one, press) {
  if ((one.max_values ?? 1) > 1) return several(one, press);
  const { element, values } = picker(one);
  element.onchange = () => press(one, values());
  return element;
}

/** Closed, it shows what is chosen; what was ticked is taken when it is closed, as with Discord. */
function several(one, press) {
  const options = choices(one);
  const hint = one.placeholder || "Make a selection";
  const boxes = options.map((option) => h("input", { type: "checkbox", value: option.value, checked: Boolean(option.default), disabled: Boolean(one.disabled) }));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const before = chosen().join();
  const names = options.filter((option) => option.default).map((option) => h("span", { class: "chip" }, option.label));
  const list = boxes.map((box, index) => h("label", { class: "choice" }, box, h("span", {}, options[index].label)));
  const menu = h("details", { class: "several" }, h("summary", { "aria-label": hint }, names.length ? names : hint), h("div", {}, list));
  const close = () => (menu.open = false);
  const outside = (event) => {
    if (!menu.isConnected) document.removeEventListener("pointerdown", outside); // it was drawn anew meanwhile
    else if (!menu.contains(event.target)) close();
  };
  menu.onkeydown = (event) => event.key === "Escape" && close();
  menu.ontoggle = () => {
    document[menu.open ? "addEventListener" : "removeEventListener"]("pointerdown", outside);
    if (!menu.open && chosen().join() !== before) press(one, chosen());
  };
  return menu;
}

/** A select of any kind, {element, values()}: a native one, which phones and screen readers know, or boxes to tick. */
export function picker(one) {
  const hint = one.placeholder || "Make a selection";
  const words = (option) => [option.emoji?.name, option.label, option.description && `– ${option.description}`].filter(Boolean).join(" ");
  const disabled = Boolean(one.disabled);
  if ((one.max_values ?? 1) > 1) {
    const boxes = choices(one).map((option) => h("label", { class: "choice" }, h("input", { type: "checkbox", value: option.value, checked: Boolean(option.default), disabled }), words(option)));
    const element = h("div", { class: "ticks", role: "group", "aria-label": hint, tabIndex: 0 }, h("small", {}, hint), boxes);
    return { element, values: () => [...element.querySelectorAll(":checked")].map((box) => box.value) };
  }
  const offered = choices(one);
  const element = h("select", { "aria-label": hint, disabled }, h("option", { value: "", disabled: one.min_values !== 0 && one.required !== false }, hint),
    offered.map((option) => h("option", { value: option.value }, words(option))));
  element.value = offered.find((option) => option.default)?.value ?? "";
  return { element, values: () => [element.value].filter(Boolean) };
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
