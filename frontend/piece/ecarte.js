/**
 * On a pièce that may only be read (frozen, or a role that changed), the text set aside by its author can still be copied.
 * What a page closed too soon had not sent is offered to the server once more, which says what it holds already; the rest
 * is set aside as well.
 * @example <div data-wm-piece="UUID" data-editable="false">…<div class="wm-feuille">…</div></div>
 */
import { wordsOf } from "../editor/attente.js";
import { Drafts } from "../editor/drafts.js";
import { Ecarte } from "../editor/ecarte.js";
import { ask } from "../editor/transport.js";
import { Ebauches } from "./ebauches.js";

/** Returns {texte, raison}: what the server does not hold; null when nothing is known yet. */
async function giveBack({ url, inflight, next }) {
  let texte = "";
  let raison = "";
  for (const commit of [inflight, next].filter(Boolean)) {
    const before = commit === next && inflight ? { before: inflight } : {};
    const answer = raison ? null : await ask(url, { body: JSON.stringify({ ...commit, ...before }) });
    if (answer?.kind === "later") return null;
    if (answer?.kind === "refused") raison = answer.data.erreur ?? "Cet article ne s’écrit plus.";
    const lost = raison ? commit : { steps: commit.steps.filter((_, i) => (answer.data.dropped ?? []).includes(i)) };
    texte += wordsOf(lost);
  }
  return { texte: texte.trim(), raison: raison || "Le passage où ce texte allait a été retiré par quelqu’un d’autre." };
}

async function giveAllBack(drafts, ecarte) {
  for (const draft of await drafts.list()) {
    const found = await giveBack(draft);
    if (!found) continue;
    if (found.texte) ecarte.add(draft.article, found);
    drafts.remove(draft.chain);
  }
}

/** Comments begun by who may comment no more. */
function setCommentsAside(piece, ecarte) {
  const ebauches = new Ebauches(piece);
  for (const { place, texte, nom } of ebauches.list()) {
    ecarte.add(place.replace("article-", ""), { texte, raison: `${nom} : vous ne commentez plus cette pièce.` });
    ebauches.delete(place);
  }
}

for (const root of document.querySelectorAll('[data-wm-piece][data-editable="false"]')) {
  const moi = document.body.dataset.wmMoi ?? "";
  const piece = root.dataset.wmPiece;
  const part = (article, hook) => document.getElementById(`a-${article}`)?.querySelector(hook)?.textContent.trim();
  const name = (article) => ["Article", part(article, ".num"), part(article, "[data-wm-titre]")].filter(Boolean).join(" ");
  root.wmEcarte = new Ecarte(root, piece, { moi, put: null, name });
  if (moi && root.dataset.commenter === "false") setCommentsAside(piece, root.wmEcarte);
  if (moi) giveAllBack(new Drafts(moi, piece), root.wmEcarte);
}
