/**
 * Reading a comparison: next and previous change with a counter (j/k, n/p), filters, inline or side by side.
 * The page is complete without this: every change is in the list, each entry of which leads to it.
 * @example
 * <div data-wm-comparaison>
 *   <span class="wm-tour"><button data-wm-precedent>…</button><strong role="status" data-wm-compteur>Changement 1 sur 11</strong><button data-wm-suivant>…</button></span>
 *   <button data-wm-filtre="genre" data-valeur="" aria-pressed="true">Tout 11</button>
 *   <button data-wm-filtre="genre" data-valeur="texte" aria-pressed="false">Texte 7</button>
 *   <select data-wm-filtre="auteur"><option value="">Tous les auteurs</option>…</select> a choice made by the server counts
 *   <span class="wm-bascule"><button data-wm-vue="texte" aria-pressed="true">Dans le texte</button><button data-wm-vue="cote" aria-pressed="false">Côte à côte</button></span>
 *   <ol class="wm-chg"><li data-chg="g1" data-genre="texte" data-auteur="UUID" data-article="UUID"><a href="#g1">…</a></li></ol>
 *   <section id="g1">…<a class="wm-rep" href="#g1">1</a></section>
 *   <div data-wm-detail="g1" hidden>who, when…</div>
 * </div>
 */
const VIEW = "wm:vue-comparaison";

/** The pane that scrolls by itself around a node, null when only the page does. */
function paneOf(node) {
  for (let pane = node.parentElement; pane && pane !== document.body; pane = pane.parentElement)
    if (pane.scrollHeight > pane.clientHeight && /auto|scroll/.test(getComputedStyle(pane).overflowY)) return pane;
  return null;
}

/** Keep an entry of the list in sight without moving the page, which goes to the change itself. */
function reveal(link) {
  const pane = paneOf(link);
  if (!pane) return;
  const [inner, outer] = [link.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (inner.top < outer.top) pane.scrollTop += inner.top - outer.top;
  else if (inner.bottom > outer.bottom) pane.scrollTop += inner.bottom - outer.bottom;
}

/** Where to look: the article, or its first changed words when they are a screen further down. */
function sightOf(place) {
  const words = place.querySelector("ins, del");
  if (!words) return place;
  const below = words.getBoundingClientRect().bottom - place.getBoundingClientRect().top;
  return below > window.innerHeight - 160 ? words : place;
}

class Comparison {
  constructor(root) {
    this.root = root;
    this.entries = [...root.querySelectorAll("[data-chg]")];
    this.filters = {};
    this.current = null;
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("change", (event) => event.target.matches("select[data-wm-filtre]") && this.filter(event.target.dataset.wmFiltre, event.target.value));
    document.addEventListener("keydown", (event) => this.onKey(event));
    if (sessionStorage.getItem(VIEW) === "cote") this.show("cote");
    for (const { value, dataset } of root.querySelectorAll("select[data-wm-filtre]")) if (value) this.filter(dataset.wmFiltre, value);
    const asked = this.entries.find(({ dataset }) => `#${dataset.chg}` === window.location.hash);
    this.select(asked ?? this.visible[0], { quiet: !asked });
    if (!asked && this.current) this.keepInSight();
  }

  get visible() {
    return this.entries.filter((entry) => !entry.hidden);
  }

  onClick(event) {
    const on = (hook) => event.target.closest(hook);
    if (on("[data-wm-suivant]")) return this.step(1);
    if (on("[data-wm-precedent]")) return this.step(-1);
    const filter = on("button[data-wm-filtre]");
    if (filter) return this.filter(filter.dataset.wmFiltre, filter.dataset.valeur);
    const view = on("[data-wm-vue]");
    if (view) return this.show(view.dataset.wmVue);
    const link = on("a[href^='#']");
    const entry = link && this.entries.find(({ dataset }) => `#${dataset.chg}` === link.getAttribute("href"));
    if (entry) {
      event.preventDefault();
      this.select(entry);
    }
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    const side = { j: 1, n: 1, k: -1, p: -1 }[event.key];
    if (!side) return;
    event.preventDefault();
    this.step(side);
  }

  step(side) {
    const list = this.visible;
    if (!list.length) return;
    const at = list.indexOf(this.current);
    this.select(list[(at + side + list.length) % list.length]);
  }

  /** Bring a change under the eyes, at 72 px of the top; the counter says which. */
  select(entry, { quiet = false } = {}) {
    this.current = entry ?? null;
    for (const link of this.root.querySelectorAll(".wm-chg [aria-current], .wm-rep[aria-current]")) link.removeAttribute("aria-current");
    for (const place of this.root.querySelectorAll(".courant")) place.classList.remove("courant");
    for (const detail of this.root.querySelectorAll("[data-wm-detail]")) detail.hidden = detail.dataset.wmDetail !== entry?.dataset.chg;
    this.count();
    if (!entry) return;
    const { chg } = entry.dataset;
    const link = entry.querySelector("a");
    link.setAttribute("aria-current", "true");
    for (const mark of this.root.querySelectorAll(`.wm-rep[href="#${chg}"]`)) mark.setAttribute("aria-current", "true");
    const places = this.root.querySelectorAll(`[id="${chg}"], [data-place="${chg}"]`);
    for (const place of places) place.classList.add("courant");
    if (quiet) return;
    reveal(link);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const place = [...places].find((one) => one.offsetParent !== null) ?? places[0];
    if (place) {
      const sight = sightOf(place);
      sight.style.scrollMarginTop = paneOf(sight) ? "72px" : "0"; // the page keeps its own distance
      sight.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }
    window.history.replaceState(null, "", `#${chg}`);
  }

  /** The chosen change is in sight when the page opens and when the view changes: on a phone it is the page that scrolls. */
  keepInSight() {
    const sheet = this.root.querySelector(".wm-centre");
    const place = this.root.querySelector(`[id="${this.current.dataset.chg}"]`);
    if (!sheet || !place) return;
    if (sheet.scrollHeight > sheet.clientHeight) sheet.scrollTop = place.offsetTop - 88;
    const { top } = place.getBoundingClientRect();
    if (top < window.innerHeight - 88) return;
    window.scrollTo({ top: window.scrollY + top - 88 });
  }

  count() {
    const list = this.visible;
    const at = list.indexOf(this.current) + 1;
    const words = list.length ? `Changement ${at} sur ${list.length}` : "Aucun changement de ce genre";
    for (const counter of this.root.querySelectorAll("[data-wm-compteur]")) counter.textContent = words;
  }

  filter(name, value) {
    this.filters[name] = value;
    for (const button of this.root.querySelectorAll(`button[data-wm-filtre="${name}"]`))
      button.setAttribute("aria-pressed", String(button.dataset.valeur === value));
    for (const entry of this.entries)
      entry.hidden = Object.entries(this.filters).some(([key, wanted]) => wanted && !(entry.dataset[key] ?? "").split(" ").includes(wanted));
    if (!this.current || this.current.hidden) this.select(this.visible[0], { quiet: true });
    else this.count();
  }

  show(view) {
    this.root.dataset.vue = view;
    sessionStorage.setItem(VIEW, view);
    for (const button of this.root.querySelectorAll("[data-wm-vue]")) button.setAttribute("aria-pressed", String(button.dataset.wmVue === view));
    if (this.current) this.keepInSight();
  }
}

for (const root of document.querySelectorAll("[data-wm-comparaison]")) new Comparison(root);
