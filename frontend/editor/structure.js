/** Operations on the plan of a pièce: ask the server, put its fragment in place. */
import { readToken } from "./transport.js";

/** What the server says was done. */
function readSaid(response) {
  try {
    return JSON.parse(response.headers.get("HX-Trigger") ?? "{}")["wm:message"]?.texte ?? "";
  } catch {
    return "";
  }
}

/** Returns {html, article, dit}, or {erreur, perime}: perime where the plan shown is no longer that of the server. */
export async function sendStructure(url, fields) {
  const headers = { "HX-Request": "true", "X-CSRFToken": readToken() };
  const body = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
  const response = await fetch(url, { method: "POST", headers, body, credentials: "same-origin" }).catch(() => null);
  if (!response) return { erreur: "Hors ligne : le plan de la pièce ne peut pas changer maintenant." };
  const json = (response.headers.get("Content-Type") ?? "").includes("json");
  if (response.ok && !json) return { html: await response.text(), article: response.headers.get("X-WM-Article"), dit: readSaid(response) };
  const data = json ? await response.json().catch(() => ({})) : {};
  return { erreur: data.erreur ?? "Cette opération a été refusée. Rechargez la page pour voir le plan actuel.", perime: response.status === 409 };
}

/**
 * The fragment holds [data-wm-document], [data-wm-sommaire] or both, and may carry data-version on either.
 * kept: the section being written in; its node stays, with its editor, and takes its new number, title and place.
 */
export function swapFragment(root, html, kept) {
  const fragment = new DOMParser().parseFromString(html, "text/html");
  for (const hook of ["data-wm-document", "data-wm-sommaire"]) {
    const [fresh, old] = [fragment, root].map((tree) => tree.querySelector(`[${hook}]`));
    if (!fresh || !old) continue;
    if (fresh.dataset.version) root.dataset.version = fresh.dataset.version;
    const node = document.importNode(fresh, true);
    if (hook === "data-wm-document" && kept) keepSection(node, kept);
    old.replaceWith(node);
    window.htmx?.process(node);
  }
}

function keepSection(tree, kept) {
  const fresh = tree.querySelector(`[id="${kept.id}"]`);
  if (!fresh) return;
  const [heading, old] = [fresh, kept].map((section) => section.querySelector("[data-wm-titre]")?.parentElement);
  if (heading && old) old.replaceWith(heading);
  for (const name of ["data-editable", "data-statut", "data-structure-url", "data-commits-url"])
    if (fresh.hasAttribute(name)) kept.setAttribute(name, fresh.getAttribute(name));
  fresh.replaceWith(kept);
}
