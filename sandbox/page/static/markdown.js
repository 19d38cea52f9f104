// Renders Discord's markdown as DOM elements, so that no message can add markup to the page.
// Source: Discord Help Center, "Markdown Text 101", and the API reference, "Message Formatting".
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { customEmoji } from "./expressions.js";
import { channelName, name, role } from "./place.js";
import { timestamp } from "./timestamps.js";

// Tried in this order at each position.
const INLINE = [
  [/^\\([^0-9A-Za-z\s])/, ([, char]) => char],
  [/^(`{1,2})(.+?)\1(?!`)/s, ([, , code]) => h("code", {}, code.trim())],
  [/^<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/, ([, at, style]) => timestamp(Number(at), style)],
  [/^<@!?(\d+)>/, ([, id]) => h("span", { class: "mention" }, `@${name(id)}`)],
  [/^<@&(\d+)>/, ([, id]) => h("span", { class: "mention" }, `@${role(id)?.name.replace(/^@/, "") ?? "unknown role"}`)],
  [/^<(a?):(\w+):(\d+)>/, ([, animated, word, id]) => customEmoji(word, id, Boolean(animated))],
  [/^<#(\d+)>/, ([, id]) => h("span", { class: "mention" }, `#${channelName(id) ?? "unknown"}`)],
  [/^<\/([^:>]+):\d+>/, ([, command]) => h("span", { class: "mention" }, `/${command}`)],
  [/^@(everyone|here)\b/, ([all]) => h("span", { class: "mention" }, all)],
  [/^\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, ([, words, url]) => link(url, inline(words))],
  [/^<(https?:\/\/[^\s>]+)>/, ([, url]) => link(url, url)],
  [/^https?:\/\/[^\s<]*[^\s<.,:;"')\]]/, ([url]) => link(url, url)],
  [/^\*\*\*(?=\S)((?:\\.|[^\\])+?)\*\*\*/s, ([, words]) => h("strong", {}, h("em", {}, inline(words)))],
  [/^\*\*(?=\S)((?:\\.|[^\\])+?)\*\*(?!\*)/s, ([, words]) => h("strong", {}, inline(words))],
  [/^__(?=\S)((?:\\.|[^\\])+?)__(?!_)/s, ([, words]) => h("u", {}, inline(words))],
  [/^\*(?=\S)((?:\\.|[^*\\])+?)\*(?!\*)/s, ([, words]) => h("em", {}, inline(words))],
  [/^_(?=\S)((?:\\.|[^_\\])+?)_(?![_\w])/s, ([, words]) => h("em", {}, inline(words))],
  [/^~~(?=\S)(.+?)~~/s, ([, words]) => h("s", {}, inline(words))],
  [/^\|\|(?=\S)(.+?)\|\|/s, ([, words]) => spoiler(inline(words))],
  [/^[^\\`<@[h*_~|]+|^[\s\S]/, ([text]) => withEmoji(text)],
];

const BLOCKS = [
  [/^```(?:[\w+-]*\n)?([\s\S]+?)\n?```\n?/, ([, code]) => h("pre", {}, h("code", {}, code))],
  [/^(#{1,3}) +([^\n]+)\n?/, ([, level, words]) => h("p", { class: `heading-${level.length}` }, inline(words))],
  [/^-# +([^\n]+)\n?/, ([, words]) => h("p", { class: "subtext" }, inline(words))],
  [/^>>> ([\s\S]+)/, ([, words]) => h("blockquote", {}, markdown(words))],
  [/^(?:> [^\n]*(?:\n|$))+/, ([words]) => h("blockquote", {}, markdown(words.replace(/^> /gm, "").trimEnd()))],
  [/^(?: *[-*] [^\n]+(?:\n|$))+/, ([items]) => h("ul", {}, list(items, /^ *[-*] /))],
  [/^(?: *\d+\. [^\n]+(?:\n|$))+/, ([items]) => h("ol", {}, list(items, /^ *\d+\. /))],
];
const BLOCK_START = /\n(?=#{1,3} |-# |> |>>> | *[-*] | *\d+\. )|(?=```)/;

export function markdown(text) {
  const found = [];
  for (let rest = text; rest; ) {
    const [taken, element] = first(BLOCKS, rest) ?? paragraph(rest);
    found.push(element);
    rest = rest.slice(taken);
  }
  return found;
}

function paragraph(text) {
  const end = text.slice(1).search(BLOCK_START);
  const part = end < 0 ? text : text.slice(0, end + 1);
  return [part.length + (text[part.length] === "\n" ? 1 : 0), h("p", {}, inline(part))];
}

function inline(text) {
  const found = [];
  for (let rest = text; rest; ) {
    const [taken, part] = first(INLINE, rest);
    found.push(part);
    rest = rest.slice(taken);
  }
  return found.flat();
}

function first(rules, text) {
  for (const [pattern, make] of rules) {
    const match = pattern.exec(text);
    if (match) return [match[0].length, make(match)];
  }
  return null;
}

/** The same as plain text, for one line. */
export const plain = (text) => h("span", {}, inline(text)).textContent;

const list = (items, mark) => items.trimEnd().split("\n").map((item) => h("li", {}, inline(item.replace(mark, ""))));

function link(url, words) {
  const message = /^https:\/\/discord\.com\/channels\/[^/]+\/\d+\/(\d+)$/.exec(url);
  if (!message) return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);
  // A message of the local world: never link to the real Discord.
  return h("a", { href: `#m${message[1]}`, "data-message": message[1] }, words);
}

function spoiler(words) {
  const hidden = h("button", { class: "spoiler", type: "button", "aria-label": "Spoiler: press to reveal" }, words);
  hidden.onclick = () => hidden.replaceWith(h("span", { class: "spoiler-shown" }, words));
  return hidden;
}
