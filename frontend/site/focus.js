/**
 * Put the focus where the page wants it: on a summary of errors, or on what a fragment brought.
 * @example <div class="wm-erreurs" role="alert" tabindex="-1" data-wm-focus>…</div>
 */
const WANTED = "[data-wm-focus]:not([data-wm-immobile] *)";
const settle = (root) => (root.matches?.(WANTED) ? root : root.querySelector?.(WANTED))?.focus();

settle(document);
// Whatever a fragment brings, beside what it replaces too: nothing else tells of a row put after another.
document.addEventListener("htmx:load", ({ target }) => target !== document.body && settle(target));

/** What stands now where a part of the page was: the same name, or the same words in the same place. */
function findAgain(place, { id, name, tagName, text, href }) {
  if (id && document.getElementById(id)) return document.getElementById(id);
  const alike = [...(place.querySelectorAll?.(tagName) ?? [])];
  const same = text && alike.find((one) => one.textContent.trim() === text && one.getAttribute("href") === href);
  return same || (name && place.querySelector?.(`[name="${CSS.escape(name)}"]`));
}

let kept;
document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  const { id, name, tagName } = active;
  const within = active !== document.body && event.detail.target.contains(active);
  kept = within ? { id, name, tagName, text: active.textContent.trim(), href: active.getAttribute("href") } : undefined;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.elt;
  if (kept && document.activeElement === document.body) {
    const same = findAgain(place, kept);
    if (same) same.focus({ preventScroll: true });
    else {
      if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
      place.focus({ preventScroll: true });
    }
  }
  kept = undefined;
});
