/**
 * Change the theme and remember it in a cookie that the server writes on <html>: no flash on the next page.
 * @example <button type="button" data-wm-theme aria-label="Passer en thème sombre ou clair">…</button>
 */
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-wm-theme]")) return;
  const current = root.dataset.bsTheme ?? (dark.matches ? "dark" : "light");
  root.dataset.bsTheme = current === "dark" ? "light" : "dark";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${root.dataset.bsTheme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
});
