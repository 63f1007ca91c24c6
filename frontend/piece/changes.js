/**
 * The page of a pièce follows what others do: every three seconds it asks what changed, puts their text in place,
 * follows the fiche, shows who writes where. Works for readers too; the editor keeps the article it holds (`held` on the event's items).
 * @example <div data-wm-piece="UUID" data-version="37" data-fiche="9f2c…" data-changes-url="…" data-outline-url="…">…
 *            <div class="wm-la" data-wm-presences role="group"></div> <span data-wm-version>37</span></div>
 */
const PERIOD = 3000;
const LONGEST = 30_000;
const TRACE = 2000;

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

function drawIcon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.documentElement.dataset.wmIcones}#i-${name}`);
  svg.append(use);
  return svg;
}

class Follower {
  constructor(root) {
    this.root = root;
    this.pause = PERIOD;
    this.presence = "";
    document.addEventListener("visibilitychange", () => !document.hidden && this.soon());
    window.addEventListener("online", () => this.soon());
    // Someone begins to write: the others know at their next question.
    root.addEventListener("wm:article", () => this.plan(200));
    window.addEventListener("pageshow", (event) => event.persisted && this.soon());
    root.addEventListener("wm:version", () => this.trace(0));
    // The server answered a commit: there is no outage to wait out any more.
    root.addEventListener("wm:enregistre", () => this.pause > PERIOD && this.soon());
    root.addEventListener("wm:droits", () => this.soon());
    this.plan();
  }

  plan(wait = this.pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  soon() {
    this.pause = PERIOD;
    this.plan(0);
  }

  async ask() {
    const { dataset } = this.root;
    if (!this.root.isConnected) return;
    const asked = performance.now();
    const query = new URLSearchParams({ version: dataset.version ?? "0", article: dataset.articleEdite ?? "", fiche: dataset.fiche ?? "" });
    try {
      const options = { headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(15_000) };
      const response = await fetch(`${dataset.changesUrl}?${query}`, options);
      if (response.status === 404) return this.lose();
      if (response.status === 403) this.tellRefusal(await response.json());
      if (!response.ok) throw new Error("later");
      this.told = false;
      await this.apply({ ...(await response.json()), asked });
      this.pause = PERIOD;
    } catch {
      this.pause = Math.min(this.pause * 2, LONGEST);
    }
    // A tab nobody looks at asks ten times less.
    this.plan(document.hidden ? LONGEST : this.pause);
  }

  /** The second factor is asked for: nothing more is followed until it is shown, in another tab. */
  tellRefusal({ code, erreur, adresse }) {
    if (code !== "second_facteur" || this.told) return;
    this.told = true;
    const geste = { libelle: "Ouvrir cette page", cle: "facteur", run: () => window.open(adresse) };
    document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte: erreur, genre: "attention", geste } }));
  }

  /** The pièce is no longer there for this person, who has it before her eyes. */
  lose() {
    if (this.lost) return;
    this.lost = true;
    if (this.root.wmPage) this.root.wmPage.loseAccess();
    else document.dispatchEvent(new CustomEvent("wm:perdu", { detail: "Vous n’avez plus accès à cette pièce." }));
  }

  async apply(changes) {
    const { root } = this;
    changes.articles ??= [];
    if (changes.fiche) this.holdFiche(changes.fiche);
    changes.fresh = Number(changes.version) > Number(root.dataset.version || 0);
    root.dispatchEvent(new CustomEvent("wm:changes", { detail: changes }));
    for (const article of changes.articles) if (!article.held) this.swapText(article);
    // Unread, the plan would be that of before for ever: the version stays too, and all is asked again.
    if (changes.structure && !(await (root.wmPage?.refreshOutline() ?? this.swapOutline()))) throw new Error("later");
    if (changes.fiche) this.showFiche(changes.fiche);
    if (changes.fresh) {
      root.dataset.version = changes.version;
      this.showSaved(changes);
      this.trace();
    }
    this.showPresence(changes.presence ?? []);
  }

  /** On the page of somebody who reads; who writes reads it in editor/etat.js. */
  showSaved({ version, instant }) {
    for (const node of this.root.querySelectorAll("[data-wm-version]")) node.textContent = version;
    for (const node of this.root.querySelectorAll("[data-wm-instant]")) if (instant) node.textContent = `à ${instant}`;
  }

  swapText({ id, numero, html, titre, auteur }) {
    const section = document.getElementById(`a-${id}`);
    if (!section || Number(section.dataset.numero) === numero) return;
    section.dataset.numero = numero;
    const corps = section.querySelector("[data-wm-corps]");
    if (corps && typeof html === "string") {
      corps.innerHTML = html;
      window.htmx?.process(corps);
    }
    const title = section.querySelector("[data-wm-titre]");
    if (title && titre !== undefined && !title.isContentEditable) title.textContent = titre;
    section.dispatchEvent(new CustomEvent("wm:text", { bubbles: true, detail: { auteur } }));
  }

  holdFiche({ empreinte, criteres }) {
    this.root.dataset.fiche = empreinte;
    const table = document.getElementById("wm-critere");
    if (table) table.innerHTML = criteres;
  }

  /** What the fiche says today, wherever a text cites it: in those being read, and under the hand of who writes. */
  showFiche({ variables }) {
    this.showCriteres();
    for (const { chemin, libelle, valeur } of variables)
      for (const node of this.root.querySelectorAll(`.wm-corps .wm-variable[data-chemin="${CSS.escape(chemin)}"]`)) {
        const words = valeur || `[${libelle} à compléter]`;
        if (node.textContent === words) continue;
        node.textContent = words;
        node.classList.toggle("wm-vide", !valeur);
      }
  }

  showCriteres() {
    const fresh = document.getElementById("wm-critere")?.content.firstElementChild;
    for (const old of this.root.querySelectorAll(".wm-corps .wm-criteres")) {
      if (!fresh || old.innerHTML === fresh.innerHTML) continue;
      const table = fresh.cloneNode(true);
      // A text being read names its blocks; in the one being written, the editor does.
      if (old.dataset.b) table.dataset.b = old.dataset.b;
      old.replaceWith(table);
    }
  }

  /** The whole text in its order of today. False when it could not be read. */
  async swapOutline() {
    const response = await fetch(this.root.dataset.outlineUrl, { headers: { "HX-Request": "true" }, cache: "no-store" });
    if (!response.ok) return false;
    const fragment = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const hook of ["[data-wm-document]", "[data-wm-sommaire]"]) {
      const [fresh, old] = [fragment.querySelector(hook), this.root.querySelector(hook)];
      if (fresh && old) old.replaceWith(document.importNode(fresh, true));
    }
    this.presence = "";
    return true;
  }

  /** The latest sessions and the retired articles follow the text, a little later. */
  trace(wait = TRACE) {
    if (!this.root.dataset.tracesUrl || (this.tracing && wait)) return;
    clearTimeout(this.tracing);
    this.tracing = setTimeout(async () => {
      const response = await fetch(this.root.dataset.tracesUrl, { headers: { "HX-Request": "true" }, cache: "no-store", redirect: "manual" }).catch(() => null);
      this.tracing = null;
      if (response?.ok) this.swapTraces(new DOMParser().parseFromString(await response.text(), "text/html"));
    }, wait);
  }

  swapTraces(fragment) {
    for (const hook of ["[data-wm-traces]", "[data-wm-retires]"]) {
      const [fresh, old] = [fragment.querySelector(hook), this.root.querySelector(hook)];
      // What the keyboard is on stays under it.
      if (!fresh || !old || old.contains(document.activeElement) || fresh.innerHTML === old.innerHTML) continue;
      old.replaceChildren(...document.importNode(fresh, true).childNodes);
      window.htmx?.process(old);
    }
    const { version, instant } = fragment.querySelector("[data-wm-traces]")?.dataset ?? {};
    if (!version) return;
    for (const node of this.root.querySelectorAll("[data-wm-version]")) node.textContent = version;
    this.root.dispatchEvent(new CustomEvent("wm:traces", { detail: { version, instant } }));
  }

  showPresence(people) {
    const me = document.body.dataset.wmMoi;
    const others = people.filter(({ id }) => id !== me);
    const state = JSON.stringify(others);
    const marks = this.root.querySelectorAll("[data-wm-ici]").length;
    const wanted = others.filter(({ article }) => article).length;
    if (state === this.presence && marks >= wanted) return;
    this.presence = state;
    for (const mark of this.root.querySelectorAll("[data-wm-ici]")) mark.remove();
    for (const { rang, nom, article } of others) if (article) this.markWriter(article, nom, `c${rang}`);
    this.showPeople(others);
  }

  markWriter(article, nom, tone) {
    const words = `${nom} écrit ici`;
    const section = document.getElementById(`a-${article}`);
    if (section) {
      const mark = make("span", `wm-ici ${tone}`);
      mark.append(drawIcon("pencil"), words);
      mark.dataset.wmIci = "";
      section.prepend(mark);
    }
    const link = this.root.querySelector(`[data-wm-sommaire] a[href="#a-${article}"]`);
    if (link) {
      const mark = make("span", `mq ${tone}`);
      mark.dataset.wmIci = "";
      mark.append(make("span", "visually-hidden", words), drawIcon("pencil"));
      mark.title = words;
      (link.querySelector(".mqs") ?? link).append(mark);
    }
  }

  showPeople(others) {
    const box = this.root.querySelector("[data-wm-presences]");
    if (!box) return;
    const people = others.map(({ rang, nom, initiales }) => {
      const mark = make("span", `wm-init p c${rang}`, initiales);
      mark.title = nom;
      mark.setAttribute("aria-hidden", "true");
      return mark;
    });
    box.replaceChildren(...box.querySelectorAll("[data-moi]"), ...people);
    const names = ["vous", ...others.map(({ nom }) => nom)];
    box.setAttribute("aria-label", names.length > 1 ? `Ici maintenant : ${names.join(", ")}` : "Vous êtes seul ici");
  }
}

for (const root of document.querySelectorAll("[data-wm-piece][data-changes-url]")) new Follower(root);
