// The messages of the current channel, in order. Only a message that has changed is rendered again.
import { act, react } from "./actions.js";
import { ask } from "./api.js";
import { byId, h } from "./dom.js";
import { renderMessage } from "./message.js";
import { messageMenu } from "./message_menu.js";
import { place, where } from "./place.js";
import { toast } from "./popup.js";
import { contentChanged, follow } from "./scrolling.js";
import { welcome } from "./welcome.js";

const messages = new Map(); // by id
const dismissed = new Set();
const log = () => byId("log");

export function prepare() {
  log().addEventListener("click", (event) => {
    const link = event.target.closest("a[data-message]");
    if (!link) return;
    event.preventDefault();
    handlers.jump(link.dataset.message);
  });
}

/** Load the messages of the current channel. */
export async function load() {
  const requested = where();
  const found = await ask("discord/messages", { query: requested });
  if (requested.user !== where().user || requested.channel !== where().channel) return; // the member has moved on
  messages.clear();
  for (const message of found) if (!dismissed.has(message.id)) messages.set(message.id, message);
  log().replaceChildren(welcome(), ...[...messages.values()].map((message, index, all) => renderMessage(message, all[index - 1], handlers)));
  follow();
}

/** Show the bot's current commands in the welcome text. */
export function updateWelcome() {
  const old = log().querySelector(".welcome");
  const isUnfolded = old?.querySelector("details")?.open;
  old?.replaceWith(welcome());
  if (isUnfolded) log().querySelector(".welcome details")?.setAttribute("open", "");
}

/** Apply an event of the local Discord. Returns whether it belongs to the current channel. */
export function handleEvent({ kind, data }) {
  const message = data.message ?? data;
  if (data.seen_by && data.seen_by !== place.user.id) return false;
  if (!isShownHere(message.channel_id)) return false;
  if (kind === "message_delete") remove(data.id);
  else if (!dismissed.has(message.id)) show(message);
  return true;
}

function remove(id) {
  messages.delete(id);
  byId(`m${id}`)?.remove();
  for (const message of messages.values()) if (message.referenced_message?.id === id) show({ ...message, referenced_message: null });
}

/** Render a new message, or render one again in its place. */
function show(message) {
  const before = [...messages.values()].filter((other) => BigInt(other.id) < BigInt(message.id)).at(-1);
  const rendered = renderMessage(message, before, handlers);
  const old = byId(`m${message.id}`);
  messages.set(message.id, message);
  if (old) replace(old, rendered);
  else log().append(rendered);
  contentChanged({ isNew: !old });
}

/** Replace a message's element; a focused button keeps its focus. */
function replace(old, rendered) {
  keepPictures(old, rendered);
  const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  old.replaceWith(rendered);
  if (focused) [...rendered.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
}

function isShownHere(channelId) {
  return channelId === (place.channel.id === "dm" ? place.world.dms[place.user.id] : place.channel.id);
}

/** Move pictures that are already loaded into the new element, so that nothing flickers while others arrive. */
function keepPictures(old, rendered) {
  const path = (image) => image.src.split("?")[0];
  const loaded = new Map([...old.querySelectorAll("img")].map((image) => [path(image), image]));
  for (const image of rendered.querySelectorAll("img")) {
    const same = loaded.get(path(image));
    if (same) {
      same.alt = image.alt;
      image.replaceWith(same);
      loaded.delete(path(image));
    }
  }
}

const handlers = {
  menu: messageMenu,
  react,
  jump: (id) => {
    const found = byId(`m${id}`);
    found?.scrollIntoView({ block: "center" });
    found?.focus();
  },
  dismiss: (message) => {
    dismissed.add(message.id);
    messages.delete(message.id);
    byId(`m${message.id}`)?.remove();
  },
  press: async (message, component, values) => {
    byId(`m${message.id}`).classList.add("pressed");
    const problem = await act("discord/press", { user: place.user.id, message: message.id, button: component.custom_id, values });
    byId(`m${message.id}`)?.classList.remove("pressed");
    if (problem) toast(problem);
  },
};
