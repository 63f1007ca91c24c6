/**
 * The last gesture on the plan, and how it is taken back: by the button of its message, or by Ctrl+Z until one types again.
 * @example gestes.offer("L’article est retiré.", "Rétablir", () => …)
 */
import { forget, say } from "./dom.js";

const CLE = "geste";

export class Gestes {
  last = null;

  /** Say what was done. run takes it back; it counts on the plan as it is now, so a later gesture takes its place. */
  offer(dit, libelle, run) {
    const undo = () => {
      if (this.last === undo) this.last = null;
      forget(CLE);
      return run();
    };
    this.last = undo;
    say(dit, "succes", { libelle, cle: CLE, run: undo });
  }

  /** Take the last gesture back. False when there is none, or when one has typed since. */
  takeBack() {
    const undo = this.last;
    undo?.();
    return Boolean(undo);
  }

  /** Ctrl+Z is about the words again; the message stays. */
  typed() {
    this.last = null;
  }

  close() {
    this.last = null;
    forget(CLE);
  }
}
