/**
 * What waits in this browser only: texts set aside (ecarte.js), texts that have not left yet (drafts.js) and comments
 * being written (piece/ebauches.js), in plain words, for a page that has no editor. Each belongs to one person, and is told to nobody else.
 */
const ECARTE = "wm:ecarte:";
const BROUILLON = "wm:brouillon:";
const COMMENTAIRE = "wm:commentaire:";

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

const texts = (node) => (typeof node?.text === "string" ? node.text : (node?.content ?? []).map(texts).join(""));
/** What the steps of a commit write, without the schema: enough to find one's words again. */
export const wordsOf = (commit) => [...(commit?.steps ?? []).map((step) => texts(step.slice)), commit?.titre ?? ""].join("");

const isText = (key) => [ECARTE, BROUILLON, COMMENTAIRE].some((prefix) => key.startsWith(prefix));

/** A text as young as this may be on its way. */
const FRESH = 10_000;

/** Texts of this person that no server holds, the oldest first: [{texte, nom, le, fresh}]. */
export function listWaiting(moi) {
  if (!moi) return [];
  const found = [];
  for (const key of Object.keys(localStorage).filter(isText)) {
    const item = read(key);
    if (item?.moi !== moi) continue;
    const texte = key.startsWith(BROUILLON) ? wordsOf(item.inflight) + wordsOf(item.next) : item.texte;
    const nom = item.nom ?? (key.startsWith(ECARTE) ? "Texte écarté" : "Texte pas encore envoyé");
    const fresh = key.startsWith(BROUILLON) && Date.now() - item.le < FRESH;
    if (texte.trim()) found.push({ texte, nom, le: item.le, fresh });
  }
  // Those the browser had no room for live in the pages alone (ecarte.js).
  document.dispatchEvent(new CustomEvent("wm:waiting", { detail: found }));
  return found.sort((a, b) => a.le - b.le);
}

/** Take away all that is ours, but for the texts of somebody else: they are theirs to find, never shown to this person. */
export function forgetAll(moi) {
  for (const store of [sessionStorage, localStorage])
    for (const key of Object.keys(store))
      if (key.startsWith("wm:") && !(isText(key) && read(key)?.moi && read(key).moi !== moi)) store.removeItem(key);
}
