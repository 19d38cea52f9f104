// Renders stickers, polls, reactions and system messages.
import { h } from "./dom.js";
import { customEmoji, stickerImage } from "./expressions.js";
import { name, place } from "./place.js";
import { written } from "./timestamps.js";

const LOTTIE = 3;
const SYSTEM = {
  6: () => "pinned a message to this channel.",
  7: () => "joined the server.",
  18: (message) => `started a thread: ${message.content}`,
};

/** The text of a system message, or null if a user wrote the message. */
export function system(message) {
  const words = SYSTEM[message.type]?.(message);
  return words ? h("p", { class: "system" }, h("b", {}, name(message.author.id)), " ", words) : null;
}

export function sticker(one) {
  return one.format_type === LOTTIE ? h("div", { class: "sticker lottie" }, `🎞 ${one.name}`) : stickerImage(one);
}

export function poll(one) {
  const answers = one.answers.map(({ poll_media: media }) => h("li", {}, media.emoji?.name, " ", media.text));
  return h("div", { class: "container poll" }, h("strong", {}, one.question.text), h("ul", {}, answers),
    h("small", {}, `${one.allow_multiselect ? "Several answers" : "One answer"} · until ${written(new Date(one.expiry), "s")}`));
}

/** The reactions as buttons; `react(emoji, remove)` gets the emoji in the control API's form. */
export function reactions(message, react) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map(({ emoji, count }) => {
    const key = emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
    const mine = message.reacted[key]?.includes(place.user.id) ?? false;
    const shown = emoji.id ? customEmoji(emoji.name, emoji.id, emoji.animated) : h("span", { class: "emoji" }, emoji.name);
    const who = (message.reacted[key] ?? []).map(name).join(", ");
    return h("button", { type: "button", class: "reaction", title: who, "aria-pressed": String(mine), "aria-label": `${emoji.name}: ${count}`, onclick: () => react(key, mine) }, shown, " ", count);
  }));
}
