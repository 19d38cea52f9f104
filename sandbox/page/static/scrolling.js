// The scroll position of the message log: it follows new messages unless the member has scrolled up.
// A message's pictures are never scrolled out at the top by what is below them.
import { byId } from "./dom.js";

const NEAR_END = 120; // pixels from the end within which the log keeps following
const ABOVE_PICTURES = 12; // pixels kept free above them
const log = () => byId("log");
let following = true;
let followedTo = 0; // the position that the log was scrolled to last

const isAtEnd = () => log().scrollHeight - log().scrollTop - log().clientHeight < NEAR_END;

/** Scroll to the end, or only as far as the newest message's pictures stay visible. */
function scrollToEnd() {
  const pictures = log().lastElementChild?.querySelector(".gallery");
  const above = pictures ? pictures.getBoundingClientRect().top - log().getBoundingClientRect().top - ABOVE_PICTURES : Infinity;
  log().scrollTop = Math.min(log().scrollHeight, log().scrollTop + above);
  followedTo = log().scrollTop;
}

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
    following = isAtEnd() || Math.abs(log().scrollTop - followedTo) < 2;
    if (following) byId("newer").hidden = true;
  });
  log().addEventListener("load", () => following && scrollToEnd(), { capture: true }); // a picture has its height now
}
