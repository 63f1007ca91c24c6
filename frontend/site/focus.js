/**
 * Put the focus where the page wants it: on a summary of errors, or on what a fragment brought.
 * @example <div class="wm-erreurs" role="alert" tabindex="-1" data-wm-focus>…</div>
 */
const settle = (root) => root.querySelector?.("[data-wm-focus]:not([data-wm-immobile] *)")?.focus();

settle(document);

let kept;
document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  kept = event.detail.target.contains(active) ? active.id || active.name : undefined;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.elt;
  if (place.matches?.("[data-wm-focus]")) place.focus();
  else if (place.querySelector?.("[data-wm-focus]")) settle(place);
  else if (kept && document.activeElement === document.body) {
    const same = document.getElementById(kept) ?? place.querySelector?.(`[name="${CSS.escape(kept)}"]`);
    if (same) same.focus({ preventScroll: true });
    else {
      if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
      place.focus({ preventScroll: true });
    }
  }
  kept = undefined;
});
