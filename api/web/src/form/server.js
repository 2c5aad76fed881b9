// Calls to our own API with the session of the page. Answers are {ok, status, body}; a server that does not answer
// throws `Unreachable`, so that the caller can keep what was typed and try again under the same key.

const PATIENCE = 30_000;

export class Unreachable extends Error {}

/** A key for one set of data: a second sending of the same has no second effect. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function headers(key) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  return { "X-CSRF-Token": token, "X-Sancha-Page": "1", "Idempotency-Key": key, Accept: "application/json" };
}

/** Send `text` (JSON). `keepalive`: the page may go away meanwhile. */
export async function send(method, url, text, key, { keepalive = false, signal } = {}) {
  const signals = [AbortSignal.timeout(PATIENCE), signal].filter(Boolean);
  let response;
  let body;
  try {
    response = await fetch(url, {
      method,
      body: text,
      headers: { ...headers(key), "Content-Type": "application/json" },
      credentials: "same-origin",
      keepalive,
      signal: AbortSignal.any(signals),
    });
    body = await response.text();
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new Unreachable(String(problem));
  }
  return { ok: response.ok, status: response.status, body: parsed(body) };
}

/** Upload one file; `onProgress` gets whole percents. Returns {answer: Promise, abort}. */
export function upload(url, fields, file, key, onProgress) {
  const request = new XMLHttpRequest();
  const answer = new Promise((resolve, reject) => {
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers(key))) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) onProgress(Math.floor((100 * loaded) / total));
    });
    request.addEventListener("load", () => {
      const ok = request.status >= 200 && request.status < 300;
      resolve({ ok, status: request.status, body: parsed(request.responseText) });
    });
    for (const name of ["error", "timeout", "abort"]) {
      request.addEventListener(name, () => reject(new Unreachable(name)));
    }
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
    form.append("file", file);
    request.send(form);
  });
  return { answer, abort: () => request.abort() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The sentence of a refused call, in the language of the page as far as the server has one. */
export function reasonOf({ status, body }) {
  return body.message || body.detail || body.title || `HTTP ${status}`;
}
