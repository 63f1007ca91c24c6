/**
 * A refused button stays reachable and does nothing: its reason is read out with it.
 * @example <button type="button" class="btn btn-primary" aria-disabled="true" aria-describedby="refus-1">…</button>
 */
document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.('[aria-disabled="true"]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
