// The message composer: text, files, replies, and / for commands.
import { commandForm } from "./command_form.js";
import { slashCommands } from "./commands.js";
import { byId, bytes, h } from "./dom.js";
import { choice, customEmoji, emojis, stickerImage, asText, stickers } from "./expressions.js";
import { ask, encoded, Refusal } from "./api.js";
import { follow } from "./scrolling.js";
import { called, holdsPosts, members, name, place, where } from "./place.js";
import { menu, toast } from "./popup.js";
import { suggest } from "./suggest.js";

const MOST_FILES = 10, LONGEST_TITLE = 100;
const NAMED = /(^|\s)(@\w*)$/; // an unfinished mention at the end of the text
let files = [], replied = null, command = null;

const textField = () => byId("words");

export function prepare() {
  const field = textField();
  suggest(field, { label: "Commands and people", find: matching, choose: (item) => (item.command ? beginCommand(item.command) : mention(item.text)) });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") replyTo(null);
  });
  field.addEventListener("input", () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  });
  byId("message-form").onsubmit = (event) => (event.preventDefault(), send());
  byId("express").onclick = openExpressions;
  byId("attach").onclick = () => byId("files").click();
  byId("files").onchange = (event) => (addFiles([...event.target.files]), (event.target.value = ""));
  addEventListener("paste", (event) => event.clipboardData.files.length && (event.preventDefault(), receiveFiles(event.clipboardData)));
  addEventListener("dragover", (event) => (event.preventDefault(), document.body.classList.add("dropping")));
  addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    receiveFiles(event.dataTransfer);
  });
}

/** Add dropped or pasted files to the open modal, or else to the message. */
function receiveFiles({ files: given }) {
  const modal = document.querySelector("dialog[open]");
  const box = modal?.querySelector("input[type=file]");
  if (box) box.files = given;
  else if (!modal) addFiles([...given]);
}

/** Discard the draft when the member or the channel changes. */
export function reset() {
  endCommand();
  files = [];
  replyTo(null);
  textField().placeholder = `Message ${place.guild ? `#${place.channel.name}` : name(place.world.bot.id)} or type /`;
}

export function replyTo(message) {
  replied = message && { message, ping: true };
  const ping = h("button", { type: "button", class: "link-like", "aria-pressed": "true", title: "Ping the author of the message" }, "@ ON");
  ping.onclick = () => {
    replied.ping = !replied.ping;
    ping.textContent = replied.ping ? "@ ON" : "@ OFF";
    ping.setAttribute("aria-pressed", String(replied.ping));
  };
  const close = h("button", { type: "button", class: "link-like", "aria-label": "Cancel reply", onclick: () => replyTo(null) }, "✕");
  byId("replying").hidden = !message;
  if (!message) return;
  byId("replying").replaceChildren("Replying to ", h("b", {}, name(message.author.id)), h("span", { class: "spacer" }), ping, close);
  textField().focus();
}

/** Add files to the command being written, or else to the message. */
function addFiles(given) {
  if (command) return command.addFiles(given);
  files = [...files, ...given].slice(0, MOST_FILES);
  showFiles();
}

function showFiles() {
  byId("tray").hidden = !files.length;
  byId("tray").replaceChildren(
    ...files.map((file) => {
      const remove = () => ((files = files.filter((other) => other !== file)), showFiles());
      const picture = file.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(file), alt: "", onload: (event) => URL.revokeObjectURL(event.target.src) }) : h("span", { class: "sheet", "aria-hidden": "true" }, "📄");
      return h("div", { class: "upload" }, picture, h("span", {}, file.name, h("small", {}, bytes(file.size))), h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: remove }, "✕"));
    }),
  );
}

/** Open the menu of stickers, which are sent at once, and emoji, which are inserted into the text. */
function openExpressions() {
  const offered = [
    ...stickers().map((sticker) => [choice(sticker, stickerImage(sticker)), () => send([sticker.id])]),
    ...emojis().map((emoji) => [choice(emoji, customEmoji(emoji.name, emoji.id, emoji.animated)), () => insert(asText(emoji))]),
  ];
  if (!offered.length) return toast("This server has no custom stickers or emoji.");
  menu("Stickers and emoji", offered, byId("express").getBoundingClientRect());
}

function insert(text) {
  textField().value += `${text} `;
  textField().focus();
}

async function send(stickers = []) {
  const content = textField().value.trim();
  if (!content && !files.length && !stickers.length) return;
  if (content.startsWith("/")) return toast(`${content.split(" ")[0]} isn't a command here. Choose one from the list.`);
  const sent = files;
  try {
    const attachments = await Promise.all(sent.map(encoded));
    const body = { ...where(), content: withMentions(content), attachments, stickers };
    if (holdsPosts(place.channel)) await ask("discord/thread", { body: { ...body, name: content.split("\n")[0].slice(0, LONGEST_TITLE) || "Post" } });
    else await ask("discord/message", { body: { ...body, reply_to: replied?.message.id, ping: replied?.ping ?? true } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return toast(error.message);
  }
  follow();
  textField().value = "";
  textField().style.height = "auto";
  files = [];
  showFiles();
  replyTo(null);
}

/** Everybody who can be mentioned here. */
const people = () => [...(place.guild?.members.map((member) => member.user) ?? members()), place.world.bot];

/** The server's roles, which can be mentioned too; the bot's role has the bot's name. */
const roles = () => (place.guild?.roles ?? []).filter((role) => role.id !== place.guild.id);

function mention(text) {
  textField().value = textField().value.replace(NAMED, (_, before) => `${before}${text} `);
  textField().focus();
}

/** Replace @Ben with <@id>. Longer names go first, because one name may begin with another. */
function withMentions(content) {
  const longest = [...people()].sort((user, other) => called(other).length - called(user).length);
  return longest.reduce((text, user) => text.replaceAll(`@${called(user)}`, `<@${user.id}>`), content);
}

function mentionable() {
  const known = new Map(people().map((user) => [user.id, user]));
  return [
    ...[...known.values()].map((user) => ({ title: `@${called(user)}`, hint: user.username, text: `@${called(user)}` })),
    ...roles().map((role) => ({ title: `@${role.name}`, hint: "role", text: `<@&${role.id}>` })),
  ];
}

function matching(text) {
  const named = NAMED.exec(text)?.[2].slice(1).toLowerCase();
  if (named !== undefined) return mentionable().filter(({ title }) => title.slice(1).toLowerCase().startsWith(named));
  if (!/^\/[^\n]*$/.test(text)) return [];
  const typed = text.slice(1).toLowerCase();
  return slashCommands()
    .filter(({ name }) => name.startsWith(typed) || name.includes(typed.trim()))
    .map((command) => ({ title: `/${command.name}`, hint: command.description, command }));
}

/** Open the form of a command in place of the message field. */
export function beginCommand(chosen) {
  command = commandForm(chosen, endCommand);
  textField().value = "";
  byId("message-form").hidden = true;
  byId("composer").append(command.form);
  command.focus();
  if (files.length) command.addFiles(files);
  files = [];
  showFiles();
}

function endCommand() {
  command?.form.remove();
  command = null;
  byId("message-form").hidden = false;
  showFiles();
  textField().focus({ preventScroll: true });
}
