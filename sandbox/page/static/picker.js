// Selects of every kind, in messages and in modals. Source: Discord, "Component Reference".
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { called, guilds, members, place } from "./place.js";

const LIST_HEIGHT = 220; // pixels; see .several in message.css

/** The choices of a select: {label, value, description, emoji, default}. */
function choices(one) {
  const chosen = new Set((one.default_values ?? []).map((value) => value.id));
  const offered = (list, label) => list.map((each) => ({ label: label(each), value: each.id, default: chosen.has(each.id) }));
  const users = () => offered(place.guild ? place.guild.members.map((member) => member.user) : members(), (user) => called(user));
  const roles = () => offered((place.guild?.roles ?? []).filter((role) => role.id !== place.guild.id), (role) => `@${role.name}`);
  const fits = (channel) => !one.channel_types?.length || one.channel_types.includes(channel.type);
  const channels = () => offered((guilds().find((guild) => guild === place.guild)?.channels ?? []).filter(fits), (channel) => `#${channel.name}`);
  return { 3: () => one.options, 5: users, 6: roles, 7: () => [...users(), ...roles()], 8: channels }[one.type]();
}

const takesSeveral = (one) => (one.max_values ?? 1) > 1;
const hintOf = (one) => one.placeholder || "Make a selection";

/** A select in a message: one choice is taken at once; several are taken together. */
export function select(one, press) {
  if (takesSeveral(one)) return several(one, press);
  const { element, values } = single(one, one.min_values === 0);
  element.onchange = () => press(one, values());
  return element;
}

/** A select in a modal, {element, values()}. */
export const picker = (one) => (takesSeveral(one) ? ticks(one) : single(one, one.required === false));

/** A native select, which phones and screen readers know. Browsers that can open its list styled, upwards where there is no room below. */
function single(one, mayBeNone) {
  const offered = choices(one);
  const none = h("option", { value: "", class: "none", disabled: !mayBeNone }, hintOf(one));
  const shown = h("button", { type: "button" }, document.createElement("selectedcontent"));
  const element = h("select", { "aria-label": hintOf(one), disabled: Boolean(one.disabled) }, shown, none,
    offered.map((option) => h("option", { value: option.value }, words(option))));
  element.value = offered.find((option) => option.default)?.value ?? "";
  return { element, values: () => [element.value].filter(Boolean) };
}

/** An option's text in one line; where it can be styled, its description is below the label. */
function words(option) {
  const { label, description } = option;
  return [emoji(option.emoji), option.emoji && " ", h("span", { class: "option" }, h("span", {}, label), description && [h("span", { class: "dash" }, " – "), h("small", {}, description)])];
}

/** Boxes to tick. */
function boxes(one) {
  return choices(one).map((option) => {
    const named = { "aria-label": option.label, "aria-description": option.description };
    const box = h("input", { ...named, type: "checkbox", value: option.value, checked: Boolean(option.default), disabled: Boolean(one.disabled) });
    return { box, option, label: h("label", { class: "choice" }, box, words(option)) };
  });
}

const ticked = (list) => list.filter(({ box }) => box.checked).map(({ box }) => box.value);

function ticks(one) {
  const list = boxes(one);
  const labels = list.map(({ label }) => label);
  const element = h("div", { class: "ticks", role: "group", "aria-label": hintOf(one), tabIndex: 0 }, h("small", {}, hintOf(one)), labels);
  return { element, values: () => ticked(list) };
}

/** Closed, it shows what is chosen; what was ticked is taken when it is closed, as with Discord. */
function several(one, press) {
  const list = boxes(one);
  const before = ticked(list).join();
  const chips = list.filter(({ option }) => option.default).map(({ option }) => h("span", { class: "chip" }, option.label));
  const options = h("div", {}, list.map(({ label }) => label));
  const menu = h("details", { class: "several" }, h("summary", { "aria-label": hintOf(one) }, chips.length ? chips : hintOf(one)), options);
  const outside = (event) => {
    if (!menu.isConnected) document.removeEventListener("pointerdown", outside); // it was drawn anew meanwhile
    else if (!menu.contains(event.target)) menu.open = false;
  };
  menu.onkeydown = (event) => event.key === "Escape" && (menu.open = false);
  menu.ontoggle = () => {
    document[menu.open ? "addEventListener" : "removeEventListener"]("pointerdown", outside);
    menu.classList.toggle("upwards", menu.open && lacksRoomBelow(menu));
    if (!menu.open && ticked(list).join() !== before) press(one, ticked(list));
  };
  return menu;
}

/** Whether a list below would be cut off by the end of what scrolls, and one above less so. */
function lacksRoomBelow(menu) {
  const { top, bottom } = menu.getBoundingClientRect();
  const around = menu.closest("#log").getBoundingClientRect();
  const below = around.bottom - bottom;
  return below < LIST_HEIGHT && top - around.top > below;
}
