/**
 * Panels of a workshop page. Tabs and offcanvas are Bootstrap's; this opens the right one from the bar below on a phone,
 * from a link in the text, or from the address.
 * @example
 * <aside class="wm-droite offcanvas-xl offcanvas-end" id="volets" tabindex="-1">
 *   <div role="tablist"><button role="tab" id="onglet-historique" data-bs-toggle="tab" data-bs-target="#volet-historique">…
 * <nav class="wm-bas"><a href="#volet-historique" data-wm-volet="onglet-historique">Versions</a>
 *                     <a href="#sommaire" data-wm-volet="sommaire">Sommaire</a> <a href="#contenu" data-wm-volet="">Texte</a></nav>
 */
import { Offcanvas, Tab } from "bootstrap/dist/js/bootstrap.esm.js";

const isSliding = (panel) => panel && getComputedStyle(panel).position === "fixed";

function closeAll(except) {
  for (const panel of document.querySelectorAll(".show[class*='offcanvas']")) if (panel !== except) Offcanvas.getInstance(panel)?.hide();
}

/** name: id of a tab, id of a sliding panel, or "" for the document itself. */
export function openPanel(name) {
  const target = name ? document.getElementById(name) : null;
  const panel = target?.closest("[class*='offcanvas-']") ?? null;
  closeAll(panel);
  if (target?.getAttribute("role") === "tab") Tab.getOrCreateInstance(target).show();
  if (isSliding(panel)) Offcanvas.getOrCreateInstance(panel).show();
  else if (target && target !== panel) target.focus();
  if (!name) document.getElementById("contenu")?.focus({ preventScroll: true });
  for (const link of document.querySelectorAll(".wm-bas [data-wm-volet]"))
    if (link.dataset.wmVolet === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-wm-volet]");
  if (link) {
    event.preventDefault();
    openPanel(link.dataset.wmVolet);
    return;
  }
  // An entry of the outline chosen in its sliding panel: the panel makes room for the text.
  if (event.target.closest("[data-wm-sommaire] a")) closeAll();
});

document.addEventListener("hidden.bs.offcanvas", () => {
  if (document.querySelector(".show[class*='offcanvas']")) return;
  for (const link of document.querySelectorAll(".wm-bas [data-wm-volet]"))
    if (link.dataset.wmVolet === "") link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
});
