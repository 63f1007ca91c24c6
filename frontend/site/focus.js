/**
 * Put the focus where the page wants it: on a summary of errors, or on what a fragment brought.
 * @example <div class="wm-erreurs" role="alert" tabindex="-1" data-wm-focus>…</div>
 */
const settle = (root) => root.querySelector?.("[data-wm-focus]:not([data-wm-immobile] *)")?.focus();

settle(document);

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
  if (place.matches?.("[data-wm-focus]")) place.focus();
  else if (place.querySelector?.("[data-wm-focus]")) settle(place);
  else if (kept && document.activeElement === document.body) {
    const same = findAgain(place, kept);
    if (same) same.focus({ preventScroll: true });
    else {
      if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
      place.focus({ preventScroll: true });
    }
  }
  kept = undefined;
});
