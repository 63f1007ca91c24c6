/**
 * A page where one wrote becomes that of somebody who reads, as the server makes it; why is said once it is there.
 * What is not saved is kept before.
 * @example document.dispatchEvent(new CustomEvent("wm:lecture", { detail: "Votre rôle a changé." }))
 */
import { icon, make, say } from "../editor/dom.js";

const WHY = "wm:lecture";

document.addEventListener("wm:lecture", ({ detail }) => {
  sessionStorage.setItem(WHY, detail);
  window.location.reload();
});

// No page to read any more: this one says why, in the place of what served to write.
document.addEventListener("wm:perdu", ({ detail }) => {
  const words = make("p", { class: "wm-lecture note doux" }, icon("eye-slash"), ` ${detail}`);
  document.querySelector("[data-wm-barre], .wm-lecture")?.replaceWith(words);
  say(detail, "attention");
});

document.addEventListener("DOMContentLoaded", () => {
  const raison = sessionStorage.getItem(WHY);
  sessionStorage.removeItem(WHY);
  if (raison) say(raison, "attention");
});
