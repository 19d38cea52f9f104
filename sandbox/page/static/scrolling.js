// The scroll position of the message log: it follows new messages unless the member has scrolled up.
import { byId } from "./dom.js";

const NEAR_END = 120; // pixels from the end within which the log keeps following
const log = () => byId("log");
let following = true;

const isAtEnd = () => log().scrollHeight - log().scrollTop - log().clientHeight < NEAR_END;
const scrollToEnd = () => (log().scrollTop = log().scrollHeight);

/** Scroll to the end and follow new messages. */
export function follow() {
  following = true;
  byId("newer").hidden = true;
  scrollToEnd();
}

/** A message was added or changed: scroll down, or offer to. */
export function contentChanged({ isNew }) {
  if (following) scrollToEnd();
  else if (isNew) byId("newer").hidden = false;
}

export function prepare() {
  byId("newer").onclick = follow;
  new ResizeObserver(() => following && scrollToEnd()).observe(log()); // the composer below it grows
  log().addEventListener("scroll", () => {
    following = isAtEnd();
    if (following) byId("newer").hidden = true;
  });
  log().addEventListener("load", () => following && scrollToEnd(), { capture: true }); // a picture has its height now
}
