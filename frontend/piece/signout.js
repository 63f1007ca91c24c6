/**
 * Signing out leaves nothing of ours in the browser.
 * @example <form method="post" action="…" data-wm-signout>…</form>
 */
function wipe() {
  document.dispatchEvent(new CustomEvent("wm:signout"));
  for (const store of [sessionStorage, localStorage])
    for (const key of Object.keys(store)) if (key.startsWith("wm:")) store.removeItem(key);
}

document.addEventListener("submit", (event) => event.target.closest("[data-wm-signout]") && wipe());
document.addEventListener("click", (event) => event.target.closest("a[data-wm-signout]") && wipe());
