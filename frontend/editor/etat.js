/**
 * The state of saving, in words, beside the title of the pièce. Seen at once, read aloud at most every ten seconds.
 * @example <span class="wm-enreg e-sapin" data-wm-enregistrement data-instant="14 h 05" data-version="37">…Enregistré à 14 h 05 · version 37</span>
 */
import { icon, make } from "./dom.js";

const QUIET = 10_000;
const TROUBLES = {
  reseau: ["cloud-slash", "e-ocre", "Hors ligne, votre texte est gardé ici"],
  serveur: ["cloud-slash", "e-ocre", "Le serveur ne répond pas, votre texte est gardé ici"],
  facteur: ["cloud-slash", "e-ocre", "Double authentification demandée, votre texte est gardé ici"],
  session: ["cloud-slash", "e-ocre", "Session terminée, votre texte est gardé ici"],
};
/** Where what stops is settled, in another tab: this one keeps the text, and sends it as soon as it is looked at again. */
const WAYS = { session: ["connexionUrl", "Se reconnecter"], facteur: ["facteurUrl", "Confirmer que c’est vous"] };

export class Etat {
  constructor(dom) {
    this.dom = dom;
    if (!dom) return;
    this.saved = { instant: dom.dataset.instant, version: dom.dataset.version };
    this.initial = dom.textContent.trim();
    this.seen = make("span", { class: "wm-enreg-mot", "aria-hidden": "true" });
    this.heard = make("span", { class: "visually-hidden", role: "status" });
    this.spoken = 0;
    this.words = null;
    dom.removeAttribute("role");
    document.addEventListener("wm:facteur", ({ detail }) => (dom.dataset.facteurUrl = detail));
    this.link = make("a", { target: "_blank", hidden: true });
    dom.replaceChildren(this.seen, " ", this.link, this.heard);
  }

  /** seances: all that were opened; ecartes: how many texts wait to be put back; waiting: why a former page's text cannot leave yet. */
  show(seances, ecartes, waiting = "") {
    if (!this.dom) return;
    const saved = seances.map((seance) => seance.saved).filter(Boolean).sort((a, b) => b.version - a.version)[0];
    if (saved && Number(saved.version) >= Number(this.saved.version || 0)) this.saved = saved;
    const trouble = seances.find((seance) => seance.trouble)?.trouble || waiting;
    const busy = seances.some((seance) => seance.dirty);
    let words;
    this.way = WAYS[trouble];
    if (trouble) words = TROUBLES[trouble];
    else if (ecartes) words = ["exclamation-triangle", "e-rouge", "Une partie de votre texte est mise de côté"];
    else if (busy) words = ["arrow-repeat", "e-bleu", "Enregistrement…"];
    else if (this.saved.instant) words = ["cloud-check", "e-sapin", `Enregistré à ${this.saved.instant} · version ${this.saved.version}`];
    else if (Number(this.saved.version)) words = ["cloud-check", "e-sapin", this.initial];
    else words = ["file-earmark", "", this.initial];
    this.write(words);
  }

  write([name, tone, text]) {
    if (this.words === text) return;
    this.words = text;
    this.dom.className = `wm-enreg ${tone}`;
    this.seen.replaceChildren(icon(name), ` ${text}`);
    const [address, way] = this.way ? [this.dom.dataset[this.way[0]], this.way[1]] : [];
    this.link.hidden = !address;
    if (address) Object.assign(this.link, { href: address, textContent: way });
    const low = document.querySelector("[data-wm-enregistrement-bas]");
    if (low) {
      low.className = `wm-enreg wm-enreg-bas ${tone}`;
      const again = address ? [" ", make("a", { href: address, target: "_blank" }, way)] : [];
      low.replaceChildren(make("span", { class: "wm-enreg-mot", "aria-hidden": "true" }, icon(name), ` ${text}`), ...again);
    }
    clearTimeout(this.timer);
    const wait = Math.max(0, this.spoken + QUIET - Date.now());
    this.timer = setTimeout(() => {
      this.spoken = Date.now();
      this.heard.textContent = this.words;
    }, wait);
  }

  /** Another person's change moved the version on. */
  advance(version, instant) {
    if (this.saved && instant && Number(version) > Number(this.saved.version || 0)) this.saved = { version, instant };
  }
}
