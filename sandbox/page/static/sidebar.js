// The servers, channels and people, and the current member.
import { byId, h } from "./dom.js";
import { ask } from "./api.js";
import { avatar } from "./message.js";
import { called, categories, groups, guilds, locale, members, place, rank, rooms, threads } from "./place.js";
import { menu } from "./popup.js";

const unread = new Set(); // channel ids

/** Render all of it; `go(user, channel)` switches member and channel. */
export function sidebar(go) {
  unread.delete(place.channel.id);
  const to = (channel) => () => go(place.user.id, channel);
  byId("rail").replaceChildren(
    h("button", { type: "button", class: "server home sign", title: "Direct messages", "aria-label": "Direct messages", "aria-current": String(!place.guild), onclick: to("dm") }, "✉"),
    h("hr"),
    ...guilds().map((guild) => h("button", { type: "button", class: "server", title: guild.name, "aria-label": guild.name, "aria-current": String(guild === place.guild), onclick: to(rooms(guild)[0].id) }, guild.name[0])),
  );
  const bot = place.world.bot;
  byId("place-name").textContent = place.guild?.name ?? "Direct messages";
  byId("channels").replaceChildren(
    ...(place.guild
      ? channelList(place.guild, to)
      : [
          h("button", { type: "button", class: "channel", "aria-current": String(place.channel.id === "dm"), onclick: to("dm") }, avatar(bot, "small"), called(bot)),
          ...groups().map((one) => channelButton(one, to(one.id))),
        ]),
  );
  const named = place.channel.id === "dm" ? `@ ${called(bot)}` : `${sign(place.channel)} ${place.channel.name}`;
  byId("channel-name").textContent = named;
  document.title = `${place.guild ? `#${place.channel.name}` : place.channel.recipients ? place.channel.name : called(bot)} – SeeDream sandbox`;
  const there = place.guild ? place.guild.members.map((one) => one.user) : place.channel.recipients ?? [place.user, bot];
  byId("people").replaceChildren(
    h("h2", {}, `Members — ${there.length}`),
    h("ul", {}, there.map((user) => h("li", {}, avatar(user, "small"), h("span", {}, called(user), user.bot && h("span", { class: "badge" }, "APP"), h("small", {}, user.bot ? "bot" : place.guild ? rank(place.guild, user.id) : ""))))),
  );
  const me = byId("me");
  me.replaceChildren(avatar(place.user, "small"), h("span", {}, called(place.user), h("small", {}, `You · ${language()} · switch`)));
  const at = () => me.getBoundingClientRect();
  const people = members().map((user) => [[avatar(user, "small"), h("span", {}, called(user), h("small", {}, about(user)))], () => go(user.id, place.guild ? place.channel.id : "dm")]);
  const setLanguage = async (chosen) => {
    await ask("discord/locale", { body: { user: place.user.id, locale: chosen } });
    place.world.locales[place.user.id] = chosen;
    go(place.user.id, place.channel.id);
  };
  const languages = Object.entries(LANGUAGES).map(([chosen, name]) => [name, () => setLanguage(chosen)]);
  me.onclick = () => menu("Switch member", [...people, [`Language: ${language()} …`, () => menu("Language", languages, at())]], at());
}

// Languages of Discord's clients; an interaction carries the member's choice.
const LANGUAGES = { "en-US": "English", de: "Deutsch", "es-ES": "Español", fr: "Français", "pt-BR": "Português", "zh-CN": "简体中文", ja: "日本語", ko: "한국어" };
const language = () => LANGUAGES[locale()] ?? locale();

/** The channels of a server under their categories, each with its threads. */
function channelList(guild, to) {
  const under = (parent) => rooms(guild).filter((one) => (one.parent_id ?? null) === parent);
  const withThreads = (one) => [channelButton(one, to(one.id)), ...threads(guild).filter((thread) => thread.parent_id === one.id).map((thread) => channelButton(thread, to(thread.id)))];
  return [
    ...under(null).flatMap(withThreads),
    ...categories(guild).flatMap((category) => [h("h3", { class: "category" }, category.name), ...under(category.id).flatMap(withThreads)]),
  ];
}

const SIGNS = { 2: "🔊", 3: "👥", 5: "📣", 10: "🧵", 11: "🧵", 12: "🔒", 13: "🎙", 15: "🗂", 16: "🖼" };
const sign = (channel) => SIGNS[channel.type] ?? "#";

function channelButton(one, onclick) {
  const state = one.thread_metadata ?? {};
  const marks = [one.nsfw && h("span", { class: "mark", title: "age-restricted" }, "18+"), state.locked && h("span", { class: "mark" }, "locked"), state.archived && h("span", { class: "mark" }, "archived")];
  return h("button", { type: "button", class: `channel ${one.thread_metadata ? "thread " : ""}${unread.has(one.id) ? "unread" : ""}`, "data-channel": one.id, "aria-current": String(one === place.channel), onclick }, h("span", { "aria-hidden": "true" }, sign(one)), one.name, marks);
}

const about = (user) =>
  place.world.guilds.filter((guild) => guild.members.some((one) => one.user.id === user.id)).map((guild) => `${rank(guild, user.id)} of ${guild.name}`).join(", ");

/** Mark a channel that is not shown as unread. */
export function markUnread(channelId) {
  unread.add(channelId);
  document.querySelector(`[data-channel="${channelId}"]`)?.classList.add("unread");
}
