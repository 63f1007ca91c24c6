/**
 * Messages: the ones the page carries close; the ones a script or a fragment sends appear in the corner.
 * An error stays until it is closed; the rest leaves after eight seconds (twenty with a gesture: {libelle, run}), never under the pointer or the focus.
 * @example document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte: "Enregistré.", genre: "succes" } }))
 */
const genres = {
  succes: ["sapin", "check2-circle"],
  info: ["bleu", "info-circle"],
  attention: ["ocre", "exclamation-triangle"],
  erreur: ["rouge", "exclamation-octagon"],
};

export function drawIcon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.documentElement.dataset.wmIcones}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Signs that never begin a line, guillemets that never end one. */
const tie = (texte) => texte.replace(/ (?=[:;!?»])/g, "\u00a0").replace(/« /g, "«\u00a0");

function showMessage({ texte, genre = "info", geste = null }) {
  const corner = document.querySelector("[data-wm-toasts]");
  if (!corner || !texte) return;
  const [tone, icon] = genres[genre] ?? genres.info;
  if ([...corner.children].some((other) => other.textContent.trim() === tie(texte))) return;
  const box = document.createElement("div");
  box.className = `wm-message e-${tone}`;
  if (genre === "erreur") box.setAttribute("role", "alert");
  const sentence = document.createElement("p");
  sentence.textContent = tie(texte);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "wm-rond";
  close.setAttribute("aria-label", "Fermer ce message");
  close.dataset.wmFerme = "";
  close.append(drawIcon("x-lg"));
  box.append(drawIcon(icon), sentence);
  if (geste) {
    const act = document.createElement("button");
    act.type = "button";
    act.className = "btn btn-lien btn-court";
    act.textContent = geste.libelle;
    act.addEventListener("click", () => {
      box.remove();
      geste.run();
    });
    box.append(act);
  }
  box.append(close);
  corner.append(box);
  if (genre === "erreur") return;
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : box.remove());
  setTimeout(leave, geste ? 20_000 : 8000);
}

document.addEventListener("wm:message", (event) => showMessage(event.detail));
document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-wm-ferme]");
  if (!close) return;
  const dialog = close.closest("dialog");
  if (dialog) dialog.close();
  else close.closest(".wm-message")?.remove();
});
