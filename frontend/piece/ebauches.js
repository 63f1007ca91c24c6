/**
 * Words of comments that are not sent yet, kept in the browser of who writes them (editor/attente.js tells and wipes them at
 * sign-out): a reload, a closed tab or an outage loses none. One key per place: the field of an answer, an article commented.
 * Two pages of one person may write at the same place: each keeps its own words, and the key holds those written last.
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
  /** gone(place): another page of the same person sent the words that this one shows, or gave them up. */
  constructor(piece, { gone = () => {} } = {}) {
    this.moi = document.body.dataset.wmMoi ?? "";
    this.prefix = `${PREFIX}${this.moi}:${piece}:`;
    /** The words of this page, place by place. */
    this.own = new Map();
    /** Where this page has had words: what another writes there is no longer offered to it. */
    this.known = new Set();
    this.closed = false;
    const close = () => {
      this.closed = true;
      this.own.clear();
    };
    document.addEventListener("wm:signout", () => {
      // A page that hears of it late may have written its words back in between.
      for (const place of [...this.own.keys()]) this.delete(place);
      close();
    });
    document.addEventListener("wm:replaced", close);
    document.addEventListener("wm:waiting", ({ detail }) => detail.push(...this.unkept()));
    window.addEventListener("beforeunload", (event) => this.unkept().length && event.preventDefault());
    window.addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (!key?.startsWith(this.prefix) || newValue !== null) return;
      const place = key.slice(this.prefix.length);
      const mine = this.own.get(place);
      if (!mine) return;
      // Other words than those of this page: its own take the key that is free again.
      if (mine.texte !== parse(oldValue)?.texte) return this.set(place, mine.texte, mine);
      this.own.delete(place);
      gone(place, mine.texte);
    });
  }

  stored(place) {
    return parse(localStorage.getItem(this.prefix + place));
  }

  /** What lives in this page alone: the browser had no room for it, or another page wrote over its key. */
  unkept() {
    return [...this.own.values()].filter(({ place, texte }) => this.stored(place)?.texte !== texte);
  }

  /** Those of this page, and what it finds where it has not written yet, the oldest first: [{place, texte, le, …}]. */
  list() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    const kept = keys.map((key) => ({ ...parse(localStorage.getItem(key)), place: key.slice(this.prefix.length) }));
    const found = kept.filter(({ place, texte }) => texte && !this.known.has(place));
    return [...found, ...this.own.values()].sort((a, b) => a.le - b.le);
  }

  get(place) {
    return (this.own.get(place) ?? this.stored(place))?.texte ?? "";
  }

  /** nom: what they are, in the words shown to their author; base: the words they stand over. */
  set(place, texte, { nom, base }) {
    if (this.closed) return;
    if (!texte.trim()) return this.delete(place);
    const item = { moi: this.moi, texte, nom, base, le: Date.now() };
    this.adopt({ ...item, place });
    try {
      localStorage.setItem(this.prefix + place, JSON.stringify(item));
    } catch {
      // They stay in this page, which says so before it closes.
    }
  }

  /** What was read here becomes the words of this page: it will not take others for them. */
  adopt(item) {
    if (this.closed) return;
    this.known.add(item.place);
    this.own.set(item.place, item);
  }

  /** These words are sent, or given up; those that another page wrote over the same key are not. */
  delete(place) {
    const mine = this.own.get(place);
    this.own.delete(place);
    if (!mine || this.stored(place)?.texte === mine.texte) localStorage.removeItem(this.prefix + place);
  }
}
