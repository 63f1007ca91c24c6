/**
 * A word typed letter by letter stays whole, even when somebody else types at the very same place.
 *
 * An insertion that lands where somebody else's lands goes after it: that is the order of the server. The next letter of
 * one's own word must not: it goes on right after one's own last one. Such a step says so (`suite`), here and on the server.
 */
import { ReplaceStep, Step } from "prosemirror-transform";

/** An insertion that goes on where its author's own text ends: mapped, it stays against that text. */
export class StepSuite extends ReplaceStep {
  map(mapping) {
    const at = mapping.mapResult(this.from, -1);
    return at.deletedAcross ? null : new StepSuite(at.pos, at.pos, this.slice, this.structure);
  }

  merge(other) {
    if (!(other instanceof ReplaceStep) || other.from !== other.to || other.from === this.from) return null;
    const merged = super.merge(other);
    return merged && new StepSuite(merged.from, merged.to, merged.slice, merged.structure);
  }

  toJSON() {
    return { ...super.toJSON(), suite: true };
  }
}

/** Steps as they travel: those of the server never say `suite`, those of a browser may. */
export function readSteps(schema, list) {
  return list.map((json) => {
    const step = Step.fromJSON(schema, json);
    return json.suite ? new StepSuite(step.from, step.to, step.slice, step.structure) : step;
  });
}

/** Where one's own text of the moment stands: from the place one began to type to the place one stopped. */
export class Run {
  constructor() {
    this.from = this.to = 0;
  }

  get empty() {
    return this.from >= this.to;
  }

  /** Whether a cursor there would go on with this text. */
  endsAt(pos) {
    return !this.empty && this.to === pos;
  }

  /** Take one of our own steps in; returns it, as a StepSuite when it goes on. */
  follow(step) {
    const adds = step instanceof ReplaceStep && step.slice.size > 0;
    const goesOn = adds && step.from === step.to && this.endsAt(step.from);
    if (goesOn) this.to += step.slice.size;
    else if (adds) [this.from, this.to] = [step.from, step.from + step.slice.size];
    else this.map(step.getMap());
    return goesOn ? new StepSuite(step.from, step.to, step.slice, step.structure) : step;
  }

  /** What others did moved it, cut into it or took it away. */
  map(mapping) {
    if (!this.empty) [this.from, this.to] = [mapping.map(this.from, 1), mapping.map(this.to, -1)];
  }

  forget() {
    this.from = this.to = 0;
  }
}
