// What can be done with a message: its menu, by right click, long press, or the button beside it.
import { messageCommands } from "./commands.js";
import { replyTo } from "./composer.js";
import { ask } from "./live.js";
import { choice, customEmoji, emojis } from "./expressions.js";
import { act, react } from "./messages.js";
import { place, where } from "./place.js";
import { menu, toast } from "./popup.js";

export function messageMenu(message, at) {
  const apps = messageCommands().map((command) => [`Apps › ${command.label}`, () => run(command, message)]);
  const remove = ["Delete message", () => ask("discord/delete-message", { body: { message: message.id } }), "danger"];
  const may = message.author.id === place.user.id || place.guild?.owner_id === place.user.id;
  const words = message.content || texts(message.components).join("\n");
  menu("Message", [
    ["Reply", () => replyTo(message)],
    ["Forward here", () => ask("discord/message", { body: { ...where(), forward: message.id } })],
    ...(message.ephemeral ? [] : [
      ["Add a reaction …", () => menu("Reactions", reactionsTo(message), at)],
      ["Pin message", () => ask("discord/pin", { body: { user: place.user.id, message: message.id } })],
    ]),
    ...(mayThread(message) ? [["Start a thread", () => startThread(message)]] : []),
    ...apps,
    ...(words ? [["Copy text", () => navigator.clipboard.writeText(words)]] : []),
    ...(may ? [remove] : []),
  ], at);
}

/** A few of Unicode's, and this server's own. */
const reactionsTo = (message) => [
  ...REACTIONS.map((one) => [one, () => react(message, one)]),
  ...emojis().map((one) => [choice(one, customEmoji(one.name, one.id, one.animated)), () => react(message, `${one.name}:${one.id}`)]),
];
const REACTIONS = ["👍", "❤️", "😂", "🔥", "👀"];
const TEXT = 0, ANNOUNCEMENT = 5, LONGEST_NAME = 40;
const mayThread = (message) => [TEXT, ANNOUNCEMENT].includes(place.channel.type) && !message.thread && !message.ephemeral;

/** Named after what is said, as Discord suggests. */
async function startThread(message) {
  const name = (message.content || texts(message.components)[0] || "New thread").split("\n")[0].slice(0, LONGEST_NAME);
  const thread = await ask("discord/thread", { body: { ...where(), name, message: message.id } });
  location.hash = `${place.user.username}/${thread.id}`;
}

async function run(command, message) {
  const wrong = await act("discord/command", { ...where(), name: command.name, target: message.id });
  if (wrong) toast(wrong);
}

const texts = (list) => list.flatMap((one) => [one.content, ...texts(one.components ?? [])]).filter(Boolean);
