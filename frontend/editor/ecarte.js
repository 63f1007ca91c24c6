/**
 * « Texte écarté »: what could not be placed, offered back. Nothing is dropped silently: it waits in the browser, as unsent
 * text does (drafts.js), until its author puts it back or forgets it, however long that takes; closing the browser loses
 * nothing. One key per text, so that two pages of the same person never write over each other's. Shown, then wiped at sign-out (piece/signout.js).
 * @example <div data-wm-ecarte></div>   (made above the sheet when the page has none)
 */
import { icon, make, say, sayInstant } from "./dom.js";
import { makeUuid } from "./transport.js";

const PREFIX = "wm:ecarte:";

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

export class Ecarte {
  /**
   * put(article uuid, texte): write it back in its article, null where one may not write; name(article): « article 4.2, Dosage »;
   * into(article): « dans l’article 4.1 », where its text went, if it left.
   */
  constructor(root, piece, { moi, put, name, into = () => "", change = () => {} }) {
    Object.assign(this, { root, prefix: `${PREFIX}${piece}:`, moi, put, name, into, change, unkept: [] });
    window.addEventListener("storage", ({ key }) => {
      if (key !== null && !key.startsWith(this.prefix)) return;
      this.show();
      this.change();
    });
    document.addEventListener("wm:waiting", ({ detail }) => detail.push(...this.unkept));
    this.show();
  }

  /** Texts of this person for this pièce, the oldest first; those the browser had no room for included. */
  get items() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    const found = [];
    for (const key of keys) {
      const item = read(key);
      if (item?.moi === this.moi) found.push({ ...item, key });
    }
    return [...found, ...this.unkept].sort((a, b) => a.le - b.le);
  }

  get count() {
    return this.items.length;
  }

  /** quiet: said later, by tell(), or by something else. suite: typed right after what was just set aside, it goes on with it. */
  add(article, { texte, raison }, { quiet = false, suite = false } = {}) {
    const last = suite && this.items.find(({ le }) => le === this.last?.le);
    if (last?.article === article) {
      this.remove(last);
      texte = last.texte + texte;
      raison = last.raison;
    }
    const item = { moi: this.moi, article, nom: this.name(article), texte, raison, le: Date.now() };
    try {
      localStorage.setItem(this.prefix + makeUuid(), JSON.stringify(item));
    } catch {
      // Full or forbidden: the text stays in sight, and in memory.
      this.unkept.push(item);
    }
    this.last = item;
    this.show();
    this.change();
    this.untold = true;
    if (!quiet) this.tell();
  }

  /** Say, once, that some text was set aside. */
  tell() {
    if (!this.untold) return;
    this.untold = false;
    const where = { libelle: "Voir ce texte", run: () => this.reveal() };
    say("Une partie de votre texte n’a pas pu être placée : elle vous attend dans « Texte écarté ».", "erreur", where);
  }

  /** One may be writing far below: the list comes in sight, and the keyboard with it. */
  reveal() {
    const place = this.dom?.querySelector(".wm-ecarte");
    place?.scrollIntoView({ block: "center" });
    place?.focus({ preventScroll: true });
  }

  remove(item) {
    if (item.key) localStorage.removeItem(item.key);
    this.unkept = this.unkept.filter((other) => other !== item);
    this.show();
    this.change();
  }

  /** Another page of the same person may have put it back already. */
  async putBack(item) {
    if (item.key && localStorage.getItem(item.key) === null) return this.show();
    if (await this.put(item.article, item.texte)) this.remove(item);
  }

  show() {
    const { items } = this;
    this.dom ??= this.root.querySelector("[data-wm-ecarte]");
    if (!items.length) return this.dom?.replaceChildren();
    if (!this.dom) {
      this.dom = make("div", { "data-wm-ecarte": true });
      this.root.querySelector(".wm-feuille")?.before(this.dom);
    }
    const title = make("h2", { class: "t3" }, icon("exclamation-triangle"), " Texte écarté");
    const list = make("ul", { class: "wm-ecartes" }, ...items.map((item) => this.showItem(item)));
    this.dom.replaceChildren(make("section", { class: "wm-ecarte", "aria-label": "Texte écarté", tabindex: "-1" }, title, list));
  }

  showItem(item) {
    const act = (label, name, onclick) =>
      make("button", { type: "button", class: "btn btn-trait btn-court", onclick }, icon(name), ` ${label}`);
    const copy = act("Copier", "clipboard", async () => {
      await navigator.clipboard?.writeText(item.texte);
      say("Texte copié.");
    });
    const back = this.put && act(`Remettre ${this.into(item.article)}`.trim(), "arrow-counterclockwise", () => this.putBack(item));
    const forget = make("button", { type: "button", class: "btn btn-lien btn-court", onclick: () => this.remove(item) }, "Oublier");
    return make(
      "li",
      {},
      make("p", { class: "note doux mb-1" }, `${this.name(item.article)} · mis de côté le ${sayInstant(item.le)} · ${item.raison}`),
      make("blockquote", {}, item.texte),
      make("div", { class: "gestes" }, copy, back, forget),
    );
  }
}
