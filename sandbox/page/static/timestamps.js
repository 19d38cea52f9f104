// Renders Discord timestamps in the member's language and by the reader's clock, and keeps relative ones up to date.
// Source: Discord API reference, "Message Formatting", Timestamp Styles.
import { h } from "./dom.js";
import { locale } from "./place.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** Render `<t:seconds:style>`. */
export function timestamp(seconds, style = "f") {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return "Invalid Date";
  const props = { class: "timestamp", datetime: at.toISOString(), title: written(at, "F") };
  if (style === "R") return h("time", { ...props, "data-relative": String(seconds) }, relative(seconds));
  return h("time", props, written(at, style));
}

/** Render the time of a message, as Discord shows it beside the author: today's without the date. */
export function clock(iso) {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return h("time", { datetime: iso, title: written(at, "F") }, written(at, isToday ? "t" : "s"));
}

/** Write a date in the member's language. */
export const written = (at, style) => new Intl.DateTimeFormat(locale(), STYLES[style]).format(at);

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(away) >= one) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(away / size), unit);
}

setInterval(() => {
  for (const one of document.querySelectorAll("time[data-relative]")) {
    const now = relative(Number(one.dataset.relative));
    if (one.textContent !== now) one.textContent = now;
  }
}, 1000);
