/**
 * Show what needs a script once the script is there; hide what replaces it.
 * @example <button data-wm-scripte>…</button>  <button class="wm-sans-script">Comparer</button>
 */
document.documentElement.classList.add("avec-script");
