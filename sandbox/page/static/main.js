// Puts the page together: loads the world, follows what happens, and takes people to places.
import { loadCommands } from "./commands.js";
import * as composer from "./composer.js";
import { byId } from "./dom.js";
import * as drawer from "./drawer.js";
import { ask, listen, Refusal } from "./live.js";
import * as messages from "./messages.js";
import * as place from "./place.js";
import { toast } from "./popup.js";
import { mark, sidebar } from "./sidebar.js";

async function go(user, channel) {
  document.body.classList.remove("nav-open");
  place.go(user, channel);
  await arrive();
}

async function arrive() {
  sidebar(go);
  composer.reset();
  await Promise.all([messages.load(), offered(), drawer.bot(), drawer.show()]);
}

async function offered() {
  await loadCommands();
  messages.greet();
}

async function start() {
  try {
    place.settle(await ask("discord/world"));
    await arrive();
    document.body.dataset.ready = "true";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toast(error.message);
  }
}

const HEARD = {
  message_create: (event) => messages.heard(event) || elsewhere(event.data),
  message_update: messages.heard,
  message_delete: messages.heard,
  channel: again,
  guild: again,
  commands: offered,
  requests: ({ data }) => drawer.requests(data),
  log: ({ data }) => drawer.called(data),
  gateway: drawer.bot,
  bot: drawer.bot,
};

/** There is another channel, or a thread is in another state. */
async function again() {
  place.settle(await ask("discord/world"));
  sidebar(go);
  await Promise.all([offered(), drawer.show()]);
}

function elsewhere({ message, seen_by: seenBy }) {
  if (!seenBy || seenBy === place.place.user.id) mark(message.channel_id);
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem("theme", name);
}

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
theme(localStorage.getItem("theme") ?? (dark ? "dark" : "light"));
byId("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
byId("nav").onclick = () => document.body.classList.toggle("nav-open");
byId("main").addEventListener("click", (event) => event.target.closest("#nav") || document.body.classList.remove("nav-open"));
addEventListener("hashchange", start);
messages.prepare();
composer.prepare();
drawer.prepare();
listen({
  heard: (event) => HEARD[event.kind]?.(event),
  opened: start,
  lost: () => (byId("bot-state").textContent = "The local world has ended. Start it again: make demo"),
});
