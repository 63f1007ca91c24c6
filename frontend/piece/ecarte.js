/**
 * On a pièce that may only be read (frozen, or a role that changed), the text set aside by its author can still be copied.
 * @example <div data-wm-piece="UUID" data-editable="false">…<div class="wm-feuille">…</div></div>
 */
import { Ecarte } from "../editor/ecarte.js";

for (const root of document.querySelectorAll('[data-wm-piece][data-editable="false"]')) {
  const part = (article, hook) => document.getElementById(`a-${article}`)?.querySelector(hook)?.textContent.trim();
  const name = (article) => ["Article", part(article, ".num"), part(article, "[data-wm-titre]")].filter(Boolean).join(" ");
  root.wmEcarte = new Ecarte(root, root.dataset.wmPiece, { moi: document.body.dataset.wmMoi ?? "", put: null, name });
}
