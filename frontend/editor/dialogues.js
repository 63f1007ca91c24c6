/** Questions asked in a window of their own: choose in a list, write a few words. Escape answers null. */
import { make } from "./dom.js";

let count = 0;

/** The key that closed the window may still be held: what it repeats is not for the text that has the focus back. */
function dropRepeats() {
  const drop = (event) => {
    if (!event.repeat) return stop();
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const stop = () => {
    document.removeEventListener("keydown", drop, true);
    document.removeEventListener("keyup", stop, true);
  };
  document.addEventListener("keydown", drop, true);
  document.addEventListener("keyup", stop, true);
}

/** Answers at once: the event « close » comes later, and a letter struck meanwhile would go to the wrong place. */
export function open(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.settle = (answer) => {
      dialog.close();
      dialog.remove();
      dropRepeats();
      resolve(answer);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      dialog.settle(null);
    });
  });
}

export const frame = (titre, ...inside) => {
  const id = `wm-dialogue-${(count += 1)}`;
  return make("dialog", { class: "wm-dialogue", "aria-labelledby": id }, make("h2", { class: "t2", id }, titre), ...inside);
};

export const cancelButton = (dialog) => make("button", { type: "button", class: "btn btn-trait", onclick: () => dialog().settle(null) }, "Annuler");

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

/** How near a label (« 17 Pénalités », « Durée ») is to what is asked: 0 said whole, with or without its number, 1 begun, 2 found in it. */
function distance(libelle, asked) {
  const whole = plain(libelle);
  const said = [whole, ...whole.split(/ (.*)/)];
  return said.includes(asked) ? 0 : said.some((part) => part.startsWith(asked)) ? 1 : 2;
}

/** Choose one of options: [{valeur, libelle, detail}]; those nearest to what is asked come first. vide: sentence when there is none. */
export function choose({ titre, etiquette, options, vide }) {
  const field = `wm-choix-${(count += 1)}`;
  const list = make("div", { class: "wm-choix", role: "group", "aria-label": titre });
  const buttons = options.map(({ valeur, libelle, detail }) =>
    make(
      "button",
      { type: "button", class: "wm-option", onclick: () => dialog.settle(valeur) },
      make("span", {}, libelle),
      detail ? make("small", {}, detail) : null,
    ),
  );
  list.append(...(buttons.length ? buttons : [make("p", { class: "doux" }, vide)]));
  const input = make("input", { class: "form-control", type: "search", id: field, autocomplete: "off" });
  const dialog = frame(
    titre,
    make("label", { class: "form-label", for: field }, etiquette),
    input,
    list,
    make("div", { class: "gestes" }, cancelButton(() => dialog)),
  );
  const visible = () => [...list.querySelectorAll("button:not([hidden])")];
  input.addEventListener("input", () => {
    const asked = plain(input.value.trim());
    const words = asked.split(/\s+/);
    for (const button of buttons) button.hidden = !words.every((word) => plain(button.textContent).includes(word));
    const far = new Map(buttons.map((button, place) => [button, asked ? distance(options[place].libelle, asked) : 0]));
    list.append(...[...buttons].sort((one, other) => far.get(one) - far.get(other)));
  });
  dialog.addEventListener("keydown", (event) => {
    const shown = visible();
    const at = shown.indexOf(document.activeElement);
    if (event.key === "ArrowDown") shown[Math.min(at + 1, shown.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? shown[at - 1] : input).focus();
    else if (event.key === "Enter" && document.activeElement === input && shown.length) dialog.settle(options[buttons.indexOf(shown[0])].valeur);
    else return;
    event.preventDefault();
  });
  return open(dialog);
}

/** Write a few words. type: "text", "url" or "long". Answers the trimmed text, or null. */
export function askText({ titre, etiquette, aide, valeur = "", type = "text", bouton = "Valider", longueur = 5000, motif }) {
  const field = `wm-saisie-${(count += 1)}`;
  const attrs = { class: "form-control", id: field, required: true, maxlength: longueur, "aria-describedby": aide ? `${field}-aide` : null };
  const input = type === "long" ? make("textarea", { ...attrs, rows: 4 }) : make("input", { ...attrs, type: "text", pattern: motif });
  input.value = valeur;
  const form = make(
    "form",
    { method: "dialog" },
    make("label", { class: "form-label", for: field }, etiquette),
    input,
    aide ? make("p", { class: "form-text", id: `${field}-aide` }, aide) : null,
    make("div", { class: "gestes" }, cancelButton(() => dialog), make("button", { type: "submit", class: "btn btn-primary" }, bouton)),
  );
  const dialog = frame(titre, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text) dialog.settle(text);
  });
  return open(dialog);
}
