// Where a member writes: words, files, a reply, or / for a command.
import { commandForm } from "./command.js";
import { slashCommands } from "./commands.js";
import { byId, bytes, h } from "./dom.js";
import { choice, customEmoji, emojis, stickerImage, stickers, written } from "./expressions.js";
import { ask, encoded, Refusal } from "./live.js";
import { follow } from "./messages.js";
import { called, holdsPosts, members, name, place, where } from "./place.js";
import { menu, toast } from "./popup.js";
import { suggest } from "./suggest.js";

const MOST_FILES = 10, LONGEST_TITLE = 100;
const NAMED = /(^|\s)(@\w*)$/; // the beginning of a name, at the end of what is written
let files = [], replied = null, command = null;

const words = () => byId("words");

export function prepare() {
  const field = words();
  suggest(field, { label: "Commands and people", find: matching, choose: (item) => (item.command ? begin(item.command) : mention(item.text)) });
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
  byId("express").onclick = express;
  byId("attach").onclick = () => byId("files").click();
  byId("files").onchange = (event) => (take([...event.target.files]), (event.target.value = ""));
  addEventListener("paste", (event) => event.clipboardData.files.length && (event.preventDefault(), receive(event.clipboardData)));
  addEventListener("dragover", (event) => (event.preventDefault(), document.body.classList.add("dropping")));
  addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    receive(event.dataTransfer);
  });
}

/** What was dropped or pasted: for the modal that is open, or for what is being written. */
function receive({ files: given }) {
  const modal = document.querySelector("dialog[open]");
  const box = modal?.querySelector("input[type=file]");
  if (box) box.files = given;
  else if (!modal) take([...given]);
}

/** Another place or person: what was begun is put away. */
export function reset() {
  end();
  files = [];
  replyTo(null);
  words().placeholder = `Message ${place.guild ? `#${place.channel.name}` : name(place.world.bot.id)} or type /`;
}

export function replyTo(message) {
  replied = message && { message, ping: true };
  const ping = h("button", { type: "button", class: "link-like", "aria-pressed": "true", title: "Whether the reply mentions its author" }, "@ ON");
  ping.onclick = () => {
    replied.ping = !replied.ping;
    ping.textContent = replied.ping ? "@ ON" : "@ OFF";
    ping.setAttribute("aria-pressed", String(replied.ping));
  };
  const close = h("button", { type: "button", class: "link-like", "aria-label": "Do not reply", onclick: () => replyTo(null) }, "✕");
  byId("replying").hidden = !message;
  if (!message) return;
  byId("replying").replaceChildren("Replying to ", h("b", {}, name(message.author.id)), h("span", { class: "spacer" }), ping, close);
  words().focus();
}

/** Files from the button, a drop or a paste: for the command that is being written, or the message. */
function take(given) {
  if (command) return command.take(given);
  files = [...files, ...given].slice(0, MOST_FILES);
  showFiles();
}

function showFiles() {
  byId("tray").hidden = !files.length;
  byId("tray").replaceChildren(
    ...files.map((one) => {
      const remove = () => ((files = files.filter((other) => other !== one)), showFiles());
      const picture = one.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(one), alt: "", onload: (event) => URL.revokeObjectURL(event.target.src) }) : h("span", { class: "sheet", "aria-hidden": "true" }, "📄");
      return h("div", { class: "upload" }, picture, h("span", {}, one.name, h("small", {}, bytes(one.size))), h("button", { type: "button", "aria-label": `Remove ${one.name}`, onclick: remove }, "✕"));
    }),
  );
}

/** Stickers are sent at once, emoji put into what is written. */
function express() {
  const offered = [
    ...stickers().map((one) => [choice(one, stickerImage(one)), () => send([one.id])]),
    ...emojis().map((one) => [choice(one, customEmoji(one.name, one.id, one.animated)), () => insert(written(one))]),
  ];
  if (!offered.length) return toast("This server has no stickers and no emoji of its own.");
  menu("Stickers and emoji", offered, byId("express").getBoundingClientRect());
}

function insert(text) {
  words().value += `${text} `;
  words().focus();
}

async function send(stickers = []) {
  const content = words().value.trim();
  if (!content && !files.length && !stickers.length) return;
  if (content.startsWith("/")) return toast(`${content.split(" ")[0]} is no command here. Choose one from the list.`);
  const sent = files;
  try {
    const attachments = await Promise.all(sent.map(encoded));
    const body = { ...where(), content: mentioning(content), attachments, stickers };
    if (holdsPosts(place.channel)) await ask("discord/thread", { body: { ...body, name: content.split("\n")[0].slice(0, LONGEST_TITLE) || "Post" } });
    else await ask("discord/message", { body: { ...body, reply_to: replied?.message.id, ping: replied?.ping ?? true } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return toast(error.message);
  }
  follow();
  words().value = "";
  words().style.height = "auto";
  files = [];
  showFiles();
  replyTo(null);
}

/** Whoever can be mentioned here. */
const people = () => [...(place.guild?.members.map((one) => one.user) ?? members()), place.world.bot];

/** The roles of this server, which can be mentioned as well: the bot has one of its own name. */
const roles = () => (place.guild?.roles ?? []).filter((one) => one.id !== place.guild.id);

function mention(text) {
  words().value = words().value.replace(NAMED, (_, before) => `${before}${text} `);
  words().focus();
}

/** What names somebody, as Discord has it: @Ben becomes <@id>. Longer names first: one may begin with another. */
function mentioning(content) {
  const longest = [...people()].sort((one, other) => called(other).length - called(one).length);
  return longest.reduce((text, user) => text.replaceAll(`@${called(user)}`, `<@${user.id}>`), content);
}

function mentionable() {
  const known = new Map(people().map((one) => [one.id, one]));
  return [
    ...[...known.values()].map((one) => ({ title: `@${called(one)}`, hint: one.username, text: `@${called(one)}` })),
    ...roles().map((one) => ({ title: `@${one.name}`, hint: "role", text: `<@&${one.id}>` })),
  ];
}

function matching(text) {
  const named = NAMED.exec(text)?.[2].slice(1).toLowerCase();
  if (named !== undefined) return mentionable().filter((one) => one.title.slice(1).toLowerCase().startsWith(named));
  if (!/^\/[^\n]*$/.test(text)) return [];
  const typed = text.slice(1).toLowerCase();
  return slashCommands()
    .filter((one) => one.name.startsWith(typed) || one.name.includes(typed.trim()))
    .map((one) => ({ title: `/${one.name}`, hint: one.description, command: one }));
}

/** Begin to write a command. */
export function begin(chosen) {
  command = commandForm(chosen, end);
  words().value = "";
  byId("message-form").hidden = true;
  byId("composer").append(command.form);
  command.focus();
  if (files.length) command.take(files);
  files = [];
  showFiles();
}

function end() {
  command?.form.remove();
  command = null;
  byId("message-form").hidden = false;
  showFiles();
  words().focus({ preventScroll: true });
}
