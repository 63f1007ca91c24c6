/** Talking to the server about an article: JSON, the token against forged requests, and what a failure means. */

const TIMEOUT = 20_000;
/** A request kept alive after the page is limited by browsers to 64 kB in all. */
const KEEPALIVE = 60_000;

/** An identifier drawn here (crypto.randomUUID exists only over https). */
export function makeUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const readToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/**
 * After a new sign-in in another tab the token of this page is stale: read the fresh one from the same page. Not when
 * somebody else signed in: nothing of ours leaves in their name. Returns whether the token changed.
 */
async function refreshToken() {
  const response = await fetch(window.location.href, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok || response.redirected) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.body.dataset.wmMoi !== document.body.dataset.wmMoi) return false;
  const [fresh, meta] = [page, document].map((tree) => tree.querySelector('meta[name="csrf-token"]'));
  if (!fresh || !meta || fresh.content === meta.content) return false;
  meta.content = fresh.content;
  return true;
}

/** The second factor is to be set up or shown, at this address: heard by editor/etat.js. */
function askFactor(adresse) {
  document.dispatchEvent(new CustomEvent("wm:facteur", { detail: adresse }));
  return { kind: "later", why: "facteur" };
}

/**
 * Send or ask; form: what a form would send, answered by a fragment that is not read here. Returns {kind: "ok", data} | {kind: "refused", status, data} | {kind: "later", why}.
 * « later » (no network, 5xx, 429, session ended, second factor asked) means: nothing is known, ask the same again.
 */
export async function ask(url, { body, form, again = false } = {}) {
  const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
  const options = { credentials: "same-origin", redirect: "manual", cache: "no-store", headers, signal: AbortSignal.timeout(TIMEOUT) };
  if (body !== undefined) {
    Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": readToken() });
    Object.assign(options, { method: "POST", body, keepalive: body.length < KEEPALIVE });
  }
  if (form) {
    Object.assign(headers, { "HX-Request": "true", "X-CSRFToken": readToken() });
    Object.assign(options, { method: "POST", body: form });
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    return { kind: "later", why: "reseau" };
  }
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  if (response.type === "opaqueredirect" || (response.status === 401)) return { kind: "later", why: "session" };
  if (response.status >= 500 || response.status === 429 || response.status === 408) return { kind: "later", why: "serveur" };
  if (response.status === 403 && response.headers.has("HX-Redirect")) return askFactor(response.headers.get("HX-Redirect"));
  if (response.status === 403 && !json) {
    if ((await refreshToken()) && !again) return ask(url, { body, form, again: true });
    return { kind: "later", why: "session" };
  }
  try {
    const data = json ? await response.json() : {};
    if (data.code === "second_facteur") return askFactor(data.adresse);
    if (response.ok && form) return { kind: "ok", data: {} };
    if (response.ok) return json ? { kind: "ok", data } : { kind: "later", why: "serveur" };
    return { kind: "refused", status: response.status, data };
  } catch {
    return { kind: "later", why: "reseau" };
  }
}
