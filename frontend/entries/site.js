/** Script of every page: Bootstrap's own components, htmx, and each behaviour found by its data-wm-… hook. */
import htmx from "htmx.org/dist/htmx.esm.js";
import * as bootstrap from "bootstrap/dist/js/bootstrap.esm.js";
import "wm:behaviours";

// The content security policy allows neither eval nor inline styles.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.attributesToSettle = ["class", "width", "height"];
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;
htmx.config.selfRequestsOnly = true;
// What a fragment brings answers at once: between its place and its binding, a form would leave as a whole page.
htmx.config.defaultSettleDelay = 0;

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

window.htmx = htmx;
window.bootstrap = bootstrap;
