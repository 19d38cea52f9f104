// Renders Discord timestamps by the reader's clock, and keeps relative ones up to date.
import { h } from "./dom.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function timestamp(seconds, style = "f") {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return "Invalid Date";
  const props = { class: "timestamp", datetime: at.toISOString(), title: at.toLocaleString() };
  if (style === "R") return h("time", { ...props, "data-relative": String(seconds) }, words(seconds));
  return h("time", props, new Intl.DateTimeFormat(undefined, STYLES[style]).format(at));
}

/** The time of a message, as Discord shows it beside the author. */
export function clock(iso) {
  const at = new Date(iso);
  const day = at.toDateString() === new Date().toDateString() ? "Today at " : `${at.toLocaleDateString()} `;
  return h("time", { datetime: iso, title: at.toLocaleString() }, day + at.toLocaleTimeString([], { timeStyle: "short" }));
}

function words(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(away) >= one) ?? UNITS.at(-1);
  return relative.format(Math.round(away / size), unit);
}

setInterval(() => {
  for (const one of document.querySelectorAll("time[data-relative]")) {
    const now = words(Number(one.dataset.relative));
    if (one.textContent !== now) one.textContent = now;
  }
}, 1000);
