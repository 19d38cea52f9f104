// Calls the local world's control APIs, and receives its events over one WebSocket.

export class Refusal extends Error {}

/** Call the control API of the local Discord ("discord/...") or the local SeeDream ("seedream/..."). Throws: Refusal. */
export async function ask(path, { method, body, query } = {}) {
  const url = query ? `${path}?${new URLSearchParams(query)}` : path;
  const answer = await fetch(url, {
    method: method ?? (body ? "POST" : "GET"),
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  }).catch(() => {
    throw new Refusal("The local world has stopped.");
  });
  const text = await answer.text();
  const found = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refusal(found?.error?.message ?? found?.error ?? found?.failed ?? `${path}: ${answer.status}`);
  return found;
}

/** Call `event` with each event, `opened` after each (re)connection, and `lost` when the connection ends. */
export function listen({ event, opened, lost }) {
  const socket = new WebSocket(new URL("live", location.href.replace(/^http/, "ws")));
  socket.onopen = opened;
  socket.onmessage = (message) => event(JSON.parse(message.data));
  socket.onclose = () => {
    lost();
    setTimeout(() => listen({ event, opened, lost }), 1000);
  };
}

/** Encode a file for the control API. */
export async function encoded(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Refusal(`${file.name} can't be read.`));
    reader.readAsDataURL(file);
  });
  return { name: file.name, data: url.slice(url.indexOf(",") + 1) };
}
