/**
 * A menu made of <details>: works alone; the script closes it on Escape, on a click outside and when focus leaves, and
 * walks it with the arrows, Home and End.
 * @example <details class="wm-menu dropdown" data-wm-menu><summary>…</summary><div class="dropdown-menu show">…</div></details>
 */
const opened = () => document.querySelectorAll("[data-wm-menu][open]");
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});
// Before Bootstrap, which would look here for a button of its own and find none.
window.addEventListener("keydown", walk, true);

function walk(event) {
  const menu = event.target.closest?.("[data-wm-menu]");
  if (event.key === "Escape") {
    for (const one of opened()) {
      one.open = false;
      one.querySelector("summary").focus();
    }
    if (menu) event.stopPropagation();
    return;
  }
  if (!menu || event.ctrlKey || event.altKey || event.metaKey || !(event.key in STEPS || (menu.open && ["Home", "End"].includes(event.key)))) return;
  const onSummary = menu.querySelector("summary") === event.target;
  event.preventDefault();
  event.stopPropagation();
  menu.open = true;
  const items = [...menu.querySelectorAll("a[href], button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  const next = { Home: 0, End: items.length - 1 }[event.key] ?? (onSummary && event.key === "ArrowUp" ? items.length - 1 : at + STEPS[event.key]);
  items.at(next % items.length)?.focus();
}

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("[data-wm-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
