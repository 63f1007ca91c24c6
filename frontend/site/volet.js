/**
 * A link followed inside a sliding panel closes it, so that its target is seen.
 * @example <nav class="offcanvas-lg offcanvas-start" id="sommaire">… <a href="#a4">…</a></nav>
 */
import { Offcanvas } from "bootstrap/dist/js/bootstrap.esm.js";

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]:not([data-bs-dismiss])');
  const panel = link?.closest(".offcanvas.show, .offcanvas-lg.show, .offcanvas-xl.show");
  if (!panel || link.getAttribute("role") === "tab") return;
  panel.addEventListener("hidden.bs.offcanvas", () => location.replace(link.href), { once: true });
  event.preventDefault();
  Offcanvas.getInstance(panel)?.hide();
});
