/**
 * Unsent text of this tab, kept in sessionStorage so that a reload loses nothing; wiped at sign-out (piece/signout.js)
 * and never sent in the name of someone else. Keys begin with « wm: ».
 */
import { makeUuid } from "./transport.js";

const PREFIX = "wm:brouillon:";

export class Drafts {
  constructor(moi) {
    this.moi = moi;
    this.timers = new Map();
  }

  note(seance) {
    clearTimeout(this.timers.get(seance.url));
    if (!seance.dirty) return this.remove(seance.url);
    this.timers.set(seance.url, setTimeout(() => this.write(seance), 200));
  }

  /** Write now; returns the draft, whose id is that of the commit that would send it. */
  write(seance) {
    clearTimeout(this.timers.get(seance.url));
    if (!seance.dirty) {
      this.remove(seance.url);
      return null;
    }
    const count = seance.inflight?.count ?? 0;
    const draft = {
      id: makeUuid(),
      moi: this.moi,
      url: seance.url,
      article: seance.article,
      numero: seance.numero,
      prev: seance.prev,
      inflight: seance.inflight?.body ?? null,
      steps: seance.pending.slice(count).map(({ step }) => step.toJSON()),
      titre: seance.titre,
    };
    try {
      sessionStorage.setItem(PREFIX + seance.url, JSON.stringify(draft));
    } catch {
      // Full or forbidden: the text stays in memory, and closing warns.
    }
    return draft;
  }

  remove(url) {
    sessionStorage.removeItem(PREFIX + url);
  }

  /** Drafts a former page of this tab left. */
  list() {
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
    return keys.flatMap((key) => {
      try {
        const draft = JSON.parse(sessionStorage.getItem(key));
        if (draft.moi === this.moi) return [draft];
      } catch {
        // Not ours to read: dropped below.
      }
      sessionStorage.removeItem(key);
      return [];
    });
  }
}
