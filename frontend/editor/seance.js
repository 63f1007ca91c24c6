/**
 * One article being written by this person: its text, what is not sent yet, and the commits that carry it.
 * One commit in flight, at most one a second; the same commit is asked again until the server says what became of it.
 * Knows nothing of the page: the view, the words on screen and the list of set-aside texts listen to `on`.
 */
import { EditorState } from "prosemirror-state";
import { fixTables } from "prosemirror-tables";
import { Ecrits } from "./recouvert.js";
import { REMOTE, mapWithoutDoc, readPending, rebase, squash, textOfSteps, wordsOfSteps } from "./rebase.js";
import { schema } from "./schema.js";
import { Run, readSteps } from "./suite.js";
import { ask, makeUuid } from "./transport.js";

const GATHER = 250;
const PACE = 1000;
const SQUASH_ABOVE = 40;
/** Signed in again in another tab: this one knows it soon. */
const AGAIN = 4000;
const RETRY = [1000, 2000, 4000, 8000, 15_000];
const GONE = "Le passage où ce texte allait a été retiré par quelqu’un d’autre.";
const PARTED = "Le texte du serveur a changé d’une façon inattendue : il a été relu.";

export const LOST = "Vous n’avez plus accès à cette pièce.";
const present = (titre) => (titre === null || titre === undefined ? "" : titre);

const wordsOf = (steps) => (steps.length ? wordsOfSteps(readSteps(schema, steps)) : "");
const read = (commits) => commits.map((commit) => ({ ...commit, steps: readSteps(schema, commit.steps) }));
const toJson = (pending) => pending.map(({ step }) => step.toJSON());

/** Whether the server committed our steps as we made them, however it writes its JSON. */
function same(committed, sent) {
  if (committed.length !== sent.length) return false;
  const rewritten = readSteps(schema, committed).map((step) => step.toJSON());
  return JSON.stringify(rewritten) === JSON.stringify(sent.map(({ suite, ...step }) => step));
}

export class Seance {
  /**
   * article: uuid; url: commits of the article; plugins: of the editor; drafts: where unsent text waits (drafts.js);
   * on: {change(seance), replace(seance), refused(seance, {texte, slices, raison}), lock(seance, reason), titre(seance, titre)}.
   */
  constructor({ article, url, plugins, drafts, on }) {
    Object.assign(this, { article, url, plugins, drafts, on });
    this.view = null;
    this.state = null;
    this.numero = null;
    this.known = 0;
    this.prev = null;
    this.pending = [];
    this.run = new Run();
    this.ecrits = new Ecrits();
    this.titre = null;
    this.inflight = null;
    this.exact = true;
    this.attempts = 0;
    this.lastSent = 0;
    this.locked = "";
    /** The server refused what this person writes: in the whole pièce, perhaps. */
    this.denied = false;
    this.trouble = "";
    this.saved = null;
    this.timer = null;
    this.waiters = [];
    /** What is unsent here, under one key; next: the identifier that the next commit will have, drawn once. */
    this.chain = makeUuid();
    this.next = null;
    this.departed = false;
  }

  /** Read the article as the server holds it now. Returns false when it could not be read. */
  async open() {
    const answer = await ask(`${this.url}?depuis=-1`);
    if (answer.kind !== "ok") {
      if (answer.kind === "refused") this.lock(answer.data.erreur ?? "Cet article n’est plus accessible.");
      return false;
    }
    this.load(answer.data);
    return true;
  }

  load({ numero, corps }) {
    const doc = schema.nodeFromJSON(corps);
    this.numero = numero;
    this.pending = [];
    this.run.forget();
    this.ecrits = new Ecrits();
    this.state = EditorState.create({ doc, plugins: this.plugins });
    this.view?.updateState(this.state);
    this.on.replace(this);
  }

  get dirty() {
    return Boolean(this.inflight || this.pending.length || this.titre !== null);
  }

  /** Every transaction of the view passes here. */
  dispatch(tr) {
    const old = this.state;
    const { state, transactions } = old.applyTransaction(tr);
    this.state = state;
    const own = transactions.filter((one) => one.docChanged && !one.getMeta(REMOTE));
    for (const one of own) this.pending.push(...readPending(one, this.run));
    this.view?.updateState(state);
    if (!own.length) return;
    // Once, and after our own edits only: as an appended transaction it can answer itself for ever.
    const repair = tr.getMeta("wm:repair") ? null : fixTables(state, old);
    if (repair) return this.dispatch(repair.setMeta("wm:repair", true).setMeta("addToHistory", false));
    this.drafts.note(this);
    this.on.change(this);
    this.schedule();
  }

  rename(titre) {
    if (this.locked) return;
    this.titre = titre;
    this.drafts.note(this);
    this.on.change(this);
    this.schedule(true);
  }

  schedule(now = false) {
    if (this.departed || this.inflight || this.locked || !(this.pending.length || this.titre !== null)) return;
    if (this.timer && !now) return;
    clearTimeout(this.timer);
    const wait = now ? 0 : Math.max(GATHER, this.lastSent + PACE - Date.now());
    if (now) return this.send();
    this.timer = setTimeout(() => this.send(), wait);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.inflight || this.locked || !(this.pending.length || this.titre !== null)) return;
    let squashed = false;
    if (this.pending.length > SQUASH_ABOVE) {
      const fewer = squash(this.state.doc, this.pending);
      squashed = fewer.length < this.pending.length;
      if (squashed) this.pending = fewer;
    }
    const commit = this.makeNext();
    const { id, steps } = commit;
    this.inflight = { id, count: steps.length, steps, body: JSON.stringify(commit), titre: this.titre };
    this.exact = this.exact && !squashed;
    this.titre = null;
    this.next = null;
    this.attempts = 0;
    // Kept before it leaves: whatever happens to this page, what is sent again is this very commit.
    this.drafts.write(this);
    this.post();
  }

  /** The commit that carries what is not sent yet, or null. While another is on its way, it follows that one, on the same base. */
  makeNext() {
    const rest = this.pending.slice(this.inflight?.count ?? 0);
    if (!rest.length && this.titre === null) return null;
    this.next ??= makeUuid();
    const commit = { id: this.next, prev: this.inflight?.id ?? this.prev, base: this.numero, steps: rest.map(({ step }) => step.toJSON()) };
    if (this.titre !== null) commit.titre = this.titre;
    return commit;
  }

  async post() {
    const { inflight } = this;
    this.lastSent = Date.now();
    this.on.change(this);
    const answer = await ask(this.url, { body: inflight.body });
    if (this.departed || this.inflight !== inflight) return;
    if (answer.kind === "later") return this.retry(answer.why);
    const plain = answer.kind === "ok" && !answer.data.missing.length && same(answer.data.steps, inflight.steps);
    if (!plain) await this.composed();
    if (this.departed || this.inflight !== inflight) return;
    this.trouble = "";
    if (answer.kind === "ok") this.confirm(answer.data);
    else this.refuse(answer);
    this.drafts.note(this);
    this.on.change(this);
    if (!this.dirty || this.locked) this.release();
    else this.schedule(this.waiters.length > 0);
  }

  retry(why) {
    this.trouble = why;
    const wait = RETRY[Math.min(this.attempts++, RETRY.length - 1)];
    const pause = (why === "session" || why === "facteur" ? Math.min(wait, AGAIN) : wait) * (0.8 + Math.random() * 0.4);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), pause);
    this.on.change(this);
  }

  /** The network is back, or the time to try again has come. */
  wake() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.departed) return;
    if (this.inflight && this.trouble) {
      this.trouble = "";
      this.post();
    } else this.schedule(true);
  }

  confirm(data) {
    const { inflight } = this;
    const missing = read(data.missing.filter((commit) => commit.numero > this.numero && commit.id !== inflight.id));
    const lost = new Set(data.dropped ?? []);
    const aside = inflight.steps.filter((_, i) => lost.has(i));
    const steps = readSteps(schema, data.steps);
    if (missing.length || !same(data.steps, inflight.steps)) {
      const before = missing.flatMap((commit) => commit.steps);
      const own = { count: inflight.count, steps, lost };
      if (!this.place({ before, own }, { aside, commits: missing })) return;
    } else this.pending = this.pending.slice(inflight.count);
    if (data.numero > this.numero) this.ecrits.add(data.numero, steps, true);
    this.finish(data.numero);
    this.prev = inflight.id;
    this.saved = { instant: data.instant, version: data.version };
    this.on.saved?.();
    if (data.avertissement) this.on.warn?.(data.avertissement);
    this.hear(missing);
  }

  /** The text as the server and this page both hold it, without what is not committed. */
  get confirmed() {
    return this.pending.reduceRight((doc, { inverted }) => inverted.apply(doc).doc, this.state.doc);
  }

  /**
   * Whoever removes a passage before our last words there have reached her removes words she has not read. Returns them,
   * {texte, end, qui}, or null.
   */
  readCovered(commits, doc) {
    const found = [];
    for (const { numero, base = Infinity, auteur, steps } of commits) {
      const { texte, end } = this.ecrits.coveredBy({ base, steps }, doc);
      if (texte.trim()) found.push({ texte, end, nom: auteur?.nom ?? "Quelqu’un" });
      this.ecrits.add(numero, steps, false);
      doc = steps.reduce((text, step) => step.apply(text).doc, doc);
    }
    if (!found.length) return null;
    const noms = [...new Set(found.map(({ nom }) => nom))];
    const qui = `${noms.join(" et ")} ${noms.length > 1 ? "ont" : "a"}`;
    return { texte: found.map(({ texte }) => texte).join("\n"), end: found.at(-1).end, qui };
  }

  finish(numero) {
    this.numero = numero;
    this.inflight = null;
    if (!this.pending.length) this.exact = true;
  }

  /**
   * Put the server's order in place under what is still unsent. aside: steps that found no place there. Whoever types on
   * has one word on both sides of a commit: those, the ones that find no place here and the words that the commits of
   * others removed unread come back as one text. False when both ends had parted: the text is read again.
   */
  place(change, { aside = [], raison = GONE, titre = "", commits = [] } = {}) {
    let covered, result;
    try {
      covered = this.readCovered(commits, this.confirmed);
      result = rebase(this.state, this.pending, { ...change, exact: this.exact, run: this.run });
    } catch {
      this.resync(PARTED, [...aside, ...toJson(this.pending.slice(change.own?.count ?? 0))]);
      return false;
    }
    this.pending = result.pending;
    this.state = this.state.apply(result.tr);
    this.view?.updateState(this.state);
    this.keepAside([...aside, ...result.refused.map((step) => step.toJSON())], raison, { titre, covered });
    return true;
  }

  /** What one typed and finds no place any more, offered back as one text. titre: "" unless it was the title. */
  keepAside(steps, raison, { titre = "", covered = null } = {}) {
    let texte = wordsOf(steps);
    if (covered) {
      const both = Boolean(texte.trim());
      const glue = !both || steps[0].from === covered.end ? "" : "\n";
      texte = covered.texte + glue + texte;
      raison = `${covered.qui} retiré ce passage avant d’avoir reçu ces mots ; ${both ? "ceux qui étaient enregistrés" : "ils"} restent dans l’historique.`;
    }
    texte = [titre, texte.trim()].filter(Boolean).join("\n");
    if (texte) this.on.refused(this, { texte, raison });
  }

  refuse({ status, data }) {
    const { inflight } = this;
    const raison = status === 404 ? LOST : (data.erreur ?? "Le serveur a refusé cette modification.");
    this.denied ||= status === 403 || status === 404 || data.code === "fige";
    const titre = present(inflight.titre);
    if (status === 409 && data.code === "base_future") return this.resync(raison, toJson(this.pending), titre);
    if (status === 403 || status === 404 || status === 409) {
      const last = present(this.titre) || titre;
      this.titre = null;
      this.rollBack(this.pending.length, toJson(this.pending), raison, last);
      this.lock(raison);
      return;
    }
    // Without words to give back (a renvoi, a change of form), the reason is all there is to tell.
    if (!titre && !wordsOf(inflight.steps).trim()) this.on.warn?.(raison);
    this.rollBack(inflight.count, inflight.steps, raison, titre);
  }

  /** Take back the first `count` steps and give their words back, with those of a title. */
  rollBack(count, aside, raison, titre) {
    this.inflight = null;
    this.place({ own: { count, steps: [], lost: new Set(Array(count).keys()) } }, { aside, raison, titre });
  }

  /** Both ends no longer agree: what is unsent goes to the visible list and the server's text is read again. */
  async resync(raison, unsent = toJson(this.pending), titre = "") {
    this.keepAside(unsent, raison, { titre });
    this.inflight = null;
    this.pending = [];
    this.prev = null;
    this.exact = true;
    const opened = await this.open();
    if (!opened && !this.locked) this.lock(raison);
    this.on.change(this);
  }

  lock(reason) {
    this.locked = reason;
    this.on.lock(this, reason);
    this.release();
  }

  /** The server is known to be at `numero`: go there, now or as soon as nothing stands in the way. */
  catchUp(numero = 0) {
    this.known = Math.max(this.known, numero);
    if (this.numero !== null && this.numero < this.known) this.pull();
  }

  /**
   * The word being composed is finished (the keyboards of phones compose each word, dead keys too): its line redrawn under
   * it, the browser would write it a second time.
   */
  async composed() {
    while (this.view?.composing && !this.departed) await new Promise((done) => setTimeout(done, 50));
  }

  /** Whether words typed in this page may still be removed unread: it listens then, even once one writes elsewhere. */
  get wrote() {
    return this.ecrits.commits.some(({ mine }) => mine);
  }

  /** Ask for what others committed, once however many ask for it at the same time. Not while a commit is in flight: its answer brings the same. */
  pull() {
    if (this.inflight || this.state === null) return Promise.resolve();
    this.pulling ??= this.hearOthers().finally(() => (this.pulling = null));
    return this.pulling;
  }

  async hearOthers() {
    const from = this.numero;
    const answer = await ask(`${this.url}?depuis=${from}`);
    await this.composed();
    if (answer.kind !== "ok" || this.inflight || this.numero !== from) return;
    const { numero, commits = [], corps } = answer.data;
    if (corps) {
      if (!this.dirty && numero > from) this.load(answer.data);
      return;
    }
    const fresh = read(commits.filter((commit) => commit.numero > from));
    this.known = Math.min(this.known, numero);
    if (!fresh.length) return;
    if (this.place({ before: fresh.flatMap((commit) => commit.steps) }, { commits: fresh })) this.numero = fresh.at(-1).numero;
    this.hear(fresh);
    this.on.replace(this);
  }

  /** What commits of others say beside their steps: a new title, or words for whoever is writing there. */
  hear(commits) {
    for (const { titre, dit } of commits) {
      if (titre !== undefined) this.on.titre(this, titre);
      if (dit && this.view) this.on.warn?.(dit);
    }
  }

  /** Send all there is. Resolves true when the server holds everything, false when it cannot be reached. */
  flush() {
    if (!this.dirty) return Promise.resolve(true);
    if (this.trouble) return Promise.resolve(false);
    this.schedule(true);
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      setTimeout(() => this.release(), 8000);
    });
  }

  release() {
    const done = !this.dirty;
    for (const resolve of this.waiters.splice(0)) resolve(done);
  }

  /**
   * The page goes away, and nobody will be here to read an answer. What is unsent leaves at once; when a commit is still on
   * its way, the rest carries it, so that the server holds both in order whichever arrives. The draft stays for the next
   * page to make sure. True when there was something: this page can no longer be used.
   */
  farewell() {
    if (this.departed || this.locked || !this.dirty) return this.departed;
    const rest = this.inflight && this.makeNext();
    if (!this.inflight) this.send();
    else if (rest) ask(this.url, { body: JSON.stringify({ ...rest, before: JSON.parse(this.inflight.body) }) });
    this.drafts.write(this, true);
    clearTimeout(this.timer);
    return (this.departed = true);
  }

  close() {
    clearTimeout(this.timer);
    this.view = null;
  }
}

/**
 * Send what a page closed too soon had left in its draft: each commit under its own identifier, in order.
 * Returns {sent: bool, numero, refused: [{texte, raison}]}; sent false: keep the draft and try later. numero: of the article after.
 */
export async function replayDraft({ url, inflight, next }) {
  const refused = [];
  const setAside = (texte, raison) => texte && refused.push({ texte, raison });
  const setAsideAll = (titre, steps, raison) => setAside([titre, textOfSteps(steps)].filter(Boolean).join("\n"), raison);
  // Of both commits: one text.
  const aside = [];
  let rest = next;
  let numero = 0;
  if (inflight) {
    const sent = readSteps(schema, inflight.steps);
    const typed = readSteps(schema, next?.steps ?? []);
    const answer = await ask(url, { body: JSON.stringify(inflight) });
    if (answer.kind === "later") return { sent: false, why: answer.why, refused };
    if (answer.kind === "refused") {
      setAsideAll(next?.titre ?? inflight.titre, [...sent, ...typed], answer.data.erreur ?? GONE);
      return { sent: true, numero, refused };
    }
    numero = answer.data.numero;
    const lost = new Set(answer.data.dropped ?? []);
    const missing = answer.data.missing.flatMap((one) => readSteps(schema, one.steps));
    const result = mapWithoutDoc(typed, { sent, missing, committed: readSteps(schema, answer.data.steps), lost });
    aside.push(...sent.filter((_, i) => lost.has(i)), ...result.refused);
    if (next) rest = { ...next, prev: inflight.id, base: numero, steps: result.placed.map((step) => step.toJSON()) };
  }
  if (!rest || (!rest.steps.length && rest.titre === undefined)) {
    setAside(textOfSteps(aside), GONE);
    return { sent: true, numero, refused };
  }
  const answer = await ask(url, { body: JSON.stringify(rest) });
  if (answer.kind === "later") return { sent: false, why: answer.why, refused: [] };
  const steps = readSteps(schema, rest.steps);
  if (answer.kind === "refused") setAsideAll(rest.titre, [...aside, ...steps], answer.data.erreur ?? GONE);
  else {
    numero = answer.data.numero;
    setAside(textOfSteps([...aside, ...steps.filter((_, i) => (answer.data.dropped ?? []).includes(i))]), GONE);
  }
  return { sent: true, numero, refused };
}
