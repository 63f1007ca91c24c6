/**
 * Unsent text, kept in the browser so that a reload, a closed tab or a dead machine loses nothing. Shown, then wiped at
 * sign-out (piece/signout.js), and never sent in the name of someone else. Keys begin with « wm: ».
 *
 * A draft is what a seance has not seen acknowledged, as the commits that carry it: `inflight`, sent already, then `next`,
 * which follows it. Both have their identifier for life, drawn before anything is sent, so that the server applies each
 * once whoever sends it again: the page while it lives, then the next page of this person (replayDraft in seance.js).
 */
import { makeUuid } from "./transport.js";

const PREFIX = "wm:brouillon:";
const CHANNEL = "wm:brouillons";
const ANSWER = 400;
/** A page that says nothing may be asleep: only its own tab, or a long silence, takes its text over. */
const SILENCE = 3_600_000;
/** Too long ago to be sent as it is: its author looks at it first. Nothing is ever erased that she has not seen. */
const OLD = 7 * 24 * 3_600_000;

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

export class Drafts {
  constructor(moi, piece) {
    this.moi = moi;
    this.piece = piece;
    this.page = makeUuid();
    this.timers = new Map();
    this.closed = false;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
    this.channel?.addEventListener("message", ({ data }) => data?.ask === this.page && this.channel.postMessage({ alive: this.page }));
    try {
      this.tab = sessionStorage.getItem("wm:page");
      sessionStorage.setItem("wm:page", this.page);
    } catch {
      this.tab = null;
    }
  }

  note(seance) {
    clearTimeout(this.timers.get(seance.chain));
    if (this.closed || seance.departed) return;
    if (!seance.dirty) this.remove(seance.chain);
    else this.timers.set(seance.chain, setTimeout(() => this.write(seance), 200));
  }

  /** Write now. sealed: its page goes away and will not write it again, so anyone may send it. */
  write(seance, sealed = false) {
    clearTimeout(this.timers.get(seance.chain));
    if (this.closed || seance.departed) return;
    if (!seance.dirty) return this.remove(seance.chain);
    const { moi, page, piece } = this;
    const { chain, url, article } = seance;
    const inflight = seance.inflight ? JSON.parse(seance.inflight.body) : null;
    const draft = { chain, moi, page, piece, url, article, sealed, le: Date.now(), inflight, next: seance.makeNext() };
    try {
      localStorage.setItem(PREFIX + chain, JSON.stringify(draft));
    } catch {
      // Full or forbidden: the text stays in memory, and closing warns.
    }
  }

  remove(chain) {
    clearTimeout(this.timers.get(chain));
    localStorage.removeItem(PREFIX + chain);
  }

  /** Nothing is written any more: this person signs out. */
  close() {
    this.closed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.channel?.close();
  }

  /** Whether a draft is to be shown to its author rather than sent. */
  isOld({ le }) {
    return Date.now() - le > OLD;
  }

  /** Drafts of this person in this pièce that no living page holds; the article may be out of the text since. */
  async list() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    const found = [];
    for (const key of keys) {
      const draft = read(key);
      if (draft?.moi === this.moi && draft.piece === this.piece && draft.page !== this.page) found.push(draft);
    }
    const free = await Promise.all(found.map((draft) => draft.sealed || this.isOrphan(draft)));
    return found.filter((_, i) => free[i]).sort((a, b) => a.le - b.le);
  }

  async isOrphan(draft) {
    if (draft.page !== this.tab && Date.now() - draft.le < SILENCE) return false;
    return !(await this.isAlive(draft.page));
  }

  isAlive(page) {
    if (!this.channel) return Promise.resolve(false);
    return new Promise((resolve) => {
      const hear = ({ data }) => data?.alive === page && resolve(true);
      this.channel.addEventListener("message", hear);
      this.channel.postMessage({ ask: page });
      setTimeout(() => {
        this.channel.removeEventListener("message", hear);
        resolve(false);
      }, ANSWER);
    });
  }
}
