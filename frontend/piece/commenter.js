/**
 * Commenting: words chosen in the text bring up « Commenter » beside them; Alt+Maj+C does the same from the keyboard, and
 * a link after each article, which needs no script, comments it whole. What is written leaves with the words it is about, and stays in its window
 * until the server has kept it; given up, or its page gone, it is there again when one comments the same article.
 * @example <div data-wm-piece="UUID" data-commenter="true">…<section data-wm-article data-structure-url="…/articles/UUID/">
 */
import { frame, open } from "../editor/dialogues.js";
import { icon, make, say } from "../editor/dom.js";
import { ask, makeUuid } from "../editor/transport.js";
import { Ebauches } from "./ebauches.js";
import { passageOf, textOf } from "./passage.js";

const GENRES = [
  ["question", "Question"],
  ["correction", "Correction"],
  ["avis_juridique", "Avis juridique"],
  ["objection_bloquante", "Objection bloquante"],
];
const LATER = {
  session: "Votre session est terminée. Reconnectez-vous dans un autre onglet, puis recommencez : votre commentaire est encore ici.",
  facteur: "Votre fonction demande une double authentification. Faites-la dans un autre onglet, puis recommencez : votre commentaire est encore ici.",
  reseau: "Le serveur ne répond pas. Votre commentaire est encore ici : réessayez dans un instant.",
  serveur: "Le serveur ne répond pas. Votre commentaire est encore ici : réessayez dans un instant.",
};
const NOT_YET = "Ces mots ne peuvent pas être commentés encore : le texte n’est pas enregistré, ou ils ne sont pas d’un seul article.";

const nameOf = (section) => `article ${section.querySelector(".num")?.textContent.trim() ?? ""}`.trim();
const placeOf = (section) => `article-${section.dataset.wmArticle}`;

const isKey = ({ altKey, shiftKey, code, target }) => altKey && shiftKey && code === "KeyC" && !target.closest?.("dialog, input, textarea, select");

class Commenter {
  constructor(root) {
    this.root = root;
    this.kept = new Ebauches(root.dataset.wmPiece);
    this.button = make("button", { type: "button", class: "btn btn-primary btn-court wm-commenter", hidden: true }, icon("chat-left-text"), " Commenter");
    // A press would take the choice away, before the click on a mouse, before the lifted finger on a screen.
    for (const press of ["mousedown", "pointerdown", "touchstart"]) this.button.addEventListener(press, (event) => event.preventDefault(), { passive: false });
    for (const lift of ["click", "touchend"]) this.button.addEventListener(lift, (event) => (event.preventDefault(), this.comment(this.last)));
    root.append(this.button);
    document.addEventListener("DOMContentLoaded", () => this.remind());
    document.addEventListener("selectionchange", () => this.soon());
    // It stands beside its words: away while they move, back once they rest.
    const moved = () => {
      this.button.hidden = true;
      this.soon();
    };
    document.addEventListener("scroll", moved, { capture: true, passive: true });
    document.addEventListener("wm:commenter", () => this.comment());
    document.addEventListener("keydown", (event) => {
      if (!isKey(event)) return;
      event.preventDefault();
      this.comment();
    });
    root.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-wm-commenter]");
      if (!link) return;
      event.preventDefault();
      this.comment({ section: link.closest("[data-wm-article]"), range: null });
    });
  }

  /** Words of a page that went away wait where they were written. */
  remind() {
    const waiting = [...this.root.querySelectorAll("[data-wm-article]")].filter((section) => this.kept.get(placeOf(section)));
    if (!waiting.length) return;
    const names = waiting.map((section) => nameOf(section)).join(", ");
    say(`Un commentaire commencé vous attend : ${names}. Il sera dans la fenêtre quand vous commenterez de nouveau.`);
  }

  /** The choice is shown once it has settled: never under the hand that makes it. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), 200);
  }

  /** The range chosen in the text, and its article; null when there is none. */
  chosen() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const corps = (range.startContainer.nodeType === Node.ELEMENT_NODE ? range.startContainer : range.startContainer.parentElement)?.closest("[data-wm-corps]");
    if (!corps || !this.root.contains(corps)) return null;
    const section = corps.closest("[data-wm-article]");
    // A triple click on the last paragraph ends at the head of what follows.
    if (!corps.contains(range.endContainer) && (range.endOffset !== 0 || !range.toString().trim())) return null;
    return { range: range.cloneRange(), section };
  }

  show() {
    const chosen = this.chosen();
    this.button.hidden = !chosen;
    if (!chosen) return;
    this.last = chosen;
    const boxes = chosen.range.getClientRects();
    const last = boxes[boxes.length - 1] ?? chosen.range.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.button;
    const below = last.bottom + 8 + height < window.innerHeight;
    this.button.style.left = `${Math.max(8, Math.min(last.right - width / 2, window.innerWidth - width - 8))}px`;
    this.button.style.top = `${below ? last.bottom + 8 : Math.max(8, last.top - height - 8)}px`;
  }

  async comment(wanted = this.chosen()) {
    const section = wanted?.section ?? this.root.querySelector(".wm-article.wm-ecrit") ?? document.activeElement?.closest?.("[data-wm-article]");
    if (!section) return say("Choisissez d’abord des mots du texte.", "attention");
    const words = wanted?.range?.toString().trim() ?? "";
    const passage = words ? await this.passage(wanted) : null;
    if (words && !passage) return say(NOT_YET, "attention");
    this.button.hidden = true;
    const fil = await this.write(section, words, passage);
    if (!fil) return;
    say("Votre commentaire est enregistré.", "succes");
    this.root.dispatchEvent(new CustomEvent("wm:fil-ouvert", { detail: fil }));
  }

  /** In the article being written the editor knows its places; elsewhere the page shows them, on the version it says. */
  async passage({ range, section }) {
    const page = this.root.wmPage;
    const words = textOf(range);
    if (section.classList.contains("wm-ecrit")) {
      const here = await page?.passage(range);
      return here ? { ...here, dit: words } : null;
    }
    const seance = page?.seances.get(section.dataset.wmArticle);
    if (seance && !(await seance.flush())) return null;
    const ends = passageOf(range);
    return ends && { passage: JSON.stringify(ends), base: section.dataset.numero, dit: words };
  }

  /** Ask for the words. Resolves with the identifier of the thread once it is kept, null when it was given up. */
  write(section, words, passage) {
    const id = makeUuid();
    const place = placeOf(section);
    const field = make("textarea", { class: "form-control", id: "wm-commentaire", rows: 4, maxlength: 5000, required: true });
    field.value = this.kept.get(place);
    field.addEventListener("input", () => this.kept.set(place, field.value, { nom: `Commentaire, ${nameOf(section)}` }));
    const wrong = make("p", { class: "erreur", role: "alert", hidden: true });
    const genres = make("fieldset", { class: "wm-champ wm-genres" }, make("legend", {}, "Ce que vous demandez"));
    for (const [rang, [valeur, mot]] of GENRES.entries())
      genres.append(
        make(
          "div",
          { class: "form-check" },
          make("input", { class: "form-check-input", type: "radio", name: "genre", id: `wm-genre-${valeur}`, value: valeur, checked: rang === 0 }),
          make("label", { class: "form-check-label", for: `wm-genre-${valeur}` }, mot),
        ),
      );
    const send = make("button", { type: "submit", class: "btn btn-primary" }, icon("chat-left-text"), " Commenter");
    const later = make("button", { type: "button", class: "btn btn-trait", onclick: () => dialog.settle(null) }, "Plus tard");
    const form = make(
      "form",
      { method: "dialog", class: "wm-formulaire-court" },
      words ? make("blockquote", { class: "wm-cite" }, `« ${words.length > 300 ? `${words.slice(0, 300)}…` : words} »`) : null,
      make("label", { class: "form-label", for: "wm-commentaire" }, "Votre commentaire"),
      field,
      wrong,
      genres,
      make("div", { class: "gestes" }, later, send),
    );
    const dialog = frame(words ? "Commenter ces mots" : `Commenter l’${nameOf(section)}`, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (send.disabled) return;
      send.disabled = true;
      wrong.hidden = true;
      const genre = new FormData(form).get("genre");
      const refusal = await this.send(`${section.dataset.structureUrl}commenter/`, { id, texte: field.value, genre, ...passage });
      send.disabled = false;
      if (refusal === "") {
        this.kept.delete(place);
        return dialog.settle(id);
      }
      wrong.replaceChildren(icon("exclamation-octagon"), make("span", {}, refusal));
      wrong.hidden = false;
      field.focus();
    });
    field.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit());
    const answer = open(dialog);
    field.focus();
    return answer;
  }

  /** Send a comment. Resolves with "" once it is kept, with what to say otherwise. */
  async send(url, said) {
    const answer = await ask(url, { form: new URLSearchParams(said) });
    if (answer.kind === "ok") return "";
    return answer.kind === "refused" ? (answer.data.erreur ?? LATER.serveur) : LATER[answer.why];
  }
}

for (const root of document.querySelectorAll("[data-wm-piece][data-commenter]")) {
  if (root.dataset.commenter === "true") new Commenter(root);
  else document.addEventListener("keydown", (event) => isKey(event) && say(root.dataset.commenterRefus, "attention"));
}
