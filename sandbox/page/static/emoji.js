// Emoji as Discord draws them, by the font in sandbox/emoji.
import { h } from "./dom.js";
import { customEmoji } from "./expressions.js";

// A keycap, or a pictograph with what joins it to others; below U+2300 are signs that are text unless asked otherwise.
const ONE = "(?:[0-9#*]\\uFE0F?\\u20E3|\\p{RI}\\p{RI}|\\p{ExtPict}\\uFE0F|(?![\\0-\\u22FF])\\p{ExtPict})\\p{EMod}?";
const EMOJI = new RegExp(`(${ONE}(?:\\u200D${ONE})*)`, "u");
const ONLY = new RegExp(`^(?:\\s*(?:${ONE}(?:\\u200D${ONE})*|<a?:\\w+:\\d+>)){1,30}\\s*$`, "u");

/** A text as a list of strings and emoji. */
export const withEmoji = (text) => text.split(EMOJI).map((part, index) => (index % 2 ? h("span", { class: "emoji" }, part) : part)).filter(Boolean);

/** Whether a message is nothing but emoji, which are larger then. */
export const isOnlyEmoji = (text) => ONLY.test(text);

/** The emoji of a button or an option, {name, id, animated}: a server's own, or Unicode's. */
export function emoji(given) {
  if (!given) return null;
  return given.id ? customEmoji(given.name, given.id, given.animated) : h("span", { class: "emoji", "aria-hidden": "true" }, given.name);
}
