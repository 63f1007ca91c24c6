/**
 * The panel of comments of an open pièce: it follows what others say, shows in the text which words are discussed, and leads
 * from the words to their thread and back. Ctrl+Alt+N goes to the next thread that waits.
 * @example <div data-wm-piece="UUID" data-fils-url="…">…<div id="commentaires">…<div data-wm-fils data-rang="12">…</div></div></div>
 */
import { make } from "../editor/dom.js";

const TONES = { objection_bloquante: "--wm-rouge", avis_juridique: "--wm-violet" };

class Fils {
  constructor(root) {
    this.root = root;
    this.panel = document.getElementById("commentaires");
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    root.addEventListener("wm:changes", ({ detail }) => this.follow(detail.fils));
    root.addEventListener("wm:fil-ouvert", async ({ detail }) => {
      root.dispatchEvent(new CustomEvent("wm:droits"));
      await this.load();
      this.show(detail, { focus: true });
    });
    root.addEventListener("click", (event) => this.onClick(event));
    this.panel.addEventListener("htmx:afterSwap", () => this.paint());
    root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey && event.altKey && event.key.toLowerCase() === "n")) return;
      event.preventDefault();
      this.next();
    });
    document.addEventListener("wm:fil", ({ detail }) => this.noteRang(detail.rang));
  }

  get list() {
    return this.panel.querySelector("[data-wm-fils]");
  }

  async load() {
    const { filsUrl } = this.root.dataset;
    await window.htmx.ajax("GET", filsUrl, { target: this.list ?? this.panel, swap: this.list ? "outerHTML" : "innerHTML" });
    this.paint();
  }

  noteRang(rang) {
    if (this.list && rang) this.list.dataset.rang = rang;
  }

  /** Somebody commented. What one is writing in the panel is not taken away: the panel then offers to read again. */
  follow(said) {
    if (!said) return;
    this.count(said.ouverts);
    const { list } = this;
    if (!list || said.rang <= Number(list.dataset.rang)) return;
    const typed = [...list.querySelectorAll("textarea, input[name=motif]")].some((field) => field.value !== field.defaultValue || field === document.activeElement);
    if (!typed) return void this.load();
    if (list.querySelector("[data-wm-fils-neufs]")) return;
    const button = make("button", { type: "button", class: "btn btn-trait btn-court", "data-wm-fils-neufs": true }, "Un commentaire est arrivé : relire la liste");
    button.addEventListener("click", () => this.load());
    list.prepend(button);
  }

  count(ouverts) {
    const chif = document.querySelector("#onglet-commentaires .chif");
    if (chif) chif.textContent = ouverts;
  }

  /** Words whose thread waits are underlined in the tone of what it asks; those of a closed one are plain text again. */
  paint() {
    const rules = [...this.panel.querySelectorAll("[data-wm-fil]")].map((note) => {
      const tone = TONES[note.dataset.genre] ?? "--wm-bleu";
      const mark = `mark[data-fil="${note.dataset.wmFil}"]`;
      return note.dataset.statut === "ouvert" ? `${mark} { border-bottom: 2px solid var(${tone}); cursor: pointer; }` : "";
    });
    this.sheet.replaceSync(rules.join("\n"));
    this.count(this.list?.dataset.ouverts ?? 0);
  }

  onClick(event) {
    const mark = event.target.closest?.("mark[data-fil]");
    if (mark && document.getElementById(`fil-${mark.dataset.fil}`)) return this.show(mark.dataset.fil);
    const place = event.target.closest?.("[data-wm-lieu]");
    if (place) this.glow(place.closest("[data-wm-fil]").dataset.wmFil);
  }

  /** Bring a thread before the eyes: its tab, its panel on a small screen, and its words in the text. */
  show(fil, { focus = false } = {}) {
    const note = document.getElementById(`fil-${fil}`);
    const tab = document.getElementById("onglet-commentaires");
    if (!note || !tab) return;
    const { activeElement } = document;
    tab.click();
    note.scrollIntoView({ block: "nearest" });
    for (const other of this.panel.querySelectorAll("[data-wm-fil].choisi")) other.classList.remove("choisi");
    note.classList.add("choisi");
    if (focus) note.focus();
    else activeElement?.focus?.();
    this.glow(fil);
  }

  glow(fil) {
    for (const mark of this.root.querySelectorAll("mark[data-fil].active")) mark.classList.remove("active");
    for (const mark of this.root.querySelectorAll(`mark[data-fil="${CSS.escape(fil)}"]`)) mark.classList.add("active");
  }

  next() {
    const open = [...this.panel.querySelectorAll('[data-wm-fil][data-statut="ouvert"]')];
    if (!open.length) return;
    const at = open.findIndex((note) => note.classList.contains("choisi"));
    const note = open[(at + 1) % open.length];
    document.querySelector(`mark[data-fil="${CSS.escape(note.dataset.wmFil)}"]`)?.scrollIntoView({ block: "center" });
    this.show(note.dataset.wmFil, { focus: true });
  }
}

for (const root of document.querySelectorAll("[data-wm-piece][data-fils-url]")) if (document.getElementById("commentaires")) new Fils(root);
