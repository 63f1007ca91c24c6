/**
 * « Texte écarté »: what could not be placed, offered back. Nothing is dropped silently. Kept for this tab only.
 * @example <div data-wm-ecarte></div>   (made above the sheet when the page has none)
 */
import { icon, make, say } from "./dom.js";

const KEY = "wm:ecarte:";

export class Ecarte {
  /** put(article uuid, texte): write it back in its article; name(article): « article 4.2, Dosage ». */
  constructor(root, piece, { put, name, change }) {
    Object.assign(this, { key: KEY + piece, put, name, change });
    this.dom = root.querySelector("[data-wm-ecarte]");
    if (!this.dom) {
      this.dom = make("div", { "data-wm-ecarte": true });
      const sheet = root.querySelector(".wm-feuille");
      sheet?.before(this.dom);
    }
    this.items = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    this.show();
  }

  get count() {
    return this.items.length;
  }

  add(article, { texte, raison }) {
    this.items.push({ article, texte, raison });
    this.keep();
    say("Une partie de votre texte n’a pas pu être placée : elle vous attend dans « Texte écarté ».", "erreur");
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    this.keep();
  }

  keep() {
    if (this.items.length) sessionStorage.setItem(this.key, JSON.stringify(this.items));
    else sessionStorage.removeItem(this.key);
    this.show();
    this.change();
  }

  show() {
    if (!this.items.length) return this.dom.replaceChildren();
    const title = make("h2", { class: "t3" }, icon("exclamation-triangle"), " Texte écarté");
    const list = make("ul", { class: "wm-ecartes" }, ...this.items.map((item) => this.showItem(item)));
    this.dom.replaceChildren(make("section", { class: "wm-ecarte", "aria-label": "Texte écarté" }, title, list));
  }

  showItem(item) {
    const act = (label, name, onclick) =>
      make("button", { type: "button", class: "btn btn-trait btn-court", onclick }, icon(name), ` ${label}`);
    const copy = act("Copier", "clipboard", async () => {
      await navigator.clipboard?.writeText(item.texte);
      say("Texte copié.");
    });
    const back = act("Remettre", "arrow-counterclockwise", async () => (await this.put(item.article, item.texte)) && this.remove(item));
    const forget = make("button", { type: "button", class: "btn btn-lien btn-court", onclick: () => this.remove(item) }, "Oublier");
    return make(
      "li",
      {},
      make("p", { class: "note doux mb-1" }, `${this.name(item.article)} · ${item.raison}`),
      make("blockquote", {}, item.texte),
      make("div", { class: "gestes" }, copy, back, forget),
    );
  }
}
