// The operator's drawer: the services' settings and faults, and their request logs.
import { byId, h } from "./dom.js";
import { ask, Refusal } from "./api.js";
import { place, where } from "./place.js";
import { toast } from "./popup.js";
import { written } from "./timestamps.js";

const SEEDREAM_FAULTS = [
  ["Too many requests (429)", { kind: "error", status: 429, code: "too_many_requests", message: "Too many requests.", retry_after: 3 }],
  ["Internal error (500)", { kind: "error", status: 500, code: "api_error", message: "Internal server error." }],
  ["Gateway error page (524)", { kind: "error", status: 524, body: "html" }],
  ["Balance used up", { kind: "error", status: 403, code: "used_up", message: "The balance is used up." }],
  ["Bill overdue", { kind: "error", code: "AccountOverdueError" }],
  ["Quota reached", { kind: "error", code: "SetLimitExceeded" }],
  ["Wrong address (404)", { kind: "error", code: "no_api" }],
  ["Model not offered", { kind: "error", code: "ModelNotOpen" }],
  ["Options refused", { kind: "error", code: "InvalidParameter" }],
  ["Reference unreadable", { kind: "error", code: "InvalidImageURL.InvalidFormat" }],
  ["Refused by moderation", { kind: "error", status: 403, code: "content_policy_violation", message: "The content was refused by moderation." }],
  ["One picture refused", { kind: "item_refused", index: 0 }],
  ["Fewer pictures", { kind: "fewer", images: 1 }],
  ["Stream cut after one", { kind: "stream_cut", after: 1 }],
  ["Answer lost, but billed", { kind: "answer_lost" }],
  ["No answer for 10 s", { kind: "hang", seconds: 10 }],
  ["Links are dead", { kind: "dead_link" }],
  ["Callback lost", { kind: "callback_lost" }],
  ["Callback 10 s late", { kind: "callback_late", seconds: 10 }],
  ["Callback twice", { kind: "callback_twice" }],
];
const EDITS = { route: "/webhooks/*", method: "PATCH" };
const DISCORD_FAULTS = [
  ["Edits: too many (429)", { ...EDITS, status: 429, retry_after: 3 }],
  ["Edits: unavailable (503)", { ...EDITS, status: 503 }],
  ["Edits: file too large (413)", { ...EDITS, status: 413, code: 40005, message: "Request entity too large" }],
  ["Edits: connection breaks", { ...EDITS, close: true }],
  ["Responses: internal error (500)", { route: "/interactions/*", status: 500 }],
];
const PERMISSIONS = ["VIEW_CHANNEL", "SEND_MESSAGES", "ATTACH_FILES"];
const MOST_CALLS = 40;

export function prepare() {
  byId("operate").onclick = () => toggle(byId("drawer").hidden);
  byId("drawer-close").onclick = () => toggle(false);
  byId("drawer").onkeydown = (event) => event.key === "Escape" && toggle(false);
  const control = (words, name) => action(words, () => ask("discord/bot", { body: { action: name } }));
  byId("bot-actions").append(control("Kill (SIGKILL)", "kill"), control("Start", "start"), control("Restart", "restart"));
}

/** Show whether the bot is connected, and whether its process runs if it is supervised here. */
export async function updateBot() {
  const { connected, supervised, running } = await ask("discord/bot");
  byId("bot-state").textContent = connected ? "" : "The bot is not connected.";
  byId("bot-process").hidden = !supervised;
  byId("bot-running").textContent = running ? "It is running." : "It is not running.";
}

async function toggle(open) {
  byId("drawer").hidden = !open;
  byId("operate").setAttribute("aria-expanded", String(open));
  if (!open) return byId("operate").focus();
  await show();
  byId("drawer-close").focus();
}

/** Render the controls with the services' current settings, for the current channel. */
export async function show() {
  if (byId("drawer").hidden) return;
  const [seedream, discord, log] = await Promise.all(["seedream/settings", "discord/settings", "discord/log"].map((path) => ask(path)));
  byId("calls").replaceChildren(...log.slice(-MOST_CALLS).reverse().map(call));
  byId("seedream-controls").replaceChildren(
    slider("Delay before the first picture", "seedream/settings", "delay", seedream.delay, 15),
    slider("Delay before each further picture", "seedream/settings", "image_interval", seedream.image_interval, 5),
    slider("Layers per decomposition", "seedream/settings", "layers", seedream.layers, 17, { least: 1, step: 1, unit: "" }),
    faults("seedream", SEEDREAM_FAULTS, (await ask("seedream/faults")).faults),
  );
  byId("discord-controls").replaceChildren(
    slider("Latency of each call", "discord/settings", "latency", discord.latency, 3),
    toggleSwitch("Rate limits", discord.rate_limits, (on) => ask("discord/settings", { method: "PATCH", body: { rate_limits: on } })),
    toggleSwitch("Message Content intent granted (restart the bot)", discord.message_content, (on) => ask("discord/settings", { method: "PATCH", body: { message_content: on } })),
    toggleSwitch("Replies to command responses are readable", discord.replies_to_commands_read, (on) => ask("discord/settings", { method: "PATCH", body: { replies_to_commands_read: on } })),
    faults("discord", DISCORD_FAULTS, (await ask("discord/faults")).faults),
    h("div", { class: "actions" },
      action("Drop the connection", () => ask("discord/gateway", { body: { action: "drop" } })),
      action("Ask to reconnect (op 7)", () => ask("discord/gateway", { body: { action: "reconnect" } })),
      action("End the session (op 9)", () => ask("discord/gateway", { body: { action: "invalidate" } })),
      action("Expire interaction tokens", () => ask("discord/kill-tokens", { method: "POST" })),
      action("Delete the bot's latest message", deleteNewest),
      action("Add the bot to another server", joinServer),
      ...(place.guild && hasBot(place.guild) ? [action(`Remove the bot from ${place.guild.name}`, () => ask("discord/remove-bot", { body: { guild: place.guild.id } }))] : []),
    ),
    place.guild ? permissions() : null,
  );
}

const attempt = (promise) => promise.catch((error) => (error instanceof Refusal ? toast(error.message) : Promise.reject(error)));

function action(words, act) {
  return h("button", { type: "button", class: "button secondary", onclick: () => attempt(act()) }, words);
}

/** Delete the bot's latest message in the current channel, as a moderator would. */
async function deleteNewest() {
  const found = (await ask("discord/messages", { query: where() })).filter((one) => one.author.id === place.world.bot.id);
  if (!found.length) throw new Refusal("The bot has no messages here.");
  await ask("discord/delete-message", { body: { message: found.at(-1).id } });
}

const hasBot = (guild) => guild.members.some((one) => one.user.id === place.world.bot.id);

/** Add the bot to a server that it isn't in, or to a new server of the current member. */
async function joinServer() {
  const without = place.world.guilds.find((guild) => !hasBot(guild));
  const { name } = await ask("discord/join", { body: { guild: without?.id ?? `Server ${place.world.guilds.length + 1}`, owner: place.user.id } });
  toast(`The bot has joined ${name}.`);
}

function slider(words, path, key, value, most, { least = 0, step = 0.1, unit = " s" } = {}) {
  const shown = h("output", {}, `${value}${unit}`);
  const input = h("input", { type: "range", min: String(least), max: String(most), step: String(step), "aria-label": words });
  input.value = value;
  input.oninput = () => (shown.textContent = `${input.value}${unit}`);
  input.onchange = () => attempt(ask(path, { method: "PATCH", body: { [key]: Number(input.value) } }));
  return h("label", { class: "slider" }, h("span", {}, words, shown), input);
}

function toggleSwitch(words, on, change) {
  const input = h("input", { type: "checkbox", role: "switch", checked: on });
  input.onchange = () => attempt(change(input.checked));
  return h("label", { class: "switch" }, input, h("span", {}, words));
}

/** Each fault as a switch (every time, until switched off) and as a button (the next time only). */
function faults(service, table, waiting) {
  const same = (body, fault) => Object.entries(body).every(([key, value]) => fault[key] === value);
  const always = new Set(table.filter(([, body]) => waiting.some((one) => one.times === null && same(body, one))));
  const add = (body, times) => ask(`${service}/faults`, { body: { ...body, times } });
  const change = async (row, on) => {
    if (on) return always.add(row), add(row[1], null);
    always.delete(row);
    await ask(`${service}/faults`, { method: "DELETE" });
    for (const [, body] of always) await add(body, null);
  };
  return h("div", { class: "faults" }, h("p", {}, "Switch: every time. ", h("b", {}, "once"), ": next time only."), table.map((row) =>
    h("div", { class: "fault" },
      toggleSwitch(row[0], always.has(row), (on) => change(row, on)),
      h("button", { type: "button", class: "link-like", "aria-label": `${row[0]}: once`, onclick: () => attempt(add(row[1], 1)) }, "once"))));
}

function permissions() {
  const bot = place.world.bot.id;
  const denied = new Set(place.channel.permission_overwrites.filter((one) => one.id === bot).flatMap((one) => PERMISSIONS.filter((name) => BigInt(one.deny) & BITS[name])));
  const change = (name) => async (on) => {
    if (on) denied.delete(name);
    else denied.add(name);
    const channel = await ask("discord/permissions", { body: { channel: place.channel.id, deny: [...denied] } });
    place.channel.permission_overwrites = channel.permission_overwrites;
  };
  const words = { VIEW_CHANNEL: "view the channel", SEND_MESSAGES: "send messages", ATTACH_FILES: "attach files" };
  return h("fieldset", {}, h("legend", {}, `In #${place.channel.name} the bot can`), PERMISSIONS.map((name) => toggleSwitch(words[name], !denied.has(name), change(name))));
}

const BITS = { VIEW_CHANNEL: 1n << 10n, SEND_MESSAGES: 1n << 11n, ATTACH_FILES: 1n << 15n };

const time = (seconds) => written(new Date(seconds * 1000), "T");
const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
const entry = (status, words, facts) =>
  h("li", {}, h("b", { class: parseInt(status) >= 400 ? "bad" : "" }, status), h("span", {}, words), h("small", {}, facts.filter(Boolean).join(" · ")));

/** Show the local SeeDream's requests, newest first. */
export function showRequests({ requests: log, totals }) {
  byId("totals").textContent = `${counted(totals.requests, "request")} · ${counted(totals.images, "picture")} · ${totals.billed} billed · ${counted(totals.lookups, "task look-up")}`;
  byId("requests").replaceChildren(...[...log].reverse().map((one) =>
    entry([one.status || "…", one.code].filter(Boolean).join(" "), one.prompt, [
      time(one.at), `${counted(one.images, "picture")}, ${one.billed} billed`, one.mode, one.model.replace("doubao-", ""),
      one.references.length && counted(one.references.length, "reference"), one.task_id && `task ${one.task_id}`, one.callbacks.length && counted(one.callbacks.length, "callback"),
    ])));
}

const call = (one) => entry(one.status, `${one.method} ${one.path.replace(/\d{13,}(?=\d{4})/g, "…")}`, [time(one.at)]);

/** Add a REST call of the bot to the list. */
export function addCall(one) {
  if (byId("drawer").hidden) return; // opening it loads them
  byId("calls").prepend(call(one));
  byId("calls").children[MOST_CALLS]?.remove();
}
