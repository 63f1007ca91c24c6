/**
 * Writing in a pièce: the page stays HTML, one editor at a time is mounted on the article one enters.
 * @example
 * <div data-wm-piece="UUID" data-version="37" data-changes-url="…" data-outline-url="…" data-editable="true">
 *   <span class="wm-enreg" data-wm-enregistrement data-instant="14 h 05" data-version="37"></span>
 *   <div class="wm-barre" role="toolbar" aria-label="Écrire" data-wm-barre></div>
 *   <div data-wm-document>
 *     <section class="wm-article" id="a-UUID" data-wm-article="UUID" data-numero="12" data-editable="true"
 *              data-commits-url="…" data-structure-url="…/articles/UUID/" aria-labelledby="t-UUID">
 *       <h3 id="t-UUID"><span class="num">4.2</span><span data-wm-titre>Dosage</span></h3>
 *       <div class="wm-corps" data-wm-corps>…</div>
 *     </section>
 *   </div>
 * </div>
 * <script type="application/json" id="wm-variables">[{"chemin": "marche.duree_mois", "libelle": "Durée", "valeur": "48 mois"}]</script>
 * <template id="wm-critere">…table of the criteria…</template>
 */
import { redo, undo } from "prosemirror-history";
import { Selection, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { wordsOf } from "./attente.js";
import { Barre } from "./barre.js";
import { watchKeyboard } from "./clavier.js";
import { cleanPaste } from "./collage.js";
import * as commands from "./commands.js";
import { askText, choose } from "./dialogues.js";
import { make, say } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Ecarte } from "./ecarte.js";
import { Etat } from "./etat.js";
import { Gestes } from "./gestes.js";
import { readPlace, watchOutline } from "./sommaire.js";
import { makePlugins } from "./plugins.js";
import { tooLarge } from "./poids.js";
import { LINK_PATTERN, makeClipboardSerializer, makeNodeViews, makeRenderers, renderDoc, schema } from "./schema.js";
import { LOST, Seance, replayDraft } from "./seance.js";
import { sendStructure, swapFragment } from "./structure.js";
import { editTitle } from "./titre.js";
import { ask, readToken } from "./transport.js";
import { heedKeys, makeScrolling, raise } from "./vue.js";

const { nodes } = schema;
const OLD = "Ce texte attendait ici depuis plus de sept jours. Avant de le remettre, voyez si l’article ne le dit pas déjà.";
const lower = (words) => words.charAt(0).toLowerCase() + words.slice(1);
const typographic = (texte) => texte?.replaceAll("'", "’");

/** The nearest point of a box: what was clicked beside a line is in that line. */
const within = ({ left, top }, box) => ({
  left: Math.min(Math.max(left, box.left + 1), box.right - 1),
  top: Math.min(Math.max(top, box.top + 1), box.bottom - 1),
});

/** Where a node is now, whatever was written around it; null when it is gone. */
function placeOf(doc, node) {
  let place = null;
  let like = null;
  doc.descendants((other, pos) => {
    if (other === node) place = pos;
    else if (other.eq(node)) like ??= pos;
  });
  return place ?? like;
}

/** A place of the text as a comment names it: the block at the top, which line of text of it, how far in that line. */
function endOf($pos) {
  let ligne = 0;
  const start = $pos.before(1);
  $pos.doc.nodesBetween(start, $pos.before(), (node, pos) => {
    if (node.isTextblock && pos < $pos.before()) ligne += 1;
    return !node.isTextblock;
  });
  return [$pos.node(1).attrs.id, ligne, $pos.parentOffset];
}

class Page {
  constructor(root) {
    this.root = root;
    this.seances = new Map();
    this.current = null;
    this.openings = new Map();
    this.entering = null;
    this.cut = new Set();
    /** Articles merged since the page is open: which one took their text. */
    this.taken = new Map();
    this.waiting = "";
    this.drafts = new Drafts(document.body.dataset.wmMoi ?? "", root.dataset.wmPiece);
    this.variables = this.readVariables();
    this.renderers = makeRenderers(this);
    this.gestes = new Gestes();
    this.plugins = makePlugins({
      takeBack: () => this.gestes.takeBack(),
      leave: (side, edge) => this.walk(side, edge),
      escape: () => this.giveBack(),
      tools: () => (this.barre.focus(), true),
      link: () => (this.addLink(), true),
      note: (node) => this.editNote(node),
    });
    this.etat = new Etat(document.querySelector("[data-wm-enregistrement]"));
    this.barre = new Barre(document.querySelector("[data-wm-barre]"), this);
    this.ecarte = new Ecarte(root, root.dataset.wmPiece, {
      moi: document.body.dataset.wmMoi ?? "",
      put: (article, texte) => this.putBack(article, texte),
      name: (article) => this.nameOf(article),
      into: (article) => (this.section(this.taken.get(article)) ? `dans l’article ${this.numberOf(this.taken.get(article))}` : ""),
      change: () => this.showState(),
    });
    this.listen();
    this.prepareSections();
    watchOutline(this);
    watchKeyboard(root, () => this.showCursor());
    this.showState();
    this.replayDrafts();
  }

  // ── what the page knows ──────────────────────────────────────────────────────────────────────────────────────────

  readVariables() {
    const data = document.getElementById("wm-variables");
    return data ? JSON.parse(data.textContent) : [];
  }

  variable(chemin) {
    return this.variables.find((one) => one.chemin === chemin) ?? { chemin, libelle: chemin, valeur: "" };
  }

  renvoi(article) {
    const section = this.section(article);
    if (section && section.dataset.statut !== "retire") return { numero: this.numberOf(article), titre: this.titleOf(article), present: true };
    const retire = section ? this.titleOf(article) : document.querySelector(`[data-wm-retire="${CSS.escape(article)}"] strong`)?.textContent.trim();
    return { numero: "", titre: retire, present: false };
  }

  image(fichier) {
    return (this.root.dataset.imageUrl ?? "").replace("00000000-0000-0000-0000-000000000000", fichier);
  }

  critere() {
    return document.getElementById("wm-critere")?.content.cloneNode(true) ?? make("p", {}, "Tableau des critères de la fiche");
  }

  sections() {
    return [...this.root.querySelectorAll("[data-wm-article]")];
  }

  section(article) {
    return document.getElementById(`a-${article}`);
  }

  numberOf(article) {
    return this.section(article)?.querySelector(".num")?.textContent.trim() ?? "";
  }

  titleOf(article) {
    return this.section(article)?.querySelector("[data-wm-titre]")?.textContent.trim() ?? "";
  }

  nameOf(article) {
    const [section, numero, titre] = [this.section(article), this.numberOf(article), this.titleOf(article)];
    if (!section || section.dataset.statut === "retire") return "Article retiré";
    if (!numero) return titre ? `Article «\u202f${titre}\u202f»` : "Article sans titre";
    return titre ? `Article ${numero}, ${titre}` : `Article ${numero}`;
  }

  get editable() {
    return this.root.dataset.editable === "true";
  }

  canEnter(section) {
    return this.editable && section?.dataset.editable === "true" && section.querySelector("[data-wm-corps]");
  }

  // ── comments go with words that are moved, not with those that are copied ────────────────────────────────────────

  /** The comments whose words leave with a cut. */
  noteCut() {
    const selection = window.getSelection();
    if (!selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const around = range.commonAncestorContainer;
    const held = (around.nodeType === Node.ELEMENT_NODE ? around : around.parentElement)?.closest("mark[data-fil]");
    this.cut = new Set([...range.cloneContents().querySelectorAll("mark[data-fil]"), held].filter(Boolean).map((mark) => mark.dataset.fil));
  }

  isCut(fil) {
    return this.cut.has(fil) && !this.root.querySelector(`[data-wm-corps] mark[data-fil="${CSS.escape(fil)}"]`);
  }

  // ── entering and leaving an article ──────────────────────────────────────────────────────────────────────────────

  /** A button per article, seen when the keyboard reaches it, so that writing needs no mouse. */
  prepareSections() {
    for (const section of this.sections()) {
      if (!this.canEnter(section) || section.querySelector("[data-wm-ecrire]")) continue;
      const id = section.dataset.wmArticle;
      const label = `Écrire dans l’article ${this.numberOf(id) || `«\u202f${this.titleOf(id)}\u202f»`}`;
      const button = make("button", { type: "button", class: "btn btn-trait btn-court wm-ecrire visually-hidden-focusable", "data-wm-ecrire": true }, label);
      section.querySelector("[data-wm-corps]").before(button);
    }
  }

  listen() {
    this.root.addEventListener("beforeinput", ({ target }) => target.closest("[data-wm-titre]") && this.gestes.typed());
    this.root.addEventListener("click", (event) => this.onClick(event));
    this.root.addEventListener("submit", (event) => this.onSubmit(event));
    this.root.addEventListener("cut", () => this.noteCut(), true);
    this.root.addEventListener("focusout", () => setTimeout(() => this.onFocusOut()));
    document.addEventListener("visibilitychange", () => document.hidden && this.sendAll());
    window.addEventListener("pagehide", () => this.farewell());
    window.addEventListener("pageshow", (event) => event.persisted && this.departed && window.location.reload());
    document.addEventListener("visibilitychange", () => !document.hidden && this.wakeAll());
    window.addEventListener("focus", () => this.wakeAll());
    window.addEventListener("online", () => this.wakeAll());
    window.addEventListener("beforeunload", (event) => {
      this.sendAll();
      if ([...this.seances.values()].some((seance) => seance.dirty)) event.preventDefault();
    });
    this.root.addEventListener("wm:changes", (event) => this.onChanges(event.detail));
    this.root.addEventListener("wm:traces", ({ detail }) => {
      this.etat.advance(detail.version, detail.instant);
      this.showState();
    });
    document.addEventListener("wm:signout", () => {
      this.seances.clear();
      this.drafts.close();
    });
    // Somebody else signed in meanwhile: what is not sent waits for its author.
    document.addEventListener("wm:replaced", () => {
      for (const seance of this.seances.values()) this.drafts.write(seance, true);
      this.seances.clear();
      this.drafts.close();
    });
  }

  onClick(event) {
    const section = this.sectionUnder(event.target);
    if (!this.canEnter(section)) return;
    const id = section.dataset.wmArticle;
    const at = { left: event.clientX, top: event.clientY };
    if (event.target.closest("[data-wm-ecrire]")) return this.enter(id, { edge: "end" });
    if (event.target.closest("a, button, summary, input, form")) return;
    if (this.current?.id === id && event.target.closest("[data-wm-corps]")) return;
    if (!window.getSelection().isCollapsed) return;
    if (section.firstElementChild.contains(event.target)) return this.editTitle(id, at);
    this.enter(id, { coords: at });
  }

  /** The article one clicked; between two of them, the one where the browser put the cursor. */
  sectionUnder(target) {
    const section = target.closest("[data-wm-article]");
    if (section || !target.closest("[data-wm-document]")) return section;
    const { anchorNode } = window.getSelection();
    return (anchorNode?.nodeType === Node.TEXT_NODE ? anchorNode.parentElement : anchorNode)?.closest("[data-wm-article]") ?? null;
  }

  /** « Ajouter un article » without leaving the page: after the one being written, or at the end; its title is asked at once. */
  onSubmit(event) {
    const form = event.target.closest("[data-wm-ajouter]");
    if (!form || !this.editable) return;
    event.preventDefault();
    if (this.current) this.structure("ajouter", {});
    else this.operate(form.getAttribute("action"), {}, (answer) => this.editTitle(answer.article));
  }

  onFocusOut() {
    const here = document.activeElement;
    if (this.current && !here?.closest(".wm-article.wm-ecrit, [data-wm-barre], dialog")) this.current.seance.schedule(true);
  }

  /** The seance of an article, opened once however many ask for it at the same time. */
  seance(article) {
    const opening = this.openings.get(article) ?? this.openSeance(article).finally(() => this.openings.delete(article));
    this.openings.set(article, opening);
    return opening;
  }

  async openSeance(article) {
    let seance = this.seances.get(article);
    const url = this.section(article)?.dataset.commitsUrl;
    if (!seance) {
      seance = new Seance({
        article,
        url,
        plugins: this.plugins,
        drafts: this.drafts,
        on: {
          change: () => this.showState(),
          saved: () => this.root.dispatchEvent(new CustomEvent("wm:enregistre")),
          replace: (one) => this.onReplace(one),
          refused: (one, text) => this.ecarte.add(one.article, text, { quiet: one.denied }),
          warn: (text) => say(text, "attention"),
          lock: (one, reason) => this.onLock(one, reason),
          titre: (one, titre) => this.showTitle(one.article, titre),
        },
      });
    }
    if (seance.state === null && !(await seance.open())) return null;
    this.seances.set(article, seance);
    return seance;
  }

  /** where: {coords} where one clicked, {edge: "start" | "end"}, {pos}. Returns whether the editor is there. */
  async enter(article, where = {}) {
    const section = this.section(article);
    if (!this.canEnter(section)) return false;
    if (this.current?.id === article) {
      this.place(where);
      return true;
    }
    const ticket = (this.entering = {});
    const early = this.catchEarlyKeys();
    const seance = await this.seance(article);
    const typed = early();
    if (this.entering !== ticket) return false;
    if (!seance || seance.locked) {
      say(seance?.locked || "Cet article ne peut pas être ouvert : le serveur ne répond pas. Réessayez dans un instant.", "erreur");
      // One still writes where one was: so do these keys.
      if (typed && this.current?.view.hasFocus()) this.current.view.dispatch(this.current.view.state.tr.insertText(typed).scrollIntoView());
      return false;
    }
    this.leave();
    this.mount(section, seance);
    this.place(where);
    if (typed) this.current.view.dispatch(seance.state.tr.insertText(typed));
    seance.pull();
    return true;
  }

  /** Keys struck between the click and the arrival of the text are not lost. */
  catchEarlyKeys() {
    let typed = "";
    const keep = (event) => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
      typed += event.key;
      event.preventDefault();
    };
    document.addEventListener("keydown", keep, true);
    return () => {
      document.removeEventListener("keydown", keep, true);
      return typed;
    };
  }

  mount(section, seance) {
    const corps = section.querySelector("[data-wm-corps]");
    const blank = corps.cloneNode(false);
    const id = seance.article;
    const follow = heedKeys(corps, () => view);
    const view = new EditorView(
      { mount: corps },
      {
        state: seance.state,
        dispatchTransaction: (tr) => {
          if (tr.docChanged) this.gestes.typed();
          seance.dispatch(follow(tr));
          this.barre.refresh();
        },
        editable: () => !seance.locked,
        ...makeScrolling(this.barre.dom),
        attributes: {
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": `Texte de l’article ${this.numberOf(id) || `«\u202f${this.titleOf(id)}\u202f»`}. Échap pour sortir, Alt+F10 pour les outils.`,
          spellcheck: "true",
          lang: "fr",
          tabindex: "0",
        },
        nodeViews: makeNodeViews(this.renderers),
        transformPastedHTML: (html) => cleanPaste(html, (article) => this.renvoi(article).present, (fil) => this.isCut(fil)),
        clipboardSerializer: makeClipboardSerializer(this.renderers),
        handleDoubleClickOn: (_view, _pos, node) => node.type === nodes.note_bas_de_page && (this.editNote(node), true),
      },
    );
    seance.view = view;
    section.classList.add("wm-ecrit");
    section.querySelector("[data-wm-ecrire]")?.setAttribute("hidden", "");
    this.current = { id, section, seance, view, blank };
    this.root.dataset.articleEdite = id;
    this.root.dispatchEvent(new CustomEvent("wm:article"));
    this.markOutline(id);
    this.barre.refresh();
  }

  place({ coords, edge, pos } = {}) {
    const { view, seance } = this.current;
    const { doc } = seance.state;
    let selection = edge === "end" ? Selection.atEnd(doc) : Selection.atStart(doc);
    const at = coords && view.posAtCoords(within(coords, view.dom.getBoundingClientRect()));
    if (at) selection = Selection.near(doc.resolve(at.pos));
    if (pos !== undefined) selection = TextSelection.near(doc.resolve(Math.min(pos, doc.content.size)));
    // Focus first: ProseMirror scrolls to a cursor that the browser has, and to no other.
    view.focus();
    view.dispatch(seance.state.tr.setSelection(selection).scrollIntoView());
  }

  /** Bring back in sight where one writes: the line of the cursor, or the title. */
  showCursor() {
    const { view } = this.current ?? {};
    if (view?.hasFocus()) view.dispatch(view.state.tr.scrollIntoView());
    else raise(document.activeElement, this.barre.dom);
  }

  /** Unmount; what is unsent goes at once. */
  leave() {
    if (!this.current) return;
    const { section, seance, view, blank, id } = this.current;
    this.current = null;
    seance.schedule(true);
    seance.view = null;
    const corps = view.dom;
    view.destroy();
    blank.append(renderDoc(seance.state.doc, this.renderers));
    corps.replaceWith(blank);
    this.sign(section, seance, seance.state.doc);
    section.classList.remove("wm-ecrit");
    section.querySelector("[data-wm-ecrire]")?.removeAttribute("hidden");
    if (this.root.dataset.articleEdite === id) delete this.root.dataset.articleEdite;
    this.barre.refresh();
  }

  /** Say on the page which version of the article it shows, once the server holds it; what others did meanwhile is shown then. */
  async sign(section, seance, shown) {
    if (!(await seance.flush()) || seance.view || !seance.state) return;
    if (!seance.state.doc.eq(shown)) this.onReplace(seance);
    section.dataset.numero = seance.numero;
  }

  /** Arrow keys and Tab go on in the neighbouring article that may be written in. */
  walk(side, edge = side > 0 ? "start" : "end") {
    const sections = this.sections();
    let at = sections.findIndex((section) => section.dataset.wmArticle === this.current?.id);
    do at += side;
    while (sections[at] && !this.canEnter(sections[at]));
    if (!sections[at]) return false;
    this.enter(sections[at].dataset.wmArticle, { edge });
    return true;
  }

  /** Escape: the keyboard is back on the page, on the button of the article just left. */
  giveBack() {
    const { section } = this.current;
    this.leave();
    section.querySelector("[data-wm-ecrire]")?.focus();
    return true;
  }

  markOutline(id) {
    for (const link of this.root.querySelectorAll("[data-wm-sommaire] a[aria-current]")) link.removeAttribute("aria-current");
    const link = this.root.querySelector(`[data-wm-sommaire] a[href="#a-${id}"]`);
    link?.setAttribute("aria-current", "true");
    // Only where the outline stands beside the text: folded away, it would move the page.
    if (window.matchMedia("(min-width: 992px)").matches) link?.scrollIntoView({ block: "nearest" });
  }

  // ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────

  showState() {
    this.etat?.show([...this.seances.values()], this.ecarte?.count ?? 0, this.waiting);
  }

  sendAll() {
    for (const seance of this.seances.values()) {
      seance.schedule(true);
      this.drafts.write(seance);
    }
  }

  farewell() {
    for (const seance of this.seances.values()) this.departed = seance.farewell() || this.departed;
  }

  /** Only what failed is asked again: the pace of the others is theirs. */
  wakeAll() {
    for (const seance of this.seances.values()) if (seance.trouble) seance.wake();
    if (this.waiting) this.replayDrafts();
  }

  /** The words of a range of the article being written, once the server holds all of it: {passage, base}; null for none. */
  async passage(range) {
    const { current } = this;
    if (!current || !(await current.seance.flush()) || this.current !== current) return null;
    const { seance, view } = current;
    const ends = [
      [range.startContainer, range.startOffset],
      [range.endContainer, range.endOffset],
    ];
    if (!ends.every(([node]) => view.dom.contains(node))) return null;
    // All of it chosen (Ctrl+A), the ends stand around the lines: those of the first and last letters are meant.
    const { $from, $to } = TextSelection.between(...ends.map(([node, offset]) => seance.state.doc.resolve(view.posAtDOM(node, offset))));
    if ($from.pos >= $to.pos || !$from.parent.isTextblock || !$to.parent.isTextblock) return null;
    return { passage: JSON.stringify([$from, $to].map(endOf)), base: seance.numero };
  }

  async flushAll() {
    const done = await Promise.all([...this.seances.values()].map((seance) => seance.flush()));
    return done.every(Boolean);
  }

  /** What former pages of this person left unsent leaves now, each in its order; what cannot yet is tried again. */
  async replayDrafts() {
    if (this.replaying) return;
    this.replaying = true;
    clearTimeout(this.replayTimer);
    this.waiting = "";
    for (const draft of await this.drafts.list()) {
      if (this.drafts.isOld(draft) && this.showOld(draft)) continue;
      // Of an article that left the text meanwhile, the server refuses it: it is given back.
      const shown = Number(this.section(draft.article)?.dataset.numero ?? Infinity);
      const { sent, why, numero, refused } = await replayDraft(draft);
      if (!sent) {
        this.waiting = why;
        continue;
      }
      this.drafts.remove(draft.chain);
      for (const text of refused) this.ecarte.add(draft.article, text);
      this.seances.get(draft.article)?.catchUp(numero);
      if (numero > shown) say(`Votre dernier texte dans l’${lower(this.nameOf(draft.article))} a été retrouvé et enregistré.`);
    }
    this.replaying = false;
    if (this.waiting) this.replayTimer = setTimeout(() => this.replayDrafts(), 5000);
    this.showState();
  }

  /** A text that waited too long is offered, not sent. Without words, there is nothing to show. */
  showOld({ chain, article, inflight, next }) {
    const texte = [inflight, next].map(wordsOf).join("").trim();
    if (!texte) return false;
    this.drafts.remove(chain);
    this.ecarte.add(article, { texte, raison: OLD });
    return true;
  }

  /** What a seance read again or received while nobody writes in it is shown by the page itself. */
  onReplace(seance) {
    if (seance.view || seance.dirty) return;
    const corps = this.section(seance.article)?.querySelector("[data-wm-corps]");
    if (!corps || seance === this.current?.seance) return;
    corps.replaceChildren(renderDoc(seance.state.doc, this.renderers));
    this.section(seance.article).dataset.numero = seance.numero;
  }

  onLock(seance, reason) {
    const place = this.current?.seance === seance ? this.standing() : null;
    if (place) this.leave();
    this.seances.delete(seance.article);
    const followed = place && this.follow(place, { quiet: seance.denied });
    if (!seance.denied) return say(reason, "erreur");
    // This article alone, or the whole pièce? The page asks, and says the one thing that is true.
    this.refusal = { reason, article: seance.article, followed, since: performance.now() };
    this.root.dispatchEvent(new CustomEvent("wm:droits"));
  }

  /** Refused in an article, of a pièce where one may write. */
  tellRefusal() {
    const { reason } = this.refusal;
    this.refusal = null;
    this.ecarte.tell();
    say(reason, "erreur");
  }

  /** From piece/changes.js. An article held here is not swapped: its own commits are asked for. */
  onChanges(changes) {
    if (changes.fiche) this.variables = changes.fiche.variables;
    this.etat.advance(changes.version, changes.instant);
    for (const article of changes.articles) {
      const seance = this.seances.get(article.id);
      if (seance && (seance.view || seance.dirty)) {
        article.held = true;
        seance.catchUp(article.numero);
      } else if (seance?.wrote) seance.catchUp(article.numero);
      else if (seance && article.numero !== seance.numero) this.seances.delete(article.id);
    }
    const seance = this.current?.seance;
    if (seance && changes.fresh && !changes.articles.some(({ id }) => id === seance.article)) seance.catchUp(seance.numero + 1);
    for (const one of this.seances.values()) if (one.view || one.dirty) one.catchUp();
    if (changes.droits?.editer === false) this.editable && this.loseRight(changes.droits.raison);
    else if (this.refusal && changes.asked > this.refusal.since) this.tellRefusal();
    this.showState();
  }

  /** Nobody writes here any more; what is not saved yet is refused, hence set aside. */
  async stopWriting() {
    this.root.dataset.editable = "false";
    for (const seance of this.seances.values()) seance.denied = true;
    if (this.current) this.leave();
    await Promise.all([this.flushAll(), this.refusal?.followed]);
  }

  /** The pièce is no longer there for this person: no page could be read again, so this one stays, with the words to copy. */
  async loseAccess() {
    if (!this.editable) return;
    await this.stopWriting();
    this.seances.clear();
    this.drafts.close();
    this.gestes.close();
    // Nothing here leads anywhere any more.
    for (const gone of this.root.querySelectorAll("[data-wm-ecrire], [data-wm-ajouter], .glisser, .actions > :is(form, .btn)")) gone.remove();
    this.ecarte.put = null;
    this.ecarte.show();
    const said = this.ecarte.count ? " Ce qui n’avait pas été enregistré est dans « Texte écarté », à copier." : "";
    document.dispatchEvent(new CustomEvent("wm:perdu", { detail: LOST + said }));
    this.ecarte.reveal();
  }

  /** The page becomes that of somebody who reads. What could not be saved waits there in « Texte écarté ». */
  async loseRight(reason) {
    const here = this.current?.id ?? this.refusal?.article;
    await this.stopWriting();
    // What the browser had no room for is in this page alone.
    if (this.ecarte.unkept.length) return say(reason, "erreur");
    for (const seance of this.seances.values()) this.drafts.write(seance, true);
    this.seances.clear();
    this.drafts.close();
    if (here) window.history.replaceState(null, "", `#a-${here}`);
    document.dispatchEvent(new CustomEvent("wm:lecture", { detail: reason }));
  }

  // ── the article one writes in leaves the text ────────────────────────────────────────────────────────────────────

  /** Where one stands: the article, how far from its end, those around it, and whether the keyboard is there. */
  standing() {
    const { id, seance, view } = this.current;
    const { doc, selection } = seance.state;
    return { article: id, toEnd: doc.content.size - selection.head, order: this.order(), focused: view.hasFocus() };
  }

  order() {
    return this.sections().map((section) => section.dataset.wmArticle);
  }

  /** Why an article left the text, and which one took its own: {raison, dans}; nothing of one that is there. */
  async askWhy(article) {
    const { commitsUrl, wmArticle } = this.sections()[0]?.dataset ?? {};
    const answer = commitsUrl ? await ask(`${commitsUrl.replace(wmArticle, article)}?depuis=-1`) : {};
    const { raison, dans } = answer.data?.retrait ?? {};
    if (dans) this.taken.set(article, dans);
    this.ecarte.show();
    return { raison, dans };
  }

  /** One goes on where the text went: the same words under the cursor, the keys struck meanwhile with them. */
  async follow({ article, toEnd, order, focused }, { quiet = false } = {}) {
    const early = focused ? this.catchEarlyKeys() : () => "";
    const { raison, dans } = await this.askWhy(article);
    const free = focused && !this.current;
    const there = free && dans && (await this.enter(dans, { edge: "end" }));
    const typed = early();
    if (there) {
      this.place({ pos: Math.max(0, this.current.seance.state.doc.content.size - toEnd) });
      if (typed) this.current.view.dispatch(this.current.seance.state.tr.insertText(typed));
    } else {
      if (typed) this.ecarte.add(article, { texte: typed, raison: raison ?? "Cet article ne s’écrit plus." }, { quiet, suite: true });
      if (free) this.land(order, article);
    }
    return raison;
  }

  /** The keyboard goes to the article that follows one that left, or to the one before: never back to the top of the page. */
  land(order, article) {
    const at = order.indexOf(article);
    const near = [article, ...order.slice(at + 1), ...order.slice(0, Math.max(at, 0)).reverse()].find((one) => this.section(one));
    if (!near || document.activeElement !== document.body) return;
    this.section(near).tabIndex = -1;
    this.section(near).focus();
  }

  async putBack(article, texte) {
    if (!this.canEnter(this.section(article))) article = (await this.askWhy(article)).dans;
    if (!this.canEnter(this.section(article))) {
      say("Cet article ne s’écrit plus. Rétablissez-le, ou copiez ce texte pour l’écrire ailleurs.", "erreur");
      return false;
    }
    if (!(await this.enter(article, { edge: "end" }))) return false;
    const { view, seance } = this.current;
    return commands.insertText(texte)(seance.state, view.dispatch.bind(view));
  }

  // ── the title ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The title opens at once: what one types does not wait for the server. at: where one clicked; the cursor is at its end without. */
  editTitle(article = this.current?.id, at = null) {
    const section = this.section(article);
    if (!this.canEnter(section)) return;
    const title = section.querySelector("[data-wm-titre]");
    const before = title.textContent;
    const opening = this.seance(article);
    editTitle(title, at, {
      keep: async (titre) => {
        const seance = await opening;
        if (seance && !seance.locked) {
          seance.rename(titre);
          return this.showTitle(article, titre);
        }
        title.textContent = before;
        this.ecarte.add(article, { texte: titre, raison: seance?.locked || "Le serveur ne répond pas : le titre n’a pas changé." });
      },
      next: () => this.enter(article, { edge: "start" }),
      back: () => section.querySelector("[data-wm-ecrire]")?.focus(),
    });
  }

  showTitle(article, titre) {
    const title = this.section(article)?.querySelector("[data-wm-titre]");
    if (title && title !== document.activeElement) title.textContent = titre;
    const entry = this.root.querySelector(`[data-wm-sommaire] a[href="#a-${article}"] .n + span`);
    if (entry) entry.textContent = titre;
  }

  // ── what the bar asks for ────────────────────────────────────────────────────────────────────────────────────────

  run(command) {
    const { view, seance } = this.current ?? {};
    if (!view) return;
    command(seance.state, view.dispatch.bind(view), view);
    view.focus();
  }

  /**
   * Ask in a window of its own. The text gives up the focus itself: given back by the browser, the cursor would be at its start.
   * Without an answer, the cursor is where it was.
   */
  async question(ask, words) {
    const { view } = this.current ?? {};
    const writing = Boolean(document.activeElement?.closest(".wm-article.wm-ecrit, [data-wm-barre]"));
    if (view?.hasFocus()) view.dom.blur();
    const answer = await ask(words);
    if (answer === null && writing) this.current?.view.focus();
    return answer;
  }

  undo(state, dispatch) {
    return undo(state, dispatch);
  }

  redo(state, dispatch) {
    return redo(state, dispatch);
  }

  async addRenvoi() {
    const options = this.sections()
      .filter((section) => section.dataset.statut !== "retire" && section.dataset.wmArticle !== this.current.id)
      .map(({ dataset: { wmArticle: valeur } }) => ({ valeur, libelle: `${this.numberOf(valeur)} ${this.titleOf(valeur)}` }));
    const article = await this.question(choose, { titre: "Renvoi vers un article", etiquette: "Chercher un article", options, vide: "La pièce n’a pas d’autre article." });
    if (article) this.run(commands.insertInline(nodes.renvoi, { article }));
  }

  async addVariable() {
    const offered = this.variables.filter(({ offerte }) => offerte !== false);
    const options = offered.map(({ chemin, libelle, valeur }) => ({ valeur: chemin, libelle, detail: valeur || "à remplir dans la fiche" }));
    const chemin = await this.question(choose, {
      titre: "Donnée de la fiche du marché",
      etiquette: "Chercher une donnée",
      options,
      vide: "La fiche du marché ne propose pas encore de donnée.",
    });
    if (chemin) this.run(commands.insertInline(nodes.variable, { chemin }));
  }

  async addNote() {
    const texte = await this.question(askText, { titre: "Note de bas de page", etiquette: "Texte de la note", type: "long", bouton: "Ajouter la note" });
    if (texte) this.run(commands.insertInline(nodes.note_bas_de_page, { texte: typographic(texte) }));
  }

  async editNote(node) {
    const { seance } = this.current;
    const texte = await this.question(askText, { titre: "Note de bas de page", etiquette: "Texte de la note", type: "long", valeur: node.attrs.texte, bouton: "Modifier la note" });
    if (!texte) return;
    // Others may have written meanwhile: the note is looked for where it is now.
    const at = this.current?.seance === seance ? placeOf(seance.state.doc, node) : null;
    if (at !== null) return this.run((state, dispatch) => dispatch(state.tr.setNodeAttribute(at, "texte", typographic(texte))));
    this.ecarte.add(seance.article, { texte, raison: "La note n’est plus dans l’article." });
  }

  async addLink() {
    if (this.current.seance.state.selection.empty) return say("Choisissez d’abord les mots du lien.");
    const href = await this.question(askText, {
      titre: "Lien",
      etiquette: "Adresse",
      aide: "Une adresse qui commence par https:// ou mailto:, sans espace ni signe invisible",
      motif: LINK_PATTERN,
      longueur: 2000,
      bouton: "Poser le lien",
    });
    if (href) this.run(commands.setLink(href));
  }

  async addImage() {
    const input = make("input", { type: "file", accept: "image/png,image/jpeg" });
    input.click();
    await new Promise((resolve) => input.addEventListener("change", resolve, { once: true }));
    const { imageLimite, imageTropGrande } = this.root.dataset;
    const refusal = tooLarge(input.files, imageLimite, imageTropGrande);
    if (refusal) return say(refusal, "erreur");
    const alt = await this.question(askText, { titre: "Image", etiquette: "Ce que montre l’image", aide: "Lu à voix haute à qui ne la voit pas ; obligatoire.", longueur: 1000, bouton: "Ajouter l’image" });
    if (!alt || !input.files[0]) return;
    const body = new FormData();
    body.append("fichier", input.files[0]);
    body.append("alt", alt);
    const headers = { "X-CSRFToken": readToken(), Accept: "application/json" };
    const response = await fetch(this.root.dataset.imageEnvoiUrl, { method: "POST", body, headers }).catch(() => null);
    const data = await response?.json().catch(() => ({}));
    if (!response?.ok) return say(data?.erreur ?? "L’image n’a pas pu être envoyée.", "erreur");
    this.run(commands.insertBlock(nodes.image, { fichier: data.id, alt }));
    if (data.avis) say(data.avis);
  }

  // ── structure ────────────────────────────────────────────────────────────────────────────────────────────────────

  split() {
    // Read once everything is sent: the position is then one of the server's text.
    return this.structure("scinder", () => ({ position: this.current.seance.state.selection.from, numero: this.current.seance.numero }));
  }

  merge() {
    return this.structure("fusionner", () => ({ numero: this.current?.seance.numero ?? "" }));
  }

  async retire(article = this.current?.id) {
    const motif = await this.question(askText, {
      titre: `Retirer l’${lower(this.nameOf(article))}`,
      etiquette: "Pour quelle raison ?",
      aide: "L’article reste dans l’historique : vous pourrez le rétablir.",
      longueur: 500,
      bouton: "Retirer l’article",
    });
    if (motif) await this.structure("retirer", { motif }, article);
  }

  /** Front matter takes no number, nor what it holds; the same gesture gives it back. */
  toggleNumber(article = this.current?.id) {
    return this.structure("numeroter", { numerote: this.numberOf(article) ? "non" : "oui" }, article);
  }

  /** An operation on the article being written, or on another; then the cursor goes where one goes on. */
  async structure(verb, fields, article = this.current?.id) {
    const section = this.section(article);
    if (!section?.dataset.structureUrl || !this.editable) return false;
    const url = section.dataset.structureUrl;
    const size = this.current?.seance.state.doc.content.size ?? 0;
    const order = this.order();
    const place = readPlace(this.root, article);
    return this.operate(`${url}${verb}/`, fields, async (answer) => {
      const reinstate = (dit, fields = {}) =>
        this.operate(`${url}retablir/`, fields, () => {
          say(dit, "succes");
          this.reveal(article);
        });
      if (verb === "ajouter") return this.editTitle(answer.article);
      if (verb === "scinder") return this.nameSplit(answer);
      if (verb === "retirer") {
        this.land(order, article);
        return this.gestes.offer(answer.dit || "L’article est retiré.", "Rétablir", () => reinstate("L’article est rétabli."));
      }
      if (verb === "numeroter") return this.sayNumbered(article, fields.numerote, answer.dit);
      if (verb !== "fusionner") return this.sayMoved(article, place, answer.dit);
      // Both texts and the children as they were; refused, with its reason, once one has written on.
      this.gestes.offer(answer.dit, "Défaire la fusion", () => reinstate("La fusion est défaite.", { fusion: 1 }));
      // Where one wrote already, the text that came with the merge is on its way.
      await this.seances.get(answer.article)?.pull();
      if (!(await this.enter(answer.article, { edge: "end" }))) return;
      this.place({ pos: Math.max(0, this.current.seance.state.doc.content.size - size) });
    });
  }

  /**
   * An article has another place: going back to the one it had is a move like another, which counts on the plan
   * as it was just after.
   */
  sayMoved(article, { parent, apres }, dit) {
    const now = readPlace(this.root, article);
    if (now.parent === parent && now.apres === apres) return;
    const { version } = this.root.dataset;
    this.gestes.offer(dit, "Défaire le déplacement", () => {
      const url = this.section(article)?.dataset.structureUrl;
      return this.operate(`${url}deplacer/`, { version, parent, apres }, () => {
        say("L’article est revenu à sa place.", "succes");
        this.reveal(article);
      });
    });
  }

  sayNumbered(article, numerote, dit) {
    const undo = () => this.structure("numeroter", { numerote: numerote === "oui" ? "non" : "oui" }, article);
    this.gestes.offer(dit, numerote === "oui" ? "Laisser sans numéro" : "Numéroter de nouveau", undo);
  }

  /** Everything unsent first, then the operation; the fragment of the answer takes its place on the page. */
  async operate(url, fields, then) {
    if (!(await this.flushAll())) {
      say("Le serveur ne répond pas : le plan de la pièce ne peut pas changer maintenant. Votre texte est gardé ici.", "erreur");
      return false;
    }
    const values = typeof fields === "function" ? fields() : fields;
    const answer = await sendStructure(url, { version: this.root.dataset.version, ...values });
    if (!answer.html) {
      if (answer.perime) await this.refreshOutline();
      say(answer.erreur, "erreur");
      return false;
    }
    this.swap(answer.html);
    this.root.dispatchEvent(new CustomEvent("wm:version"));
    await then(answer);
    return true;
  }

  /** The end of an article became another one: its title is asked at once, Enter goes on with the text. */
  nameSplit({ article, dit }) {
    const url = this.section(article)?.dataset.structureUrl;
    this.gestes.offer(dit || "L’article est scindé.", "Défaire la scission", () =>
      this.operate(`${url}fusionner/`, { scission: 1 }, (answer) => {
        say("La scission est défaite.", "succes");
        return this.enter(answer.article, { edge: "end" });
      }),
    );
    this.editTitle(article);
    // On a phone, the message covers the foot of the page.
    this.section(article)?.querySelector("[data-wm-titre]").scrollIntoView({ block: "center" });
  }

  /** The article being written is no longer on the page. */
  forsake() {
    const { seance, view } = this.current;
    this.current = null;
    seance.view = null;
    view.destroy();
    delete this.root.dataset.articleEdite;
  }

  /** The article is in sight, and the keyboard with it where it stood nowhere. */
  reveal(article) {
    this.section(article)?.scrollIntoView({ block: "center" });
    if (this.current?.id === article) this.current.view.focus();
    else this.land([], article);
  }

  /** Put a fragment of the server in place; the article being written stays as it is, under its new number. */
  swap(html) {
    const inOutline = document.activeElement?.closest?.("[data-wm-sommaire] a")?.getAttribute("href");
    const focused = this.current?.view.hasFocus();
    swapFragment(this.root, html, this.current?.section);
    for (const [id, seance] of this.seances) {
      const section = this.section(id);
      // The article is gone, not what was typed in it: the server says what becomes of that.
      if (seance.dirty) {
        if (!section) seance.schedule(true);
      } else if (section && seance.wrote) seance.catchUp(Number(section.dataset.numero));
      else if (!section || (seance !== this.current?.seance && Number(section.dataset.numero) !== seance.numero)) {
        seance.close();
        this.seances.delete(id);
      }
    }
    if (this.current && !this.current.section.isConnected) this.forsake();
    if (this.current) {
      this.current.seance.pull();
      this.markOutline(this.current.id);
    }
    this.prepareSections();
    this.barre.refresh();
    if (focused) this.current?.view.focus();
    else if (inOutline) this.root.querySelector(`[data-wm-sommaire] a[href="${inOutline}"]`)?.focus();
  }

  /** Someone else changed the plan. False when it could not be read. */
  async refreshOutline() {
    const response = await fetch(this.root.dataset.outlineUrl, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
    if (!response?.ok) return false;
    const html = await response.text();
    const place = this.current && this.standing();
    this.swap(html);
    if (!place || this.section(place.article)) return true;
    const raison = await this.follow(place);
    say(raison ?? "L’article où vous écriviez n’est plus dans le texte.", "attention");
    return true;
  }
}

for (const root of document.querySelectorAll("[data-wm-piece]")) if (root.dataset.editable === "true") root.wmPage = new Page(root);

export { Page };
