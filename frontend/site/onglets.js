/**
 * Tabs after the ARIA pattern: arrows, Home, End; the panel follows the focus. A tab that carries an address is a link
 * without script. A link elsewhere opens a tab, and the sliding panel around it, with data-wm-onglet.
 * @example <div role="tablist" data-wm-onglets><button role="tab" aria-controls="avis" …>Avis</button></div>
 * @example <a href="#avis" data-wm-onglet="avis">Avis</a>
 */
import { Offcanvas } from "bootstrap/dist/js/bootstrap.esm.js";

function choose(tab, { focus = true } = {}) {
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    if (!panel) continue;
    panel.hidden = !chosen;
    if (chosen) panel.dispatchEvent(new CustomEvent("wm:ouvert", { bubbles: true }));
  }
  if (focus) tab.focus();
}

/** Open a tab by the name of its panel, and the sliding panel around it. over: even where it would cover the page. Resolves once it is there. */
export async function openTab(name, { over = true } = {}) {
  const wanted = document.getElementById(`onglet-${name}`);
  if (!wanted) return;
  choose(wanted, { focus: false });
  const panel = wanted.closest(".offcanvas, .offcanvas-lg, .offcanvas-xl");
  const slides = panel && getComputedStyle(panel).position === "fixed";
  if (!slides || !over || panel.classList.contains("show")) return;
  const shown = new Promise((resolve) => panel.addEventListener("shown.bs.offcanvas", resolve, { once: true }));
  Offcanvas.getOrCreateInstance(panel).show();
  await shown;
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest('[data-wm-onglets] [role="tab"]');
  if (tab) {
    event.preventDefault();
    choose(tab);
    return;
  }
  const link = event.target.closest("[data-wm-onglet]");
  const wanted = link && document.getElementById(`onglet-${link.dataset.wmOnglet}`);
  if (!wanted) return;
  event.preventDefault();
  openTab(link.dataset.wmOnglet);
  const panel = wanted.closest(".offcanvas, .offcanvas-lg, .offcanvas-xl");
  if (!panel || getComputedStyle(panel).position !== "fixed") wanted.focus();
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[data-wm-onglets] [role="tab"]');
  if (!tab) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const place = tabs.indexOf(tab);
  const next = {
    ArrowRight: tabs[(place + 1) % tabs.length],
    ArrowLeft: tabs[(place - 1 + tabs.length) % tabs.length],
    Home: tabs[0],
    End: tabs.at(-1),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  choose(next);
});
