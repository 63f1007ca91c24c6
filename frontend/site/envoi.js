/**
 * Sending a file: how far it is, in figures, and a place to drop it. Without this the form is sent as any form.
 * A file past the limit is refused at its field before it leaves, in the words of the server.
 * @example <form method="post" enctype="multipart/form-data" data-wm-envoi>
 *            <div data-wm-depot><input type="file" name="fichier" data-wm-limite="25000000" data-wm-trop-grand="Ce fichier fait {taille}…"></div>
 *            <div data-wm-avance hidden><progress max="100" value="0"></progress><p class="ou" role="status"></p></div></form>
 */
import { icon, make } from "../editor/dom.js";
import { tooLarge, weigh } from "../editor/poids.js";

const say = (texte) => document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte, genre: "erreur" } }));

function send(form) {
  const advance = form.querySelector("[data-wm-avance]");
  const [bar, words] = [advance.querySelector("progress"), advance.querySelector("[role=status]")];
  const buttons = form.querySelectorAll("button");
  const request = new XMLHttpRequest();
  const release = () => {
    advance.hidden = true;
    for (const button of buttons) button.disabled = false;
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? (100 * loaded) / total : 0;
    words.textContent = loaded < total ? `Envoi\u202f: ${weigh(loaded)} sur ${weigh(total)}.` : "Le document est examiné.";
  });
  request.addEventListener("load", () => {
    const type = request.getResponseHeader("Content-Type") ?? "";
    if (request.status < 300 && request.responseURL !== form.action) return window.location.assign(request.responseURL);
    release();
    const page = type.includes("html") && new DOMParser().parseFromString(request.responseText, "text/html");
    const fresh = page && page.querySelector("form[data-wm-envoi]");
    if (!fresh) return say(page?.querySelector("h1")?.textContent ?? "Ce document n’a pas pu être envoyé. Rien n’en est gardé.");
    form.replaceWith(document.importNode(fresh, true));
    document.querySelector("[data-wm-focus]")?.focus();
  });
  request.addEventListener("error", () => {
    release();
    say("Le serveur ne répond pas. Le document n’est pas parti\u202f; recommencez dans un instant.");
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
  advance.hidden = false;
  for (const button of buttons) button.disabled = true;
}

/** Say at its field that a file is too heavy to leave, or take back what was said of the one before. */
function isTooLarge(input) {
  const { wmLimite, wmTropGrand } = input.dataset;
  const refusal = wmLimite ? tooLarge(input.files, wmLimite, wmTropGrand) : "";
  const id = `${input.id}_error`;
  document.getElementById(id)?.remove();
  input.removeAttribute("aria-invalid");
  const described = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (refusal) {
    const sentence = make("p", { class: "erreur" }, icon("exclamation-octagon"), make("span", {}, refusal));
    input.after(make("div", { id, class: "wm-champ mb-0", role: "alert" }, sentence));
    input.setAttribute("aria-invalid", "true");
    described.push(id);
  }
  input.setAttribute("aria-describedby", described.join(" "));
  return Boolean(refusal);
}

document.addEventListener("change", ({ target }) => target.matches?.("input[data-wm-limite]") && isTooLarge(target));
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-wm-envoi]");
  const input = form?.querySelector('input[type="file"]');
  if (!input?.files.length) return;
  event.preventDefault();
  if (isTooLarge(input)) input.focus();
  else send(form);
});

for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    const place = event.target.closest?.("[data-wm-depot]");
    if (!place) return;
    event.preventDefault();
    place.classList.toggle("dessus", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = place.querySelector('input[type="file"]');
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
