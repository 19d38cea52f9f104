// The commands that the bot has registered, as the place and the person may use them.
import { ask } from "./live.js";
import { where } from "./place.js";

const SLASH = 1, MESSAGE = 3, SUB_COMMAND = 1, SUB_GROUP = 2;
let offered = [];

export async function loadCommands() {
  offered = (await ask("discord/commands", { query: where() })).map(said);
}

/** A command, an option or a choice in its reader's language; the names that are sent stay as they are. */
function said(one) {
  return {
    ...one,
    label: one.name_localized ?? one.name,
    description: one.description_localized ?? one.description,
    options: one.options?.map(said),
    choices: one.choices?.map(said),
  };
}

/** Slash commands, each subcommand on a line of its own: {name, description, options}. */
export function slashCommands() {
  return offered.filter((one) => one.type === SLASH).flatMap((one) => flat(one, one.name));
}

export const messageCommands = () => offered.filter((one) => one.type === MESSAGE);

function flat(command, name) {
  const inner = (command.options ?? []).filter((one) => [SUB_COMMAND, SUB_GROUP].includes(one.type));
  if (inner.length) return inner.flatMap((one) => flat(one, `${name} ${one.name}`));
  return [{ name, description: command.description, options: command.options ?? [] }];
}
