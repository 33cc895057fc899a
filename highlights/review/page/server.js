// Requests to the server. A refusal raises `Refused`, a missing answer `Gone`.

export class Refused extends Error {
  constructor(status, body) { super(body.error || `the server refused (${status})`); this.status = status; this.body = body; }
}
export class Gone extends Error {}

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Gone("the server does not answer");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export const get = (path) => answer(path, {});
export const post = (path, body = {}) =>
  answer(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const picture = (time, height) => `api/thumbnail?t=${time.toFixed(3)}&height=${height}`;
export const result = (name, inline = false) => "results/" + encodeURIComponent(name) + (inline ? "?inline=1" : "");
