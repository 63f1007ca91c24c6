/**
 * What is pasted, made fit to be read by the schema: the policy of the page forbids inline styles even there, so they arrive
 * as data-wm-style; and Word writes its lists, notes and empty lines in ways of its own.
 */

const MARK = /mso-list:\s*ignore/i;
const LEVEL = /mso-list:[^;"]*\blevel(\d)/i;
const LIST = /mso-list:\s*(l\d+)/i;
const BULLET = /^[^\p{L}\p{N}]/u;

const styleOf = (dom) => dom.getAttribute("data-wm-style") ?? "";

/**
 * known(article): whether a renvoi may be put on it; one that may not, brought from another pièce, arrives as its words.
 * moved(fil): whether words that carry the anchor of a comment were cut from this page; copied ones arrive without it.
 */
export function cleanPaste(html, known = () => true, moved = () => false) {
  const inert = html.replace(/<style\b[\s\S]*?<\/style>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-wm-style=").replace(/\son\w+\s*=/gi, " data-wm-on="));
  const word = /mso-|class="?Mso/i.test(inert);
  if (!word && !/wm-renvoi|data-fil/.test(inert)) return inert;
  const { body } = new DOMParser().parseFromString(inert, "text/html");
  for (const renvoi of body.querySelectorAll(".wm-renvoi")) if (!known(renvoi.dataset.article ?? "")) renvoi.replaceWith(renvoi.textContent);
  for (const mark of body.querySelectorAll("mark[data-fil]")) if (!moved(mark.dataset.fil)) mark.replaceWith(...mark.childNodes);
  if (!word) return body.innerHTML;
  readNotes(body);
  readLists(body);
  for (const mark of body.querySelectorAll("[data-wm-style]")) if (MARK.test(styleOf(mark))) mark.remove();
  for (const line of body.querySelectorAll("p")) if (!line.textContent.trim() && !line.closest("td, th") && !line.querySelector("img, br")) line.remove();
  return body.innerHTML;
}

/** A call « [1] » takes the text Word puts at the end. */
function readNotes(body) {
  for (const call of body.querySelectorAll('a[href*="#_ftn"], a[href*="#_edn"]')) {
    const name = call.getAttribute("href").split("#_")[1];
    const note = /^(ftn|edn)\d+$/.test(name) && body.querySelector(`div#${name}`);
    if (!note || note.contains(call)) continue;
    const shown = document.createElement("span");
    shown.className = "wm-note-bas";
    shown.textContent = note.textContent.replace(/^\s*\[\w+\]\s*/, "").replace(/\s+/g, " ").trim();
    if (shown.textContent) call.replaceWith(shown);
  }
  for (const end of body.querySelectorAll('div[id^="ftn"], div[id^="edn"], div[data-wm-style*="footnote-list"], div[data-wm-style*="endnote-list"]')) end.remove();
}

/** Word writes an item as a paragraph whose style names its level and which begins with a mark to be ignored. */
function readLists(body) {
  let open = [];
  let last = null;
  for (const line of [...body.querySelectorAll("p[data-wm-style]")]) {
    const level = Number(LEVEL.exec(styleOf(line))?.[1] ?? 0);
    const mark = [...line.querySelectorAll("[data-wm-style]")].find((one) => MARK.test(styleOf(one)));
    if (!level || !mark) continue;
    if (last !== line.previousElementSibling) open = [];
    const sign = mark.textContent.trim();
    mark.remove();
    open.length = Math.min(open.length, level);
    const [name, kind] = [LIST.exec(styleOf(line))?.[1] ?? "", kindOf(sign)];
    const same = open[level - 1];
    // A list may follow another at once: its name or its kind of sign tells them apart.
    if (same && (same.dataset.wmListe !== name || same.tagName !== kind)) open.length = level - 1;
    while (open.length < level) open.push(startList(open.at(-1), sign, line, name));
    const item = document.createElement("li");
    const text = document.createElement("p");
    text.append(...line.childNodes);
    item.append(text);
    open.at(-1).append(item);
    last = open[0];
    line.remove();
  }
}

const kindOf = (sign) => (BULLET.test(sign) || /^[o§]$/.test(sign) ? "UL" : "OL");

function startList(parent, sign, line, name) {
  const word = sign.replace(/[().°\s]/g, "");
  const list = document.createElement(kindOf(sign));
  list.dataset.wmListe = name;
  if (list.tagName === "OL") {
    if (/^[ivx]+$/.test(word) && word !== "v" && word !== "x") list.setAttribute("type", "i");
    else if (/^[a-z]$/.test(word)) list.setAttribute("type", "a");
    if (Number(word) > 1) list.setAttribute("start", word);
  }
  if (!parent) line.before(list);
  else {
    if (!parent.lastElementChild) parent.append(document.createElement("li"));
    parent.lastElementChild.append(list);
  }
  return list;
}
