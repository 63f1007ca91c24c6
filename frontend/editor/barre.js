/**
 * The tool bar above the sheet. One stop for Tab, arrows inside (roving tabindex), Escape gives the text back.
 * @example <div class="wm-barre" role="toolbar" aria-label="Écrire" data-wm-barre></div>
 */
import * as commands from "./commands.js";
import { icon, make } from "./dom.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const { tables } = commands;

export class Barre {
  /** actions: what the page does itself (choosers, structure); each receives the bar's page. */
  constructor(dom, page) {
    Object.assign(this, { dom, page, items: [] });
    if (!dom) return;
    this.said = make("span", { class: "dit" });
    const sep = () => make("span", { class: "sep", "aria-hidden": "true" });
    dom.replaceChildren(
      make("span", { class: "wm-enreg wm-enreg-bas", "data-wm-enregistrement-bas": true }),
      this.said,
      this.button("Gras", "type-bold", commands.toggleMark(marks.strong), commands.isMarkOn(marks.strong), "Ctrl+B"),
      this.button("Italique", "type-italic", commands.toggleMark(marks.em), commands.isMarkOn(marks.em), "Ctrl+I"),
      this.button("Liste", "list-ul", commands.toggleList(nodes.bullet_list), commands.isInList(nodes.bullet_list)),
      this.button("Liste numérotée", "list-ol", commands.toggleList(nodes.ordered_list), commands.isInList(nodes.ordered_list)),
      this.menu("Tableau", "table", this.tableItems()),
      sep(),
      this.button("Renvoi vers un article", "link-45deg", () => page.addRenvoi()),
      this.button("Donnée de la fiche du marché", "braces", () => page.addVariable()),
      this.button("Note de bas de page", "journal-text", () => page.addNote()),
      sep(),
      this.button("Monter l’article", "arrow-up", () => page.structure("deplacer", { sens: "haut" }), null, "Alt+Maj+Haut", "tard"),
      this.button("Descendre l’article", "arrow-down", () => page.structure("deplacer", { sens: "bas" }), null, "Alt+Maj+Bas", "tard"),
      this.button("Commenter les mots choisis", "chat-left-text", () => document.dispatchEvent(new CustomEvent("wm:commenter")), null, "Alt+Maj+C"),
      this.menu("Texte", "pencil-square", this.textItems()),
      this.menu("Article", "three-dots", this.articleItems()),
    );
    dom.addEventListener("keydown", (event) => this.move(event));
    dom.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
    this.rove(this.items[0]);
    this.refresh();
  }

  button(label, name, run, on = null, keys = "", extra = "") {
    const title = keys ? `${label} (${keys})` : label;
    const dom = make("button", { type: "button", class: `wm-rond ${extra}`, "aria-label": label, title, tabindex: "-1" }, icon(name));
    if (on) dom.setAttribute("aria-pressed", "false");
    dom.addEventListener("click", () => dom.getAttribute("aria-disabled") !== "true" && this.run(run));
    this.items.push({ dom, on, run });
    return dom;
  }

  menu(label, name, entries) {
    const toggle = make(
      "button",
      { type: "button", class: "wm-rond", "data-bs-toggle": "dropdown", "aria-expanded": "false", "aria-label": label, title: label, tabindex: "-1" },
      icon(name),
    );
    const item = { dom: toggle, on: null, entries: [] };
    const list = make("ul", { class: "dropdown-menu" });
    for (const [text, run, ready] of entries) {
      const dom = make("button", { type: "button", class: "dropdown-item" }, text);
      dom.addEventListener("click", () => dom.getAttribute("aria-disabled") !== "true" && this.run(run));
      item.entries.push({ dom, run, ready });
      list.append(make("li", {}, dom));
    }
    this.items.push(item);
    return make("span", { class: "dropdown" }, toggle, list);
  }

  tableItems() {
    return [
      ["Insérer un tableau", commands.insertTable()],
      ["Ajouter une ligne au-dessus", tables.addRowBefore],
      ["Ajouter une ligne au-dessous", tables.addRowAfter],
      ["Ajouter une colonne avant", tables.addColumnBefore],
      ["Ajouter une colonne après", tables.addColumnAfter],
      ["Ligne de titre ou non", tables.toggleHeader("row")],
      ["Colonne de titre ou non", tables.toggleHeader("column")],
      ["Réunir les cellules choisies", tables.mergeCells],
      ["Séparer la cellule", tables.splitCell],
      ["Retirer la ligne", tables.deleteRow],
      ["Retirer la colonne", tables.deleteColumn],
      ["Retirer le tableau", tables.deleteTable],
    ];
  }

  textItems() {
    const { page } = this;
    return [
      ["Texte courant", commands.setKind(nodes.paragraph)],
      ["Intertitre", commands.setKind(nodes.heading, { level: 1 })],
      ["Petit intertitre", commands.setKind(nodes.heading, { level: 2 })],
      ["Citation", commands.quote],
      ["Souligné", commands.toggleMark(marks.underline)],
      ["Exposant", commands.toggleMark(marks.superscript)],
      ["Indice", commands.toggleMark(marks.subscript)],
      ["Numéroter 1, 2, 3", commands.setListStyle("1")],
      ["Numéroter a, b, c", commands.setListStyle("a")],
      ["Numéroter i, ii, iii", commands.setListStyle("i")],
      ["Lien…", () => page.addLink()],
      ["Tableau des critères", commands.insertBlock(nodes.critere)],
      ...(page.root.dataset.imageEnvoiUrl ? [["Image…", () => page.addImage()]] : []),
      ["Annuler la frappe", (state, dispatch) => page.undo(state, dispatch)],
      ["Rétablir la frappe", (state, dispatch) => page.redo(state, dispatch)],
    ];
  }

  articleItems() {
    const { page } = this;
    return [
      ["Modifier le titre", () => page.editTitle()],
      ["Ajouter un article après", () => page.structure("ajouter", {})],
      ["Monter l’article", () => page.structure("deplacer", { sens: "haut" })],
      ["Descendre l’article", () => page.structure("deplacer", { sens: "bas" })],
      ["Mettre en retrait d’un niveau", () => page.structure("indenter", {})],
      ["Remonter d’un niveau", () => page.structure("desindenter", {})],
      ["Avec ou sans numéro", () => page.toggleNumber()],
      ["Scinder ici", () => page.split()],
      ["Fusionner avec l’article précédent", () => page.merge()],
      ["Retirer l’article…", () => page.retire()],
    ];
  }

  /** A command of the text has three parameters; an action of the page takes none. */
  run(action) {
    const { current } = this.page;
    if (!current) return;
    if (action.length === 0) return action();
    action(current.seance.state, current.view.dispatch.bind(current.view), current.view);
    current.view.focus();
    this.refresh();
  }

  refresh() {
    if (!this.dom) return;
    const { current } = this.page;
    const state = current?.seance.state;
    const allowed = (run) => Boolean(state) && (run.length === 0 || run(state));
    for (const { dom, on, run, entries } of this.items) {
      const enabled = entries ? Boolean(state) : allowed(run);
      dom.toggleAttribute("disabled", false);
      dom.setAttribute("aria-disabled", String(!enabled));
      if (on) dom.setAttribute("aria-pressed", String(Boolean(state && on(state))));
      if (entries && !state && dom.getAttribute("aria-expanded") === "true") window.bootstrap?.Dropdown.getInstance(dom)?.hide();
      for (const entry of entries ?? []) entry.dom.setAttribute("aria-disabled", String(!allowed(entry.run)));
      for (const entry of entries ?? []) entry.dom.classList.toggle("disabled", entry.dom.getAttribute("aria-disabled") === "true");
    }
    const numero = current ? this.page.numberOf(current.id) || "sans numéro" : "";
    const idle = this.page.sections().length ? "Cliquez pour écrire" : "Aucun article";
    const words = current ? `Article ${numero}` : idle;
    if (this.words !== words) {
      this.words = words;
      this.said.replaceChildren(icon("pencil"), ` ${words}`);
      this.dom.setAttribute("aria-label", current ? `Écrire dans l’article ${numero}` : "Écrire");
    }
  }

  rove(item) {
    for (const { dom } of this.items) dom.tabIndex = dom === item.dom ? 0 : -1;
  }

  focus() {
    this.items.find(({ dom }) => dom.tabIndex === 0)?.dom.focus();
  }

  move(event) {
    const at = this.items.findIndex(({ dom }) => dom === document.activeElement);
    if (at < 0) return;
    const last = this.items.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      this.rove(this.items[to]);
      this.items[to].dom.focus();
      event.preventDefault();
    } else if (event.key === "Escape" && document.activeElement.getAttribute("aria-expanded") !== "true") {
      this.page.current?.view.focus();
      event.preventDefault();
    }
  }
}

