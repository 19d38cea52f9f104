// The menu of a message: opened by right click, long press, or the button beside it.
import { act, react } from "./actions.js";
import { ask } from "./api.js";
import { messageCommands } from "./commands.js";
import { replyTo } from "./composer.js";
import { choice, customEmoji, emojis } from "./expressions.js";
import { place, where } from "./place.js";
import { menu, toast } from "./popup.js";

const REACTIONS = ["👍", "❤️", "😂", "🔥", "👀"];
const TEXT = 0, ANNOUNCEMENT = 5, LONGEST_NAME = 40;

export function messageMenu(message, at) {
  const apps = messageCommands().map((command) => [`Apps › ${command.label}`, () => run(command, message)]);
  const remove = ["Delete message", () => ask("discord/delete-message", { body: { message: message.id } }), "danger"];
  const mayDelete = message.author.id === place.user.id || place.guild?.owner_id === place.user.id;
  const text = message.content || texts(message.components).join("\n");
  menu("Message", [
    ["Reply", () => replyTo(message)],
    ["Forward here", () => ask("discord/message", { body: { ...where(), forward: message.id } })],
    ...(message.ephemeral ? [] : [
      ["Add reaction …", () => menu("Reactions", reactionsTo(message), at)],
      ["Pin message", () => ask("discord/pin", { body: { user: place.user.id, message: message.id } })],
    ]),
    ...(canStartThread(message) ? [["Create thread", () => startThread(message)]] : []),
    ...apps,
    ...(text ? [["Copy text", () => navigator.clipboard.writeText(text)]] : []),
    ...(mayDelete ? [remove] : []),
  ], at);
}

/** A few Unicode emoji, and the server's own. */
const reactionsTo = (message) => [
  ...REACTIONS.map((emoji) => [emoji, () => react(message, emoji)]),
  ...emojis().map((emoji) => [choice(emoji, customEmoji(emoji.name, emoji.id, emoji.animated)), () => react(message, `${emoji.name}:${emoji.id}`)]),
];
const canStartThread = (message) => [TEXT, ANNOUNCEMENT].includes(place.channel.type) && !message.thread && !message.ephemeral;

/** Name the thread after the message, as Discord suggests. */
async function startThread(message) {
  const name = (message.content || texts(message.components)[0] || "New thread").split("\n")[0].slice(0, LONGEST_NAME);
  const thread = await ask("discord/thread", { body: { ...where(), name, message: message.id } });
  location.hash = `${place.user.username}/${thread.id}`;
}

async function run(command, message) {
  const problem = await act("discord/command", { ...where(), name: command.name, target: message.id });
  if (problem) toast(problem);
}

const texts = (components) => components.flatMap((component) => [component.content, ...texts(component.components ?? [])]).filter(Boolean);
