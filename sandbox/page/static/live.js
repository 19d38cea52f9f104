// The way to the local world: calls that are answered, and one WebSocket that tells what happens.

export class Refusal extends Error {}

/** A control call of the local Discord ("discord/...") or the local SeeDream ("seedream/..."). Throws: Refusal. */
export async function ask(path, { method, body, query } = {}) {
  const url = query ? `${path}?${new URLSearchParams(query)}` : path;
  const answer = await fetch(url, {
    method: method ?? (body ? "POST" : "GET"),
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  }).catch(() => {
    throw new Refusal("The local world is not running any more.");
  });
  const text = await answer.text();
  const found = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refusal(found?.error?.message ?? found?.error ?? found?.failed ?? `${path}: ${answer.status}`);
  return found;
}

/** Call `heard` with each event, `opened` each time there is a connection again, `lost` when there is none. */
export function listen({ heard, opened, lost }) {
  const socket = new WebSocket(new URL("live", location.href.replace(/^http/, "ws")));
  socket.onopen = opened;
  socket.onmessage = (message) => heard(JSON.parse(message.data));
  socket.onclose = () => {
    lost();
    setTimeout(() => listen({ heard, opened, lost }), 1000);
  };
}

/** A file as the control API takes it. */
export async function encoded(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Refusal(`${file.name} can't be read.`));
    reader.readAsDataURL(file);
  });
  return { name: file.name, data: url.slice(url.indexOf(",") + 1) };
}
