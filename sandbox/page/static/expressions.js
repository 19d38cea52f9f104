// Stickers and custom emoji, from the local Discord's CDN.
import { h } from "./dom.js";
import { guilds, place } from "./place.js";

const LOTTIE = 3, EXTENSIONS = { [LOTTIE]: "json", 4: "gif" };

export function stickerImage(one) {
  return h("img", { class: "sticker", src: `${place.world.cdn}/stickers/${one.id}.${EXTENSIONS[one.format_type] ?? "png"}`, alt: `Sticker: ${one.name}` });
}

export function customEmoji(name, id, animated = false) {
  return h("img", { class: "custom-emoji", src: `${place.world.cdn}/emojis/${id}.webp${animated ? "?animated=true" : ""}`, alt: `:${name}:`, title: `:${name}:` });
}

/** The servers whose expressions can be used: the current one; in direct messages, all of the member's. */
const here = () => (place.guild ? [place.guild] : guilds());
export const stickers = () => here().flatMap((guild) => guild.stickers);
export const emojis = () => here().flatMap((guild) => guild.emojis);
export const asText = (emoji) => `<${emoji.animated ? "a" : ""}:${emoji.name}:${emoji.id}>`;

/** A menu entry: a small picture and a name. */
export function choice(one, image) {
  return [one.format_type === LOTTIE ? h("span", { class: "avatar small", "aria-hidden": "true" }, "🎞") : image, h("span", {}, one.name)];
}
