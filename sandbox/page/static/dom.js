// Creates elements without a framework: h("button", {class: "link", onclick: send}, "Send").

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "vars") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Move through a list with the arrow keys. Returns true if the key was one of them. */
export function arrows(event, count, chosen, choose) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !count) return false;
  event.preventDefault();
  choose(chosen < 0 ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count);
  return true;
}

/** The `accept` attribute of a file field. */
export const accepted = (field) => field.file_types?.map((one) => (one.startsWith(".") ? one : `${one}/*`)).join(",");

/** Format a size for people. */
export function bytes(size) {
  return size < 1024 ? `${size} bytes` : size < 2 ** 20 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 2 ** 20).toFixed(2)} MB`;
}
