/**
 * The title of an article, edited in its place: Enter or leaving it keeps, Escape takes back. Apostrophes and spaces become
 * typographic; past its length nothing more goes in, and a sentence says so.
 * @example <h3><span class="num">4.2</span><span data-wm-titre>Dosage</span></h3>
 */
import { make } from "./dom.js";

const LONGEST = 300;
const NEAR = 30;

/** A title as one prints it: one line, and French spaces that never leave a sign alone at the end of a line. */
export const tidy = (raw) =>
  raw
    .replace(/[^\S\u00a0\u202f]+/g, " ")
    .trim()
    .replaceAll("'", "’")
    .replace(/« /g, "«\u202f")
    .replace(/ (?=[»;!?])/g, "\u202f")
    .replace(/ (?=[:%€])/g, "\u00a0");

/** The cursor under the point; without a point, or beside the words, at the nearer end of the title. */
function putCursor(title, at) {
  const selection = window.getSelection();
  const range = document.createRange();
  range.selectNodeContents(title);
  const box = range.getBoundingClientRect();
  if (at && at.left >= box.left && at.left <= box.right && at.top >= box.top && at.top <= box.bottom) {
    const old = document.caretPositionFromPoint ? null : document.caretRangeFromPoint(at.left, at.top);
    const { offsetNode, offset } = document.caretPositionFromPoint?.(at.left, at.top) ?? { offsetNode: old?.startContainer, offset: old?.startOffset };
    if (title.contains(offsetNode ?? null)) return selection.collapse(offsetNode, offset);
  }
  range.collapse(Boolean(at) && at.left < box.left);
  selection.removeAllRanges();
  selection.addRange(range);
}

/**
 * keep(titre) when it changed; next() once Enter was pressed, to go on with the text; back() on Escape.
 * at: {left, top} where one clicked, null otherwise.
 */
export function editTitle(title, at, { keep, next, back }) {
  if (title.isContentEditable) {
    if (title !== document.activeElement) title.focus();
    return;
  }
  const before = title.textContent;
  title.setAttribute("contenteditable", "plaintext-only");
  if (!title.isContentEditable) title.setAttribute("contenteditable", "true");
  const attrs = {
    role: "textbox",
    "aria-label": "Titre de l’article. Entrée pour écrire le texte, Échap pour revenir.",
    "aria-placeholder": "Titre de l’article",
  };
  for (const [name, value] of Object.entries(attrs)) title.setAttribute(name, value);
  const said = make("span", { class: "wm-titre-reste", role: "status", hidden: true });
  title.after(said);
  title.focus();
  putCursor(title, at);

  const tell = (cut = false) => {
    const left = LONGEST - title.textContent.length;
    said.hidden = left > NEAR;
    said.classList.toggle("plein", left <= 0);
    if (left > 0) said.textContent = `Encore ${left} signe${left > 1 ? "s" : ""} ; un titre en compte ${LONGEST} au plus.`;
    else said.textContent = `Un titre compte ${LONGEST} signes au plus${cut ? " ; la suite n’a pas été reprise" : ""}.`;
  };
  const put = (text) => {
    const range = window.getSelection().getRangeAt(0);
    range.deleteContents();
    if (text) range.insertNode(document.createTextNode(text));
    range.collapse(false);
    tell();
  };
  const onBefore = (event) => {
    if (!event.inputType.startsWith("insert") || event.isComposing) return;
    const raw = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    const text = raw.replace(/\s+/g, " ").replaceAll("'", "’");
    const room = LONGEST - title.textContent.length + window.getSelection().toString().length;
    if (text === raw && text.length <= room) return;
    event.preventDefault();
    put(text.slice(0, Math.max(0, room)));
    if (text.length > room) tell(true);
  };
  const onInput = () => {
    if (!title.textContent) title.replaceChildren();
    tell();
  };
  const done = (kept) => {
    for (const [name, listener] of listeners) title.removeEventListener(name, listener);
    for (const name of ["contenteditable", ...Object.keys(attrs)]) title.removeAttribute(name);
    said.remove();
    const after = tidy(title.textContent);
    title.textContent = kept && after ? after : before;
    if (kept && after && after !== before) keep(after);
  };
  const onKey = (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    done(event.key === "Enter");
    if (event.key === "Enter") next();
    else back();
  };
  const listeners = [
    ["keydown", onKey],
    ["blur", () => done(true)],
    ["beforeinput", onBefore],
    ["input", onInput],
  ];
  for (const [name, listener] of listeners) title.addEventListener(name, listener);
}
