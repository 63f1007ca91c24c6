/**
 * The timeline of versions. The two lists are the truth and send the form; the handles are another way to turn them.
 * Places come from data (positions in hundredths), since the page carries no inline style.
 * @example
 * <form class="wm-frise" data-wm-frise method="get">
 *   <select name="de" data-wm-avant><option value="21">…</select>
 *   <div class="axe"><span class="entre"></span><span class="s" data-x="45" data-h="12"></span>
 *     <button type="button" class="v" data-x="45" data-version="21">…</button>
 *     <button type="button" class="main avant" data-wm-poignee="avant">Avant</button>
 *     <button type="button" class="main" data-wm-poignee="apres">Après</button></div>
 *   <select name="a" data-wm-apres>…</select> <button type="submit" class="visually-hidden-focusable">Comparer</button>
 * </form>
 */
class Timeline {
  constructor(form) {
    this.form = form;
    this.axis = form.querySelector(".axe");
    this.lists = { avant: form.querySelector("[data-wm-avant]"), apres: form.querySelector("[data-wm-apres]") };
    this.handles = Object.fromEntries([...form.querySelectorAll("[data-wm-poignee]")].map((handle) => [handle.dataset.wmPoignee, handle]));
    this.marks = [...form.querySelectorAll(".v[data-version]")].map((mark) => ({ mark, version: Number(mark.dataset.version), x: Number(mark.dataset.x) }));
    for (const node of form.querySelectorAll("[data-x]")) node.style.left = `${node.dataset.x}%`;
    for (const node of form.querySelectorAll("[data-h]")) node.style.height = `${Number(node.dataset.h) / 16}rem`;
    for (const list of Object.values(this.lists)) list.addEventListener("change", () => this.send());
    for (const [end, handle] of Object.entries(this.handles)) this.makeHandle(end, handle);
    for (const { mark, version } of this.marks) mark.addEventListener("click", () => this.turn(this.nearestEnd(version), version, true));
    this.place();
  }

  versions(end) {
    return [...this.lists[end].options].map((option) => Number(option.value)).sort((a, b) => a - b);
  }

  /** Place of any version on the axis, between the marks that have one. */
  spot(version) {
    const marks = [...this.marks].sort((a, b) => a.version - b.version);
    const after = marks.find((mark) => mark.version >= version) ?? marks.at(-1);
    const before = [...marks].reverse().find((mark) => mark.version <= version) ?? marks[0];
    if (!after || !before || after === before) return after?.x ?? 0;
    return before.x + ((after.x - before.x) * (version - before.version)) / (after.version - before.version);
  }

  place() {
    const ends = {};
    for (const end of ["avant", "apres"]) {
      const version = Number(this.lists[end].value);
      ends[end] = this.spot(version);
      const handle = this.handles[end];
      if (!handle) continue;
      handle.style.left = `${ends[end]}%`;
      handle.setAttribute("aria-label", `${end === "avant" ? "Avant" : "Après"} : version ${version}. Flèches pour changer de version`);
    }
    const between = this.axis?.querySelector(".entre");
    if (!between) return;
    between.style.left = `${Math.min(ends.avant, ends.apres)}%`;
    between.style.right = `${100 - Math.max(ends.avant, ends.apres)}%`;
  }

  nearestEnd(version) {
    return Math.abs(version - Number(this.lists.avant.value)) <= Math.abs(version - Number(this.lists.apres.value)) ? "avant" : "apres";
  }

  turn(end, version, send = false) {
    const versions = this.versions(end);
    const nearest = versions.reduce((best, one) => (Math.abs(one - version) < Math.abs(best - version) ? one : best), versions[0]);
    this.lists[end].value = String(nearest);
    this.place();
    if (send) this.send();
  }

  makeHandle(end, handle) {
    handle.addEventListener("keydown", (event) => {
      const side = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (event.key === "Enter") return this.send();
      if (!side) return;
      event.preventDefault();
      const versions = this.versions(end);
      const next = versions[versions.indexOf(Number(this.lists[end].value)) + side];
      if (next === undefined) return;
      this.turn(end, next);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), 900);
    });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      const before = this.lists[end].value;
      const move = ({ clientX }) => {
        const { left, width } = this.axis.getBoundingClientRect();
        const x = Math.min(100, Math.max(0, ((clientX - left) / width) * 100));
        const versions = this.versions(end);
        this.turn(end, versions.reduce((best, one) => (Math.abs(this.spot(one) - x) < Math.abs(this.spot(best) - x) ? one : best), versions[0]));
      };
      const drop = () => {
        handle.removeEventListener("pointermove", move);
        if (this.lists[end].value !== before) this.send();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", drop, { once: true });
      handle.addEventListener("pointercancel", drop, { once: true });
    });
  }

  send() {
    clearTimeout(this.timer);
    this.form.requestSubmit();
  }
}

for (const form of document.querySelectorAll("[data-wm-frise]")) new Timeline(form);
