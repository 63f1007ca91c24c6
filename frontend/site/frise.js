/**
 * The two handles of the timeline: pointer, arrows, Page, Home, End. A choice sends the form.
 * @example <form data-wm-frise><select name="de">…</select><div data-wm-axe>
 *   <button role="slider" data-wm-poignee="de">…</button><span data-wm-version="12" data-x="33"></span></div></form>
 */
const ROOM = 8;

/** Labels that would touch lose their name, then themselves; the ends keep their number. */
function arrange(axis) {
  const labels = [...axis.querySelectorAll(".v:not([data-wm-muet])")];
  for (const label of labels) label.classList.remove("court", "muet");
  const rank = (label) => (label.matches(".deb, .fin") ? 1 : 0);
  // Drawn again as two neighbours give way, from the left: a name yields before a number.
  for (const yielding of ["court", "muet"]) {
    let last = null;
    for (const label of labels) {
      if (label.classList.contains("muet")) continue;
      if (last && label.getBoundingClientRect().left < last.getBoundingClientRect().right + ROOM) {
        const loser = rank(label) > rank(last) ? last : label;
        if (yielding === "court") for (const one of [last, label]) one.classList.add("court");
        else loser.classList.add("muet");
        if (yielding === "muet" && loser === label) continue;
      }
      last = label;
    }
  }
}

function setUp(form) {
  const axis = form.querySelector("[data-wm-axe]");
  for (const label of axis.querySelectorAll(".v.muet")) label.dataset.wmMuet = "";
  new ResizeObserver(() => arrange(axis)).observe(axis);
  const places = [...axis.querySelectorAll("[data-wm-version]")]
    .map((mark) => ({ numero: Number(mark.dataset.wmVersion), x: Number(mark.dataset.x) }))
    .sort((one, other) => one.numero - other.numero);
  const between = axis.querySelector(".entre");
  const handles = Object.fromEntries(
    [...axis.querySelectorAll("[data-wm-poignee]")].map((handle) => [handle.dataset.wmPoignee, handle]),
  );
  const selects = { de: form.elements.de, a: form.elements.a };
  const index = (name) => places.findIndex(({ numero }) => numero === Number(selects[name].value));

  function move(name, rank) {
    const place = places[Math.max(0, Math.min(places.length - 1, rank))];
    selects[name].value = String(place.numero);
    const handle = handles[name];
    handle.style.setProperty("--x", `${place.x}%`);
    handle.setAttribute("aria-valuenow", place.numero);
    handle.setAttribute("aria-valuetext", selects[name].selectedOptions[0].textContent);
    const [from, to] = [places[index("de")].x, places[index("a")].x];
    between.style.setProperty("--x", `${Math.min(from, to)}%`);
    between.style.setProperty("--l", `${Math.abs(to - from)}%`);
  }

  let timer;
  const send = (delay = 0) => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), delay);
  };

  for (const name of ["de", "a"]) {
    const handle = handles[name];
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }[event.key];
      const rank = { Home: 0, End: places.length - 1 }[event.key] ?? (step && index(name) + step);
      if (rank === undefined) return;
      event.preventDefault();
      move(name, rank);
      send(900);
    });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      const before = selects[name].value;
      const follow = ({ clientX }) => {
        const box = axis.getBoundingClientRect();
        const x = (100 * (clientX - box.left)) / box.width;
        const gap = (rank) => Math.abs(places[rank].x - x);
        move(name, places.reduce((best, _, rank) => (gap(rank) < gap(best) ? rank : best), 0));
      };
      handle.addEventListener("pointermove", follow);
      handle.addEventListener(
        "lostpointercapture",
        () => {
          handle.removeEventListener("pointermove", follow);
          if (selects[name].value !== before) send();
        },
        { once: true },
      );
    });
    selects[name].addEventListener("change", () => {
      move(name, index(name));
      send();
    });
  }
}

const start = (root) => root.querySelectorAll?.("[data-wm-frise]").forEach(setUp);
start(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) {
    if (event.detail.elt.matches?.("[data-wm-frise]")) setUp(event.detail.elt);
    start(event.detail.elt);
  }
});
