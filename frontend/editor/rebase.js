/**
 * Placing one's own unsent steps over what others committed meanwhile. Pure: no page, no network.
 * A pending step is {step, inverted}, oldest first; the state already contains all of them.
 */
import { TextSelection } from "prosemirror-state";
import { Mapping } from "prosemirror-transform";
import { Run } from "./suite.js";

export const REMOTE = "wm:remote";

/** Steps of a transaction, each with what undoes it; run: what this person is typing, which they carry on. */
export function readPending(transform, run = new Run()) {
  return transform.steps.map((step, i) => ({ step: run.follow(step), inverted: step.invert(transform.docs[i]) }));
}

/**
 * Undo what is pending, apply what the server committed in its own order, put the rest back.
 *
 * before, after: Steps of others, committed before and after ours. own: null, or {count, steps, lost} where the first
 * `count` pending steps became `steps` on the server, except those whose index is in the Set `lost`; what the server
 * added of its own (repairs) comes last in `steps`.
 * exact: false when pending is not, one for one, what the history of undo holds. run: our text of the moment, moved too.
 * Returns {tr, pending, refused}: the transaction to dispatch, the steps still pending, and those that found no place.
 * Throws when a committed step does not apply: this end and the server no longer hold the same text.
 */
export function rebase(state, pending, { before = [], own = null, after = [], exact = true, run = new Run() }) {
  const tr = state.tr;
  const count = pending.length;
  for (let i = count - 1; i >= 0; i--) tr.step(pending[i].inverted);
  for (const step of before) tr.step(step);
  if (own) {
    const kept = [...Array(own.count).keys()].filter((i) => !own.lost.has(i));
    own.steps.forEach((step, k) => {
      tr.step(step);
      if (k < kept.length && kept.length <= own.steps.length) tr.mapping.setMirror(count - 1 - kept[k], tr.steps.length - 1);
    });
  }
  for (const step of after) tr.step(step);
  const rest = [];
  const refused = [];
  for (let i = own ? own.count : 0; i < count; i++) {
    const mapped = pending[i].step.map(tr.mapping.slice(count - i));
    const doc = tr.doc;
    if (mapped && !tr.maybeStep(mapped).failed) {
      tr.mapping.setMirror(count - 1 - i, tr.steps.length - 1);
      rest.push({ step: mapped, inverted: mapped.invert(doc) });
    } else refused.push(pending[i].step);
  }
  keepSelection(state, tr, run);
  run.map(tr.mapping);
  tr.setMeta("addToHistory", false).setMeta(REMOTE, true);
  if (exact) tr.setMeta("rebased", count);
  return { tr, pending: rest, refused };
}

/**
 * Text inserted by someone else at the cursor goes after it when one is typing there, before it otherwise: the next letter
 * goes on with one's own word, and never cuts theirs. A selection does not grow.
 */
function keepSelection(state, tr, run) {
  const { selection } = state;
  if (!(selection instanceof TextSelection)) return;
  const { empty, from, anchor, head } = selection;
  const side = (pos) => (empty ? !run.endsAt(pos) : pos === from) ? 1 : -1;
  const place = (pos) => tr.doc.resolve(tr.mapping.map(pos, side(pos)));
  tr.setSelection(TextSelection.between(place(anchor), place(head), -1));
  tr.setStoredMarks(state.storedMarks);
}

/** Merge runs of pending steps (a word typed is one step, not ten). doc: the text with all of them. */
export function squash(doc, pending) {
  let base = doc;
  for (let i = pending.length - 1; i >= 0; i--) base = pending[i].inverted.apply(base).doc;
  const steps = [];
  for (const { step } of pending) {
    const merged = steps.length ? steps[steps.length - 1].merge(step) : null;
    if (merged) steps[steps.length - 1] = merged;
    else steps.push(step);
  }
  return steps.map((step) => {
    const inverted = step.invert(base);
    base = step.apply(base).doc;
    return { step, inverted };
  });
}

/**
 * Place steps written after a commit whose answer was never seen, without the text at hand: maps alone suffice.
 * sent: the steps of that commit as sent; missing, committed: Steps of its answer; lost: Set of indexes.
 */
export function mapWithoutDoc(steps, { sent, missing, committed, lost }) {
  const all = [...sent, ...steps];
  const mapping = new Mapping();
  for (let i = all.length - 1; i >= 0; i--) mapping.appendMap(all[i].getMap().invert());
  for (const step of missing) mapping.appendMap(step.getMap());
  const kept = [...sent.keys()].filter((i) => !lost.has(i));
  committed.forEach((step, k) =>
    mapping.appendMap(step.getMap(), k < kept.length && kept.length <= committed.length ? all.length - 1 - kept[k] : undefined),
  );
  const placed = [];
  const refused = [];
  steps.forEach((step, k) => {
    const i = sent.length + k;
    const mapped = step.map(mapping.slice(all.length - i));
    if (mapped) {
      mapping.appendMap(mapped.getMap(), all.length - 1 - i);
      placed.push(mapped);
    } else refused.push(step);
  });
  return { placed, refused };
}

/** What steps write, as plain text, its spaces included; "" when they only remove. */
export const wordsOfSteps = (steps) =>
  steps.map((step) => (step.slice ? step.slice.content.textBetween(0, step.slice.content.size, "\n", readLeaf) : "")).join("");

/** What steps that found no place would have written, to show. */
export const textOfSteps = (steps) => wordsOfSteps(steps).trim();

const readLeaf = (node) => (node.type.name === "hard_break" ? "\n" : node.attrs.texte ?? "");
