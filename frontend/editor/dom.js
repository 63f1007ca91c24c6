/** Small makers of page elements, so that no module writes HTML as text. */

/** make("button", {type: "button", class: "btn", "aria-label": "…", onclick}, "text" | node…) */
export function make(tag, attrs = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite, silent: a word or an aria-label stands beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  const sprite = document.querySelector('meta[name="wm-icones"]')?.content ?? "/static/dist/icons.svg";
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

export const hidden = (text) => make("span", { class: "visually-hidden" }, text);

/** Say something that passes: a toast, read aloud. kind: "info" or "erreur". */
export function say(text, kind = "info") {
  let box = document.querySelector("[data-wm-messages]");
  if (!box) {
    box = make("div", { class: "toast-container position-fixed bottom-0 end-0 p-3", "data-wm-messages": true });
    document.body.append(box);
  }
  const role = kind === "erreur" ? "alert" : "status";
  const close = make("button", { type: "button", class: "btn-close ms-auto", "data-bs-dismiss": "toast", "aria-label": "Fermer" });
  const toast = make("div", { class: "toast", role }, make("div", { class: "toast-body d-flex gap-2" }, make("span", {}, text), close));
  box.append(toast);
  toast.addEventListener("hidden.bs.toast", () => toast.remove());
  window.bootstrap?.Toast.getOrCreateInstance(toast, { delay: kind === "erreur" ? 12_000 : 6000 }).show();
}
