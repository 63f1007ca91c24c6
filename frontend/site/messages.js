/**
 * Messages: the ones the page carries close; the ones a script or a fragment sends appear in the corner.
 * Each leaves after its seconds, never under the pointer or the focus, and three at most stand there: what lasts has its place in the page.
 * geste: {libelle, run, cle}, a button of the message. One message of a key (its own, or that of its gesture) stands there at a
 * time, until wm:message-passe names it.
 * F6 goes to what the messages offer, one after the other, a gesture first, then back to where one was; so does the keyboard
 * that is in a message when it leaves.
 * @example document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte: "Enregistré.", genre: "succes" } }))
 */
const SECONDS = { plain: 8, gesture: 20, error: 30 };
const MANY = 3;

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
const tie = (texte) => texte.replace(/ (?=[:;!?»])/g, "\u202f").replace(/« /g, "«\u202f");

let from = null;

/** Under the pointer or the keyboard, a message stays. */
const isHeld = (box) => box.matches(":hover, :focus-within");

/** Take a message away; the keyboard that was in it goes back where it came from. */
function leave(box) {
  const within = box.contains(document.activeElement);
  box.remove();
  if (within && from?.isConnected) from.focus({ preventScroll: true });
}

function forget(cle) {
  for (const box of document.querySelectorAll("[data-wm-toasts] > *")) if (cle && box.wmCle === cle) leave(box);
}

function showMessage({ texte, genre = "info", geste = null, cle = geste?.cle }) {
  const corner = document.querySelector("[data-wm-toasts]");
  if (!corner || !texte) return;
  forget(cle);
  const [tone, icon] = genres[genre] ?? genres.info;
  if ([...corner.children].some((other) => other.textContent.trim() === tie(texte))) return;
  const box = document.createElement("div");
  box.className = `wm-message e-${tone}`;
  box.wmCle = cle;
  box.wmGeste = geste;
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
    act.setAttribute("aria-keyshortcuts", "F6");
    act.addEventListener("click", () => {
      leave(box);
      geste.run();
    });
    box.append(act);
  }
  box.append(close);
  corner.append(box);
  // What can still be undone, or went wrong, gives its place up last.
  box.wmTient = Boolean(geste) || genre === "erreur";
  while (corner.children.length > MANY) {
    const others = [...corner.children].filter((other) => other !== box && !isHeld(other));
    (others.find((other) => !other.wmTient) ?? others[0]).remove();
  }
  const fade = () => (isHeld(box) ? setTimeout(fade, 2000) : box.remove());
  setTimeout(fade, 1000 * SECONDS[genre === "erreur" ? "error" : geste ? "gesture" : "plain"]);
}

document.addEventListener("wm:message", (event) => showMessage(event.detail));
document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-wm-ferme]");
  if (!close) return;
  const dialog = close.closest("dialog");
  if (dialog) dialog.close();
  else if (close.closest(".wm-message")) leave(close.closest(".wm-message"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F6") return;
  const boxes = [...document.querySelectorAll("[data-wm-toasts] > *")].reverse();
  if (!boxes.length) return;
  event.preventDefault();
  boxes.sort((one, other) => Boolean(other.wmGeste) - Boolean(one.wmGeste));
  const next = boxes[boxes.findIndex((box) => box.contains(document.activeElement)) + 1];
  if (next) next.querySelector("button").focus();
  else if (from?.isConnected) from.focus({ preventScroll: true });
});
document.addEventListener("wm:message-passe", (event) => forget(event.detail));
document.addEventListener("focusin", ({ target, relatedTarget }) => {
  if (target.closest(".wm-message") && relatedTarget && !relatedTarget.closest(".wm-message")) from = relatedTarget;
});
