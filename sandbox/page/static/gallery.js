// Renders 1 to 10 pictures as Discord's mosaic, and each at full size.
import { h } from "./dom.js";

/** Media gallery items: {media: {url, width, height}, description, spoiler}. */
export function gallery(items) {
  const shown = items.map((item, index) => tile(item, () => open(items, index)));
  const sides = items.length === 1 && items[0].media.width;
  const vars = sides ? { "--ratio": items[0].media.width / items[0].media.height, "--width": `${items[0].media.width}px` } : {};
  return h("div", { class: "gallery", "data-count": items.length, vars }, shown);
}

/** A message's attachments that are pictures, as gallery items. */
export const asItems = (attachments) =>
  attachments.map((one) => ({ media: one, description: one.description ?? one.filename, spoiler: one.filename.startsWith("SPOILER_") }));

function tile(item, onclick) {
  const image = h("img", { src: item.media.url, alt: item.description ?? "Picture", loading: "lazy", decoding: "async" });
  const frame = h("button", { type: "button", class: "tile", "aria-label": `Full size: ${item.description ?? "picture"}`, onclick }, image);
  if (item.spoiler) {
    frame.classList.add("veiled");
    frame.addEventListener("click", (event) => frame.classList.contains("veiled") && (event.stopImmediatePropagation(), frame.classList.remove("veiled")), { capture: true });
  }
  return frame;
}

function open(items, start) {
  let at = start;
  const image = h("img", { alt: "" });
  const words = h("p", {});
  const original = h("a", { target: "_blank", rel: "noopener" }, "Open original");
  const step = (by) => show((at + by + items.length) % items.length);
  const turn = (by, sign, label) =>
    items.length > 1 && h("button", { type: "button", class: "turn", "aria-label": label, onclick: () => step(by) }, sign);
  const close = h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() }, "✕");
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Picture",
      onclick: (event) => event.target === dialog && dialog.close(),
      onclose: () => dialog.remove(),
      onkeydown: (event) => ({ ArrowLeft: () => step(-1), ArrowRight: () => step(1) })[event.key]?.(),
    },
    turn(-1, "‹", "Previous picture"),
    h("figure", {}, image, h("figcaption", {}, words, original)),
    turn(1, "›", "Next picture"),
    close,
  );

  function show(index) {
    at = index;
    const { media, description } = items[at];
    image.src = original.href = media.url;
    image.alt = description ?? "Picture";
    const facts = [media.width && `${media.width} × ${media.height}`, items.length > 1 && `${at + 1} of ${items.length}`];
    words.textContent = [description, ...facts.filter(Boolean).map((one) => one.replaceAll(" ", "\u00a0"))].filter(Boolean).join(" · ");
  }

  show(start);
  document.body.append(dialog);
  dialog.showModal();
}
