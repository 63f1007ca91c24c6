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
  use.setAttribute("href", `${document.documentElement.dataset.wmIcones}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Say something that passes (site/messages.js shows it and reads it aloud). genre: "info", "succes", "attention", "erreur"; geste: {libelle, run, cle}, cle: the message takes the place of the one of the same key. */
export function say(texte, genre = "info", geste = null) {
  document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte, genre, geste } }));
}

/** What a message offered is done, or can be done no more. */
export function forget(cle) {
  document.dispatchEvent(new CustomEvent("wm:message-passe", { detail: cle }));
}

/** Write an instant as the pages do, at their time: « 22 novembre à 21 h 23 », « 4 mars à 12 h ». le: milliseconds. */
export function sayInstant(le) {
  const timeZone = document.documentElement.dataset.wmFuseau;
  const words = { timeZone, day: "numeric", month: "long", hour: "numeric", minute: "numeric", hourCycle: "h23" };
  const parts = new Intl.DateTimeFormat("fr-FR", words).formatToParts(new Date(le));
  const { day, month, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${day} ${month} à ${Number(hour)}\u00a0h${Number(minute) ? `\u00a0${minute}` : ""}`;
}
