// The messages of the place that is looked at: kept in order, drawn again only where one has changed.
import { slashCommands } from "./commands.js";
import { begin } from "./composer.js";
import { byId, h } from "./dom.js";
import { ask, Refusal } from "./live.js";
import { draw } from "./message.js";
import { messageMenu } from "./menu.js";
import { openModal } from "./modal.js";
import { called, holdsPosts, place, where } from "./place.js";
import { toast } from "./popup.js";

const kept = new Map(); // id -> message
const dismissed = new Set();
const SHOW_MODAL = 9;
const NEAR_END = 120; // pixels: who has scrolled up further is reading, and is left there

const log = () => byId("log");
let staying = true; // at the end: what comes, and what grows, is followed
const atEnd = () => log().scrollHeight - log().scrollTop - log().clientHeight < NEAR_END;
const toEnd = () => (log().scrollTop = log().scrollHeight);

/** Go to the end, and follow what comes: who says something wants to see the answer. */
export function follow() {
  staying = true;
  byId("newer").hidden = true;
  toEnd();
}

export function prepare() {
  byId("newer").onclick = follow;
  new ResizeObserver(() => staying && toEnd()).observe(log()); // what is written below it grows
  log().addEventListener("scroll", () => {
    staying = atEnd();
    if (staying) byId("newer").hidden = true;
  });
  log().addEventListener("load", () => staying && toEnd(), { capture: true }); // a picture has got its height
  log().addEventListener("click", (event) => {
    const message = event.target.closest("a[data-message]");
    if (!message) return;
    event.preventDefault();
    on.jump(message.dataset.message);
  });
}

export async function load() {
  const at = where();
  const found = await ask("discord/messages", { query: at });
  if (at.user !== where().user || at.channel !== where().channel) return; // gone elsewhere meanwhile
  kept.clear();
  for (const one of found) if (!dismissed.has(one.id)) kept.set(one.id, one);
  log().replaceChildren(welcome(), ...[...kept.values()].map((one, index, all) => draw(one, all[index - 1], on)));
  follow();
}

function welcome() {
  const words = place.channel.id === "dm" ? `This is between you and ${called(place.world.bot)}` : `Welcome to ${place.guild ? "#" : ""}${place.channel.name}`;
  const chips = slashCommands().map((one) => h("button", { type: "button", class: "button secondary", title: one.description, onclick: () => begin(one) }, `/${one.name}`));
  return h("div", { class: "welcome" }, h("h2", {}, words),
    holdsPosts(place.channel) && h("p", {}, "What you write here becomes a post; its first line is the title."),
    h("p", {}, chips.length ? "Type / for the bot's commands, or begin with one of these. Right-click a message for more." : "The bot offers no commands here."),
    h("div", { class: "row" }, chips));
}

/** What the bot offers has changed. */
export const greet = () => log().querySelector(".welcome")?.replaceWith(welcome());

/** Take an event of the local Discord. True if it is about what is shown here. */
export function heard({ kind, data }) {
  const message = data.message ?? data;
  if (data.seen_by && data.seen_by !== place.user.id) return false;
  if (!shownHere(message.channel_id)) return false;
  if (kind === "message_delete") {
    kept.delete(data.id);
    byId(`m${data.id}`)?.remove();
    for (const one of kept.values()) if (one.referenced_message?.id === data.id) put({ ...one, referenced_message: null });
    return true;
  }
  if (!dismissed.has(message.id)) put(message);
  return true;
}

/** Show a message, or show it again as it is now. */
function put(message) {
  const before = [...kept.values()].filter((one) => BigInt(one.id) < BigInt(message.id)).at(-1);
  const drawn = draw(message, before, on);
  const old = byId(`m${message.id}`);
  kept.set(message.id, message);
  if (old) {
    keepPictures(old, drawn);
    const focused = old.contains(document.activeElement) ? document.activeElement.textContent : null;
    old.replaceWith(drawn);
    if (focused) [...drawn.querySelectorAll("button")].find((one) => one.textContent === focused)?.focus();
  } else {
    log().append(drawn);
  }
  if (staying) toEnd();
  else if (!old) byId("newer").hidden = false;
}

function shownHere(channelId) {
  return channelId === (place.channel.id === "dm" ? place.world.dms[place.user.id] : place.channel.id);
}

/** A picture that is there already is moved, not loaded again: nothing flickers while others arrive. */
function keepPictures(old, drawn) {
  const path = (image) => image.src.split("?")[0];
  const there = new Map([...old.querySelectorAll("img")].map((image) => [path(image), image]));
  for (const image of drawn.querySelectorAll("img")) {
    const same = there.get(path(image));
    if (same) {
      same.alt = image.alt;
      image.replaceWith(same);
      there.delete(path(image));
    }
  }
}

const on = {
  menu: (message, at) => messageMenu(message, at),
  react,
  jump: (id) => {
    const found = byId(`m${id}`);
    found?.scrollIntoView({ block: "center" });
    found?.focus();
  },
  dismiss: (message) => {
    dismissed.add(message.id);
    kept.delete(message.id);
    byId(`m${message.id}`)?.remove();
  },
  press: async (message, component, values) => {
    const drawn = byId(`m${message.id}`);
    drawn.classList.add("pressed");
    const wrong = await act("discord/press", { user: place.user.id, message: message.id, button: component.custom_id, values });
    byId(`m${message.id}`)?.classList.remove("pressed");
    if (wrong) toast(wrong);
  },
};

/** React to a message, or take a reaction back. */
export async function react(message, emoji, remove = false) {
  const body = { user: place.user.id, message: message.id, emoji, remove };
  await ask("discord/react", { body }).catch((error) => (error instanceof Refusal ? toast(error.message) : Promise.reject(error)));
}

/** Do something as a member and wait for the bot; what it opens is opened. Why it went wrong, or "". */
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
