/**
 * Commenting: words chosen in the text bring up « Commenter » beside them; Ctrl+Alt+M does the same from the keyboard,
 * and without any word, comments the article. What is written leaves with the words it is about, and stays in its
 * window until the server has kept it.
 * @example <div data-wm-piece="UUID" data-commenter="true">…<section data-wm-article data-structure-url="…/articles/UUID/">
 */
import { cancelButton, frame, open } from "../editor/dialogues.js";
import { icon, make, say } from "../editor/dom.js";
import { makeUuid, readToken } from "../editor/transport.js";
import { passageOf } from "./passage.js";

const GENRES = [
  ["question", "Question"],
  ["correction", "Correction"],
  ["avis_juridique", "Avis juridique"],
  ["objection_bloquante", "Objection bloquante"],
];
const UNREACHED = "Le serveur ne répond pas. Votre commentaire est encore ici : réessayez dans un instant.";

class Commenter {
  constructor(root) {
    this.root = root;
    this.button = make("button", { type: "button", class: "btn btn-primary btn-court wm-commenter", hidden: true }, icon("chat-left-text"), " Commenter");
    // A press would take the choice away.
    this.button.addEventListener("mousedown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.comment());
    root.append(this.button);
    document.addEventListener("selectionchange", () => this.soon());
    document.addEventListener("wm:commenter", () => this.comment());
    root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey && event.altKey && event.key.toLowerCase() === "m")) return;
      event.preventDefault();
      this.comment();
    });
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
    const parts = [range.startContainer, range.endContainer].map((node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-wm-corps]"));
    if (!parts[0] || parts[0] !== parts[1] || !this.root.contains(parts[0])) return null;
    return { range, section: parts[0].closest("[data-wm-article]") };
  }

  show() {
    const chosen = this.chosen();
    this.button.hidden = !chosen;
    if (!chosen) return;
    const boxes = chosen.range.getClientRects();
    const last = boxes[boxes.length - 1] ?? chosen.range.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.button;
    const below = last.bottom + 8 + height < window.innerHeight;
    this.button.style.left = `${Math.max(8, Math.min(last.right - width / 2, window.innerWidth - width - 8))}px`;
    this.button.style.top = `${below ? last.bottom + 8 : Math.max(8, last.top - height - 8)}px`;
  }

  async comment() {
    const chosen = this.chosen();
    const section = chosen?.section ?? this.root.querySelector(".wm-article.wm-ecrit") ?? document.activeElement?.closest?.("[data-wm-article]");
    if (!section) return say("Choisissez d’abord des mots du texte.", "attention");
    const words = chosen?.range.toString().trim() ?? "";
    const passage = chosen ? await this.passage(chosen) : null;
    if (chosen && !passage) return say("Ces mots ne peuvent pas être commentés encore : le texte n’est pas enregistré, ou ils ne sont pas d’un seul article.", "attention");
    this.button.hidden = true;
    const fil = await this.write(section, words, passage);
    if (fil) this.root.dispatchEvent(new CustomEvent("wm:fil-ouvert", { detail: fil }));
  }

  /** In the article being written, the editor knows its places; elsewhere the page shows them. */
  async passage({ range, section }) {
    if (section.classList.contains("wm-ecrit")) return this.root.wmPage?.passage() ?? null;
    const ends = passageOf(range);
    return ends && { passage: JSON.stringify(ends), base: section.dataset.numero };
  }

  /** Ask for the words. Resolves with the identifier of the thread once it is kept, null when it was given up. */
  write(section, words, passage) {
    const id = makeUuid();
    const field = make("textarea", { class: "form-control", id: "wm-commentaire", rows: 4, maxlength: 5000, required: true });
    const wrong = make("p", { class: "erreur", role: "alert", hidden: true });
    const genres = make("fieldset", { class: "wm-champ wm-genres" }, make("legend", {}, "Ce que vous demandez"));
    for (const [place, [valeur, mot]] of GENRES.entries())
      genres.append(
        make(
          "div",
          { class: "form-check" },
          make("input", { class: "form-check-input", type: "radio", name: "genre", id: `wm-genre-${valeur}`, value: valeur, checked: place === 0 }),
          make("label", { class: "form-check-label", for: `wm-genre-${valeur}` }, mot),
        ),
      );
    const send = make("button", { type: "submit", class: "btn btn-primary" }, icon("chat-left-text"), " Commenter");
    const form = make(
      "form",
      { method: "dialog", class: "wm-formulaire-court" },
      words ? make("blockquote", { class: "wm-cite" }, `« ${words.length > 300 ? `${words.slice(0, 300)}…` : words} »`) : null,
      make("label", { class: "form-label", for: "wm-commentaire" }, "Votre commentaire"),
      field,
      wrong,
      genres,
      make("div", { class: "gestes" }, cancelButton(() => dialog), send),
    );
    const numero = section.querySelector(".num")?.textContent.trim();
    const dialog = frame(words ? "Commenter ces mots" : `Commenter l’article ${numero ?? ""}`.trim(), form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (send.disabled) return;
      send.disabled = true;
      wrong.hidden = true;
      const refusal = await this.send(`${section.dataset.structureUrl}commenter/`, { id, texte: field.value, genre: new FormData(form).get("genre"), ...passage });
      send.disabled = false;
      if (refusal === "") return dialog.settle(id);
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
    const headers = { Accept: "application/json", "HX-Request": "true", "X-CSRFToken": readToken() };
    try {
      const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(said), redirect: "manual", signal: AbortSignal.timeout(20_000) });
      if (response.ok) return "";
      const data = await response.json().catch(() => ({}));
      return data.erreur ?? UNREACHED;
    } catch {
      return UNREACHED;
    }
  }
}

for (const root of document.querySelectorAll('[data-wm-piece][data-commenter="true"]')) new Commenter(root);
