// The page's entry point: loads the world, handles events, and switches member and channel.
import { onModal } from "./actions.js";
import { ask, listen, Refusal } from "./api.js";
import { loadCommands } from "./commands.js";
import * as composer from "./composer.js";
import { byId } from "./dom.js";
import * as drawer from "./drawer.js";
import * as messages from "./messages.js";
import { openModal } from "./modal.js";
import * as place from "./place.js";
import { toast } from "./popup.js";
import * as scrolling from "./scrolling.js";
import { markUnread, sidebar } from "./sidebar.js";

async function go(user, channel) {
  document.body.classList.remove("nav-open");
  place.go(user, channel);
  await showPlace();
}

async function showPlace() {
  sidebar(go);
  composer.reset();
  await Promise.all([messages.load(), refreshCommands(), drawer.updateBot(), drawer.show()]);
}

async function refreshCommands() {
  await loadCommands();
  messages.updateWelcome();
}

async function start() {
  try {
    place.settle(await ask("discord/world"));
    await showPlace();
    document.body.dataset.ready = "true";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toast(error.message);
  }
}

const HANDLERS = {
  message_create: (event) => messages.handleEvent(event) || markElsewhere(event.data),
  message_update: messages.handleEvent,
  message_delete: messages.handleEvent,
  channel: reload,
  guild: reload,
  commands: refreshCommands,
  requests: ({ data }) => drawer.showRequests(data),
  log: ({ data }) => drawer.addCall(data),
  gateway: drawer.updateBot,
  bot: drawer.updateBot,
};

/** Load the world again after a channel, thread or server has changed. */
async function reload() {
  place.settle(await ask("discord/world"));
  sidebar(go);
  await Promise.all([refreshCommands(), drawer.show()]);
}

function markElsewhere({ message, seen_by: seenBy }) {
  if (!seenBy || seenBy === place.place.user.id) markUnread(message.channel_id);
}

/** The theme that the member chose, or else the system's. */
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => localStorage.getItem("theme") ?? (systemIsDark.matches ? "dark" : "light");
const showTheme = () => (document.documentElement.dataset.theme = theme());

systemIsDark.addEventListener("change", showTheme);
showTheme();
byId("theme").onclick = () => {
  localStorage.setItem("theme", theme() === "dark" ? "light" : "dark");
  showTheme();
};
byId("nav").onclick = () => document.body.classList.toggle("nav-open");
byId("main").addEventListener("click", (event) => event.target.closest("#nav") || document.body.classList.remove("nav-open"));
addEventListener("hashchange", start);
onModal(openModal);
messages.prepare();
scrolling.prepare();
composer.prepare();
drawer.prepare();
listen({
  event: (event) => HANDLERS[event.kind]?.(event),
  opened: start,
  lost: () => (byId("bot-state").textContent = "The local world has stopped. Start it again with: make demo"),
});
