// The bot's commands that the current member can use in the current channel.
import { ask } from "./api.js";
import { where } from "./place.js";

const SLASH = 1, MESSAGE = 3, SUB_COMMAND = 1, SUB_GROUP = 2;
let offered = [];

export async function loadCommands() {
  offered = (await ask("discord/commands", { query: where() })).map(localized);
}

/** Add the member's language to a command, an option or a choice; `name` stays what is sent to Discord. */
function localized(item) {
  return {
    ...item,
    label: item.name_localized ?? item.name,
    description: item.description_localized ?? item.description,
    options: item.options?.map(localized),
    choices: item.choices?.map(localized),
  };
}

/** The slash commands, with each subcommand as its own entry: {name, description, options, forAdmins}. */
export function slashCommands() {
  return offered.filter(({ type }) => type === SLASH).flatMap((command) => flatten(command, command.name).map((one) => ({ ...one, forAdmins: isForAdmins(command) })));
}

/** A command with default permissions is hidden from members without them. */
const isForAdmins = (command) => (command.default_member_permissions ?? null) !== null;

export const messageCommands = () => offered.filter(({ type }) => type === MESSAGE);

function flatten(command, name) {
  const inner = (command.options ?? []).filter(({ type }) => [SUB_COMMAND, SUB_GROUP].includes(type));
  if (inner.length) return inner.flatMap((option) => flatten(option, `${name} ${option.name}`));
  return [{ name, description: command.description, options: command.options ?? [] }];
}
