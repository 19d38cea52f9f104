// What a member does that the bot answers: commands, button presses, modals; and reactions.
import { ask, Refusal } from "./api.js";
import { place } from "./place.js";
import { toast } from "./popup.js";
import { follow } from "./scrolling.js";

const SHOW_MODAL = 9;
let openModal = () => {};

/** Set the function that opens the bot's modals: `open(interactionId, data)`. */
export const onModal = (open) => (openModal = open);

/** Act as a member and wait for the bot. Returns the reason for a failure, or "". */
export async function act(path, body) {
  try {
    const found = await ask(path, { body: { ...body, wait: true } });
    if (found.message && path !== "discord/press") follow();
    if (found.answer?.type === SHOW_MODAL) openModal(found.interaction, found.answer.data);
    return found.failed ?? "";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.message;
  }
}

/** Add a reaction to a message, or remove it. */
export async function react(message, emoji, remove = false) {
  const body = { user: place.user.id, message: message.id, emoji, remove };
  await ask("discord/react", { body }).catch((error) => (error instanceof Refusal ? toast(error.message) : Promise.reject(error)));
}
