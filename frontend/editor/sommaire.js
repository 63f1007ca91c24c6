/**
 * The outline moves articles: by dragging, by Alt+Maj+arrows on an entry, and by the bar's Monter / Descendre. Ctrl+Z on an
 * entry or in a title takes the last gesture back (gestes.js).
 * @example <ol class="wm-sommaire" data-wm-sommaire><li data-wm-entree="UUID"><a href="#a-UUID"><span class="n">4.2</span><span>Dosage</span></a></li></ol>
 */
const MOVES = {
  ArrowUp: ["deplacer", { sens: "haut" }],
  ArrowDown: ["deplacer", { sens: "bas" }],
  ArrowRight: ["indenter", {}],
  ArrowLeft: ["desindenter", {}],
};

/** The verb and fields of Alt+Maj+arrow, or null. */
export const readMove = (event) => (event.altKey && event.shiftKey ? MOVES[event.key] ?? null : null);

const articleOf = (li) => li.dataset.wmEntree;

/** Where an article stands, as one reads the outline: {parent, apres}, uuids or "". */
export function readPlace(root, article) {
  const li = root.querySelector(`[data-wm-sommaire] li[data-wm-entree="${CSS.escape(article)}"]`);
  const parent = li?.parentElement.closest("li[data-wm-entree]");
  const before = li?.previousElementSibling;
  return { parent: parent ? articleOf(parent) : "", apres: before ? articleOf(before) : "" };
}

/** Where a drop at this height on an entry puts the article: {parent, apres}, uuids or "". */
export function readDrop(li, y) {
  const { top, height } = li.querySelector("a").getBoundingClientRect();
  const part = (y - top) / height;
  const parent = li.parentElement.closest("li[data-wm-entree]");
  const up = parent ? articleOf(parent) : "";
  if (part < 0.33) {
    const before = li.previousElementSibling;
    return { where: "avant", parent: up, apres: before ? articleOf(before) : "" };
  }
  if (part > 0.67) return { where: "apres", parent: up, apres: articleOf(li) };
  const last = li.querySelector(":scope > ol > li:last-child");
  return { where: "dans", parent: articleOf(li), apres: last ? articleOf(last) : "" };
}

export function watchOutline(page) {
  const { root } = page;
  let dragged = null;
  const clear = () => root.querySelectorAll("[data-depot]").forEach((li) => li.removeAttribute("data-depot"));
  const entry = (event) => event.target.closest?.("[data-wm-sommaire] li[data-wm-entree]");

  root.addEventListener("keydown", (event) => {
    const place = entry(event) || event.target.closest("[data-wm-titre]");
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && place && page.gestes.takeBack()) {
      event.preventDefault();
      return;
    }
    const move = readMove(event);
    const li = entry(event);
    const article = li ? articleOf(li) : event.target.closest("[data-wm-article]")?.dataset.wmArticle;
    if (!move || !article || !page.editable) return;
    event.preventDefault();
    page.structure(...move, article);
  });
  root.addEventListener("dragstart", (event) => {
    const li = entry(event);
    if (!li || !page.editable) return;
    dragged = li;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", li.textContent.trim());
  });
  root.addEventListener("dragover", (event) => {
    const li = entry(event);
    if (!dragged || !li) return;
    clear();
    if (dragged.contains(li)) return;
    event.preventDefault();
    li.dataset.depot = readDrop(li, event.clientY).where;
  });
  root.addEventListener("dragend", () => {
    dragged = null;
    clear();
  });
  root.addEventListener("drop", (event) => {
    const li = entry(event);
    if (!dragged || !li || dragged.contains(li)) return;
    event.preventDefault();
    const { parent, apres } = readDrop(li, event.clientY);
    const article = articleOf(dragged);
    dragged = null;
    clear();
    if (apres !== article) page.structure("deplacer", { parent, apres }, article);
  });
}
