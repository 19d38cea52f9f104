// The servers, the channels, the people, and who one is.
import { byId, h } from "./dom.js";
import { ask } from "./live.js";
import { avatar } from "./message.js";
import { called, guilds, members, place, rank } from "./place.js";
import { menu } from "./popup.js";

const unread = new Set(); // channel ids

/** Draw it all; `go(user, channel)` takes somebody somewhere. */
export function sidebar(go) {
  unread.delete(place.channel.id);
  const to = (channel) => () => go(place.user.id, channel);
  byId("rail").replaceChildren(
    h("button", { type: "button", class: "server home", title: "Direct messages", "aria-label": "Direct messages", "aria-current": String(!place.guild), onclick: to("dm") }, "✉"),
    h("hr"),
    ...guilds().map((guild) => h("button", { type: "button", class: "server", title: guild.name, "aria-label": guild.name, "aria-current": String(guild === place.guild), onclick: to(guild.channels[0].id) }, guild.name[0])),
  );
  const bot = place.world.bot;
  byId("place-name").textContent = place.guild?.name ?? "Direct messages";
  byId("channels").replaceChildren(
    ...(place.guild
      ? place.guild.channels.map((one) => channelButton(one, to(one.id)))
      : [h("button", { type: "button", class: "channel", "aria-current": "true" }, avatar(bot, "small"), called(bot))]),
  );
  byId("channel-name").textContent = place.guild ? `# ${place.channel.name}` : `@ ${called(bot)}`;
  document.title = `${place.guild ? `#${place.channel.name}` : called(bot)} – SeeDream sandbox`;
  const there = place.guild ? place.guild.members.map((one) => one.user) : [place.user, bot];
  byId("people").replaceChildren(
    h("h2", {}, `In here — ${there.length}`),
    h("ul", {}, there.map((user) => h("li", {}, avatar(user, "small"), h("span", {}, called(user), user.bot && h("span", { class: "badge" }, "APP"), h("small", {}, user.bot ? "the bot" : place.guild ? rank(place.guild, user.id) : ""))))),
  );
  const me = byId("me");
  me.replaceChildren(avatar(place.user, "small"), h("span", {}, called(place.user), h("small", {}, `You are · ${language()} · change`)));
  const at = () => me.getBoundingClientRect();
  const people = members().map((user) => [[avatar(user, "small"), h("span", {}, called(user), h("small", {}, about(user)))], () => go(user.id, place.guild ? place.channel.id : "dm")]);
  const speak = async (locale) => {
    await ask("discord/locale", { body: { user: place.user.id, locale } });
    place.world.locales[place.user.id] = locale;
    go(place.user.id, place.channel.id);
  };
  const languages = Object.entries(LANGUAGES).map(([locale, name]) => [name, () => speak(locale)]);
  me.onclick = () => menu("Who you are", [...people, [`Language: ${language()} …`, () => menu("Language", languages, at())]], at());
}

// Of Discord's clients; a bot is told which one its member has chosen.
const LANGUAGES = { "en-US": "English", de: "Deutsch", "es-ES": "Español", fr: "Français", "pt-BR": "Português", "zh-CN": "简体中文", ja: "日本語", ko: "한국어" };
const language = () => LANGUAGES[place.world.locales[place.user.id] ?? "en-US"] ?? place.world.locales[place.user.id];

function channelButton(one, onclick) {
  const marks = [one.nsfw && h("span", { class: "mark", title: "age-restricted" }, "18+")];
  return h("button", { type: "button", class: `channel ${unread.has(one.id) ? "unread" : ""}`, "data-channel": one.id, "aria-current": String(one === place.channel), onclick }, h("span", { "aria-hidden": "true" }, "#"), one.name, marks);
}

const about = (user) =>
  place.world.guilds.filter((guild) => guild.members.some((one) => one.user.id === user.id)).map((guild) => `${rank(guild, user.id)} of ${guild.name}`).join(", ");

/** Something was said elsewhere. */
export function mark(channelId) {
  unread.add(channelId);
  document.querySelector(`[data-channel="${channelId}"]`)?.classList.add("unread");
}
