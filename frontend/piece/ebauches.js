/**
 * Words of comments that are not sent yet, kept in the browser of who writes them (editor/attente.js tells and wipes them at
 * sign-out): a reload, a closed tab or an outage loses none. One key per place: the field of an answer, an article commented.
 */
const PREFIX = "wm:commentaire:";

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export class Ebauches {
  /** gone(place): another page of the same person sent these words, or gave them up. */
  constructor(piece, { gone = () => {} } = {}) {
    this.moi = document.body.dataset.wmMoi ?? "";
    this.prefix = `${PREFIX}${this.moi}:${piece}:`;
    /** What the browser had no room for lives in this page alone. */
    this.unkept = new Map();
    this.closed = false;
    const close = () => {
      this.closed = true;
      this.unkept.clear();
    };
    document.addEventListener("wm:signout", close);
    document.addEventListener("wm:replaced", close);
    document.addEventListener("wm:waiting", ({ detail }) => detail.push(...this.unkept.values()));
    window.addEventListener("beforeunload", (event) => this.unkept.size && event.preventDefault());
    window.addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key?.startsWith(this.prefix) && newValue === null) gone(key.slice(this.prefix.length), parse(oldValue)?.texte);
    });
  }

  /** All of them, the oldest first: [{place, texte, nom, le}]. */
  list() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    const kept = keys.map((key) => ({ ...parse(localStorage.getItem(key)), place: key.slice(this.prefix.length) }));
    const found = kept.filter(({ place, texte }) => texte && !this.unkept.has(place));
    return [...found, ...this.unkept.values()].sort((a, b) => a.le - b.le);
  }

  get(place) {
    return this.unkept.get(place)?.texte ?? parse(localStorage.getItem(this.prefix + place))?.texte ?? "";
  }

  /** nom: what they are, in the words shown to their author. */
  set(place, texte, nom) {
    if (this.closed) return;
    if (!texte.trim()) return this.delete(place);
    const item = { moi: this.moi, texte, nom, le: Date.now() };
    try {
      localStorage.setItem(this.prefix + place, JSON.stringify(item));
      this.unkept.delete(place);
    } catch {
      this.unkept.set(place, { ...item, place });
    }
  }

  delete(place) {
    this.unkept.delete(place);
    localStorage.removeItem(this.prefix + place);
  }
}
