// The beginning of a channel: examples that can be pressed, and the bot's commands.
import { act } from "./actions.js";
import { slashCommands } from "./commands.js";
import { beginCommand } from "./composer.js";
import { h } from "./dom.js";
import { called, holdsPosts, place, where } from "./place.js";
import { toast } from "./popup.js";

// A command's examples are offered where the bot has the command with these options.
const EXAMPLES = [
  { sign: "🌊", about: "one picture", name: "imagine", options: { prompt: "a lighthouse in a storm, oil painting" } },
  { sign: "🍵", about: "a set of four", name: "imagine", options: { prompt: "a tea house through the four seasons", images: 4 } },
  { sign: "🐋", about: "a wide picture", name: "imagine", options: { prompt: "a whale over a sleeping city at dawn", ratio: "21:9" } },
];

export function welcome() {
  const isDirect = place.channel.id === "dm";
  const title = isDirect ? `This is the start of your direct messages with ${called(place.world.bot)}` : `Welcome to ${place.guild ? "#" : ""}${place.channel.name}`;
  const commands = slashCommands();
  const forAll = commands.filter((one) => !one.forAdmins), forAdmins = commands.filter((one) => one.forAdmins);
  const more = matchMedia("(hover: none)").matches ? "Press and hold" : "Right-click";
  const hint = commands.length ? `Type / to see the bot's commands, or pick one below. ${more} a message for more actions.` : "The bot has no commands here.";
  return h("div", { class: "welcome" }, h("h2", {}, title),
    holdsPosts(place.channel) && h("p", {}, "What you write here becomes a post. Its first line is the title."),
    examples(commands), h("p", {}, hint), chips(forAll), forAdmins.length > 0 && folded(forAdmins));
}

function examples(commands) {
  const offered = EXAMPLES.filter(({ name, options }) => {
    const known = commands.find((one) => one.name === name)?.options.map((option) => option.name) ?? [];
    return Object.keys(options).every((option) => known.includes(option));
  });
  if (!offered.length) return null;
  return [h("p", {}, "New here? Press one of these."), h("div", { class: "examples", role: "group", "aria-label": "Examples" }, offered.map(example))];
}

function example({ sign, about, name, options }) {
  const button = h("button", { type: "button", class: "example" }, h("span", { class: "emoji", "aria-hidden": "true" }, sign),
    h("span", {}, h("b", {}, options.prompt), h("small", {}, about)));
  button.onclick = async () => {
    button.disabled = true;
    const problem = await act("discord/command", { ...where(), name, options });
    button.disabled = false;
    if (problem) toast(problem);
  };
  return button;
}

const chips = (commands) =>
  h("div", { class: "row" }, commands.map((command) => h("button", { type: "button", class: "button secondary", title: command.description, onclick: () => beginCommand(command) }, `/${command.name}`)));

const folded = (commands) => h("details", { class: "for-admins" }, h("summary", {}, `For admins (${commands.length})`), chips(commands));
