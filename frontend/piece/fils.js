/**
 * The panel of comments of an open pièce: it follows what others say, shows in the text which words are discussed, and leads
 * from the words to their thread and back. Alt+Maj+K goes to the next thread that waits. What one is writing in it stays.
 * @example <div data-wm-piece="UUID" data-fils-url="…">…<div id="commentaires">…<div data-wm-fils data-rang="12">…</div></div></div>
 */
import { icon, make } from "../editor/dom.js";
import { openTab } from "../site/onglets.js";
import { Ebauches } from "./ebauches.js";

const WRITTEN = "textarea[id], input[name=motif]";
/** Before the name of a field: the correction left there, once the comment has other words. */
const LEFT = "avant-";
const TONES = { objection_bloquante: "--wm-rouge", avis_juridique: "--wm-violet" };

/** What the server says is wrong, "" when it is not said in words. */
function sentence(answer) {
  try {
    return JSON.parse(answer).erreur ?? "";
  } catch {
    return "";
  }
}

class Fils {
  constructor(root) {
    this.root = root;
    this.panel = document.getElementById("commentaires");
    this.written = new Ebauches(root.dataset.wmPiece, { gone: (id, texte) => this.drop(id, texte) });
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    root.addEventListener("wm:changes", ({ detail }) => {
      this.follow(detail.fils);
      // Told before the text is put in place: it is looked at once nothing moves.
      if (!detail.fresh) this.check();
    });
    root.addEventListener("wm:fil-ouvert", async ({ detail }) => {
      root.dispatchEvent(new CustomEvent("wm:droits"));
      await this.load();
      // Where the panel would cover the text, the words commented say it enough: one is not taken away from what one reads.
      this.show(detail, { focus: true, over: false });
    });
    root.addEventListener("click", (event) => this.onClick(event));
    this.panel.addEventListener("htmx:responseError", (event) => this.blame(event));
    this.panel.addEventListener("keydown", ({ key, ctrlKey, metaKey, target }) => {
      if (key === "Enter" && (ctrlKey || metaKey) && target.matches("textarea")) target.form.requestSubmit();
    });
    this.panel.addEventListener("input", ({ target }) => this.note(target));
    this.panel.addEventListener("reset", ({ target }) => this.giveUp(target));
    this.panel.addEventListener("htmx:beforeSwap", ({ detail }) => {
      this.release(detail);
      this.keep();
    });
    // What was swapped out hears nothing any more: the event is told further up.
    document.addEventListener("htmx:afterSwap", () => this.list && this.paint());
    document.addEventListener("keydown", (event) => {
      if (!(event.altKey && event.shiftKey && event.code === "KeyK") || event.target.closest?.("dialog, input, textarea, select")) return;
      event.preventDefault();
      this.next();
    });
    document.addEventListener("wm:fil", ({ detail }) => this.onAct(detail.rang));
  }

  get list() {
    return this.panel.querySelector("[data-wm-fils]");
  }

  /** Read the list again, once however many ask for it at the same time. */
  load() {
    this.loading ??= this.read().finally(() => (this.loading = null));
    return this.loading;
  }

  /** The list, with the filters one has chosen. */
  async read() {
    const filters = this.list?.querySelector("form.wm-fils-filtres");
    const query = filters ? `?${new URLSearchParams(new FormData(filters))}` : "";
    await window.htmx.ajax("GET", `${this.root.dataset.filsUrl}${query}`, { target: this.list ?? this.panel, swap: this.list ? "outerHTML" : "innerHTML" });
  }

  /** Words that the server has just kept are no longer being written; those typed since they left are. */
  release({ xhr, requestConfig }) {
    if (!xhr.getResponseHeader("HX-Trigger")?.includes("wm:fil")) return;
    const form = requestConfig.elt.closest("form");
    for (const field of form.querySelectorAll(WRITTEN)) {
      const sent = requestConfig.formData.get(field.name) ?? "";
      const since = field.value.startsWith(sent) ? field.value.slice(sent.length) : field.value;
      field.value = since || field.defaultValue;
      this.note(field);
      form.closest("details")?.toggleAttribute("open", Boolean(since));
    }
  }

  /** What is being written stays until it is sent, whatever becomes of the page. */
  note(field) {
    if (!field.matches(WRITTEN)) return;
    const place = field.closest("[data-wm-fil]")?.querySelector(".lieu")?.textContent.trim();
    if (field.value === field.defaultValue) this.written.delete(field.id);
    else this.written.set(field.id, field.value, { nom: `Commentaire, ${place}`, base: field.defaultValue });
  }

  /** A correction given up closes with its words, and comes back no more. */
  giveUp(form) {
    for (const field of form.querySelectorAll(WRITTEN)) this.written.delete(field.id);
    const box = form.closest("details");
    box?.removeAttribute("open");
    box?.querySelector("summary").focus();
  }

  /** What the server asks of an answer is said beside its box, where the keyboard goes. */
  blame(event) {
    const { xhr, requestConfig } = event.detail;
    const field = requestConfig.elt.closest("form")?.querySelector("textarea");
    // A page that refuses is no sentence about this box: the site says it as it says the others.
    const erreur = xhr.status === 400 && field && sentence(xhr.responseText);
    if (!erreur) return;
    event.stopPropagation();
    field.form.querySelector(".erreur")?.remove();
    const id = `${field.id}-erreur`;
    field.after(make("p", { class: "erreur", role: "alert", id }, icon("exclamation-octagon"), make("span", {}, erreur)));
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    field.classList.add("is-invalid");
    field.focus();
  }

  /** The same words left from another page. */
  drop(id, texte) {
    if (id.startsWith(LEFT)) document.getElementById(id)?.remove();
    const field = document.getElementById(id);
    if (field && field.value === texte) field.value = field.defaultValue;
  }

  /** Where the keyboard is, and what is open: given back, with what is being written, once the list has changed around it. */
  keep() {
    this.opened = [...this.panel.querySelectorAll("details[open] [id]")].map(({ id }) => id);
    this.chosen = this.panel.querySelector("[data-wm-fil].choisi")?.id;
    const here = document.activeElement;
    this.focused = this.panel.contains(here) && here.id ? { id: here.id, at: [here.selectionStart, here.selectionEnd] } : null;
  }

  giveBack() {
    for (const item of this.written.list()) {
      if (item.place.startsWith(LEFT)) {
        this.offer(item);
        continue;
      }
      const field = document.getElementById(item.place);
      // A field that holds words of this page keeps them.
      if (!field || field.value !== field.defaultValue) continue;
      // A correction left behind is of the words it was made on: it is not put over others.
      if ((item.base ?? "") !== field.defaultValue && !this.written.own.has(item.place)) {
        this.setAside(item);
        continue;
      }
      this.written.adopt(item);
      field.value = item.texte;
      field.closest("details")?.setAttribute("open", "");
    }
    for (const id of this.opened ?? []) document.getElementById(id)?.closest("details")?.setAttribute("open", "");
    document.getElementById(this.chosen)?.classList.add("choisi");
    const field = this.focused && document.getElementById(this.focused.id);
    if (!field || field === document.activeElement) return;
    field.focus();
    if (this.focused.at[0] !== null && field.setSelectionRange) field.setSelectionRange(...this.focused.at);
  }

  /** Kept under another name, so that what is typed in the box now takes nothing of it away. */
  setAside({ place, texte, nom, base }) {
    if (this.written.closed) return;
    const left = LEFT + place;
    const before = this.written.get(left);
    const both = before && before !== texte ? `${before}\n\n${texte}` : texte;
    this.written.set(left, both, { nom, base });
    this.written.delete(place);
    this.offer({ place: left, texte: both, nom });
  }

  /** A correction left behind is shown beside the words of today: its author takes it up, or gives it up. */
  offer(item) {
    const { place, texte } = item;
    const field = document.getElementById(place.slice(LEFT.length));
    if (!field || document.getElementById(place)) return;
    this.written.adopt(item);
    const box = field.closest("details");
    const leave = () => {
      this.written.delete(place);
      document.getElementById(place)?.remove();
    };
    const takeUp = () => {
      box.open = true;
      // Words begun since in the box stay there, before these.
      field.value = field.value === field.defaultValue ? texte : `${field.value}\n\n${texte}`;
      this.note(field);
      leave();
      field.focus();
    };
    const giveUp = () => {
      leave();
      box.querySelector("summary").focus();
    };
    const act = (id, words, kind, onclick) => make("button", { type: "button", id: `${place}-${id}`, class: `btn ${kind} btn-court`, onclick }, words);
    const said = "Ce commentaire a été corrigé depuis. Votre correction, qui n’est pas enregistrée :";
    const acts = make("div", { class: "gestes" }, act("reprendre", "Reprendre", "btn-trait", takeUp), act("abandonner", "Abandonner", "btn-lien", giveUp));
    const words = make("blockquote", {}, texte);
    box.parentElement.before(make("section", { class: "wm-ecarte", id: place, "aria-label": "Correction en attente" }, make("p", { class: "note mb-1" }, said), words, acts));
  }

  /** One's own act: what a colleague did just before is read with it. */
  onAct(rang) {
    const { list } = this;
    if (!list || !rang) return;
    if (rang === Number(list.dataset.rang) + 1) list.dataset.rang = rang;
    else this.load();
  }

  follow(said) {
    if (!said) return;
    this.count(said.ouverts);
    if (this.list && said.rang > Number(this.list.dataset.rang)) this.load();
  }

  /** The text moved under its threads: they are read again, once for each state of it. */
  check() {
    const marks = new Map();
    for (const mark of this.root.querySelectorAll("[data-wm-corps] mark[data-fil]")) if (!marks.has(mark.dataset.fil)) marks.set(mark.dataset.fil, mark);
    const astray = [...this.panel.querySelectorAll("[data-wm-fil]")].filter((note) => !this.stands(note, marks)).map(({ id }) => id);
    const state = astray.length ? `${this.root.dataset.version} ${astray}` : "";
    if (state && state !== this.checked) this.load();
    this.checked = state;
  }

  /** Whether a thread is said to be where the text shows it: its first mark, read once for all of them. */
  stands({ dataset: { wmFil, ancrage, article, numero } }, marks) {
    const mark = marks.get(wmFil);
    const section = document.getElementById(`a-${article}`);
    if (ancrage === "retire") return !section;
    if (ancrage === "piece" || (ancrage === "orphelin" && !mark && !section)) return true;
    if (section?.querySelector(".num")?.textContent.trim() !== numero) return false;
    return ancrage === "article" || (ancrage === "orphelin" ? !mark : section.contains(mark));
  }

  count(ouverts) {
    const chif = document.querySelector("#onglet-commentaires .chif");
    if (chif) chif.textContent = ouverts;
  }

  /** Words whose thread waits are underlined in the tone of what it asks; those of a closed one are plain text again. */
  paint() {
    this.giveBack();
    const rules = [...this.panel.querySelectorAll('[data-wm-fil][data-statut="ouvert"]')].map((note) => {
      const tone = TONES[note.dataset.genre] ?? "--wm-bleu";
      return `mark[data-fil="${note.dataset.wmFil}"] { border-bottom: 2px solid var(${tone}); cursor: pointer; }`;
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

  /** Bring a thread before the eyes: its tab, its panel on a small screen unless over says no, and its words in the text. */
  async show(fil, { focus = false, over = true } = {}) {
    const note = document.getElementById(`fil-${fil}`);
    if (!note) return;
    // While one writes, the text keeps the keyboard.
    const writing = !focus && document.activeElement?.closest(".wm-ecrit");
    await openTab("commentaires", { over: over && !writing });
    const seen = note.checkVisibility({ visibilityProperty: true });
    if (seen) note.scrollIntoView({ block: "nearest" });
    for (const other of this.panel.querySelectorAll("[data-wm-fil].choisi")) other.classList.remove("choisi");
    note.classList.add("choisi");
    if (seen && !writing) note.focus();
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
