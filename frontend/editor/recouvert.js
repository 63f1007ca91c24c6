/**
 * What this page wrote and somebody removed without having received it yet. Such words are in the history and no longer in
 * the text, and nobody has decided it. Pure: no page, no network.
 */
const MANY = 500; // As far behind as the server lets a page be when it saves.

/** Where a range stands after steps, or null when nothing is left of it. */
function follow(range, steps) {
  let [from, to] = range;
  for (const step of steps) {
    const map = step.getMap();
    [from, to] = [map.map(from, 1), map.map(to, -1)];
    if (to <= from) return null;
  }
  return [from, to];
}

/** Ranges that steps wrote, as they stand after the last of them. */
function written(steps) {
  const ranges = [];
  steps.forEach((step, i) => {
    step.getMap().forEach((_from, _to, from, to) => to > from && ranges.push(follow([from, to], steps.slice(i + 1))));
  });
  return ranges.filter(Boolean);
}

export class Ecrits {
  /** The last commits of the text, oldest first: {numero, mine, steps}. */
  constructor() {
    this.commits = [];
  }

  /** A commit is in the text now. mine: typed in this page. steps: as the server placed them. */
  add(numero, steps, mine) {
    this.commits.push({ numero, steps, mine });
    if (this.commits.length > MANY) this.commits.shift();
  }

  /**
   * The words of ours that a commit takes away, when its author had received but `base`: {texte, end}, end being where they
   * stopped. doc: the text just before it.
   */
  coveredBy({ base, steps }, doc) {
    const ranges = this.commits.flatMap((commit, at) => {
      if (!commit.mine || commit.numero <= base) return [];
      const since = this.commits.slice(at + 1).flatMap((other) => other.steps);
      return written(commit.steps).map((range) => follow(range, since));
    });
    const gone = ranges.filter((range) => range && !follow(range, steps)).sort(([one], [other]) => one - other);
    let end = null;
    const texte = gone.map(([from, to]) => {
      const glue = end === null || end === from ? "" : "\n";
      end = to;
      return glue + doc.textBetween(from, to, "\n");
    });
    return { texte: texte.join(""), end };
  }
}
