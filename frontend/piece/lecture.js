/**
 * A page where one wrote becomes that of somebody who reads, as the server makes it; why is said once it is there.
 * What is not saved is kept before.
 * @example document.dispatchEvent(new CustomEvent("wm:lecture", { detail: "Votre rôle a changé." }))
 */
import { say } from "../editor/dom.js";

const WHY = "wm:lecture";

document.addEventListener("wm:lecture", ({ detail }) => {
  sessionStorage.setItem(WHY, detail);
  window.location.reload();
});

document.addEventListener("DOMContentLoaded", () => {
  const raison = sessionStorage.getItem(WHY);
  sessionStorage.removeItem(WHY);
  if (raison) say(raison, "attention");
});
