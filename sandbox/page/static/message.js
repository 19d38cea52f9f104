// Renders one message: its author, text, pictures and components.
import { components, file } from "./components.js";
import { h } from "./dom.js";
import { isOnlyEmoji } from "./emoji.js";
import { poll, reactions, sticker, system } from "./message_extras.js";
import { asItems, gallery } from "./gallery.js";
import { markdown, plain } from "./markdown.js";
import { called, name, place, user } from "./place.js";
import { clock } from "./timestamps.js";

const EPHEMERAL = 64, LOADING = 128, V2 = 1 << 15, REPLY = 19;
const GROUPED_MS = 7 * 60_000;

/** `on` has press(message, component, values), menu(message, at), react(message, emoji, remove), dismiss(message) and jump(id). */
export function renderMessage(message, before, on) {
  const grouped = follows(message, before);
  const mine = message.mentions.some((user) => user.id === place.user.id);
  const more = h("button", { type: "button", class: "more", "aria-label": "Message actions", "aria-haspopup": "menu" }, "⋯");
  more.onclick = () => on.menu(message, more.getBoundingClientRect());
  return h(
    "article",
    {
      class: ["message", grouped && "grouped", mine && "mentioned", message.flags & EPHEMERAL && "ephemeral"].filter(Boolean).join(" "),
      id: `m${message.id}`,
      tabIndex: -1,
      "aria-label": author(message),
      oncontextmenu: (event) => {
        if (event.target.closest("a, input")) return;
        event.preventDefault();
        on.menu(message, { left: event.clientX, bottom: event.clientY });
      },
    },
    above(message, on),
    grouped ? null : avatar(message.author),
    grouped ? null : header(message),
    h("div", { class: "body" }, system(message) ?? body(message, on), reactions(message, (emoji, remove) => on.react(message, emoji, remove)), below(message, on)),
    more,
  );
}

/** The author's name; a webhook is not among the users. */
const author = (message) => (user(message.author.id) ? name(message.author.id) : called(message.author));

export function avatar(user, extra = "") {
  const hue = Number((BigInt(user.id) * 67n) % 360n);
  return h("span", { class: `avatar ${user.bot ? "app" : ""} ${extra}`, "aria-hidden": "true", vars: { "--hue": hue } }, user.bot ? "✦" : name(user.id)[0]);
}

/** Whether Discord would group it with the message before, without repeating the author. */
function follows(message, before) {
  if (!before || message.type === REPLY || message.interaction_metadata) return false;
  const isRecent = Date.parse(message.timestamp) - Date.parse(before.timestamp) < GROUPED_MS;
  return isRecent && before.author.id === message.author.id && before.flags === message.flags;
}

function above(message, on) {
  const replied = message.referenced_message;
  const used = message.interaction_metadata;
  if (replied) {
    const words = plain(replied.content) || "Click to see the message";
    return h("button", { type: "button", class: "above", onclick: () => on.jump(replied.id) }, avatar(replied.author, "tiny"), h("b", {}, name(replied.author.id)), h("span", { class: "quoted" }, words));
  }
  if (message.type === REPLY) return h("div", { class: "above" }, h("i", {}, replied === null ? "Original message was deleted" : "Message could not be loaded"));
  if (used?.user && message.interaction) {
    return h("div", { class: "above" }, avatar(used.user, "tiny"), h("b", {}, name(used.user.id)), " used ", h("span", { class: "command-name" }, `${message.type === 20 ? "/" : ""}${message.interaction.name}`));
  }
  return null;
}

function header(message) {
  return h("header", {}, h("b", { class: "author" }, author(message)), message.author.bot && h("span", { class: "badge" }, "APP"), clock(message.timestamp));
}

function body(message, on) {
  if (message.flags & LOADING) return h("p", { class: "thinking" }, `${name(message.author.id)} is thinking…`);
  const listed = message.flags & V2 ? [] : message.attachments; // in V2 messages, only components show files
  const pictures = listed.filter((one) => one.content_type?.startsWith("image/") && one.width);
  const edited = message.edited_timestamp && !message.components.length && h("span", { class: "edited" }, " (edited)");
  const words = markdown(message.content);
  if (edited && words.length) words.at(-1).append(edited);
  return [
    words.length ? h("div", { class: isOnlyEmoji(message.content) ? "text jumbo" : "text" }, words) : null,
    (message.message_snapshots ?? []).map(({ message: inner }) => h("div", { class: "forwarded" }, h("small", {}, "↱ Forwarded"), body({ ...message, ...inner, message_snapshots: [], flags: 0 }, on))),
    pictures.length ? gallery(asItems(pictures)) : null,
    listed.filter((one) => !pictures.includes(one)).map(file),
    (message.sticker_items ?? []).map(sticker),
    message.poll ? poll(message.poll) : null,
    message.embeds.map(embed),
    components(message.components, (component, values) => on.press(message, component, values)),
  ];
}

function embed(one) {
  const shown = one.image ?? one.thumbnail;
  const image = shown && gallery([{ media: { ...shown, url: shown.proxy_url ?? shown.url }, description: one.title ?? one.url }]);
  if (one.type === "image" || one.type === "gifv") return image;
  return h("div", { class: "container", vars: { "--accent": `#${(one.color ?? 0x4e5058).toString(16).padStart(6, "0")}` } },
    one.title && h("strong", {}, one.title), one.description && h("div", { class: "text" }, markdown(one.description)),
    (one.fields ?? []).map((field) => h("div", { class: "text" }, h("strong", {}, field.name), markdown(field.value))), image,
    one.footer && h("small", {}, one.footer.text));
}

function below(message, on) {
  if (!(message.flags & EPHEMERAL)) return null;
  const dismiss = h("button", { type: "button", class: "link-like", onclick: () => on.dismiss(message) }, "Dismiss message");
  return h("p", { class: "only-you" }, "👁 Only you can see this · ", dismiss);
}
