/**
 * A menu made of <details>: works alone; the script closes it on Escape, on a click outside and when focus leaves.
 * @example <details class="wm-menu dropdown" data-wm-menu><summary>…</summary><div class="dropdown-menu show">…</div></details>
 */
const opened = () => document.querySelectorAll("[data-wm-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("[data-wm-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
