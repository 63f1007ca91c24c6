/**
 * Where words chosen on a page stand in the text: a block of the article, which of its lines (a list and a table have
 * several), how far in it. Counted as the server does: UTF-16 units of text, and one for each thing that is not text.
 */
const ATOMS = ".wm-variable, .wm-renvoi, .wm-note-bas, br";
const LINES = "p, h4, h5, td, th";

const elementOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);

/** The lines of text of a block. A cell that holds one paragraph may be written without it; one that holds an image or a list has none of its own. */
function linesOf(bloc) {
  if (bloc.matches(LINES)) return [bloc];
  return [...bloc.querySelectorAll(LINES)].filter((one) => !one.matches("td, th") || !one.querySelector("p, ul, ol, figure, img"));
}

/** One end of a range: [bloc, ligne, place]; null out of the text. */
function endOf(corps, node, offset) {
  const bloc = [...corps.children].find((one) => one.dataset.b && one.contains(node));
  if (!bloc) return null;
  const lines = linesOf(bloc);
  const ligne = lines.findIndex((one) => one.contains(elementOf(node)));
  return ligne < 0 ? null : [bloc.dataset.b, ligne, offsetIn(lines[ligne], node, offset)];
}

/** The end of a range; a triple click ends it at the head of the line that follows: then at the end of the one before. */
function lastOf(corps, range) {
  const end = range.endOffset === 0 || !corps.contains(range.endContainer) ? null : endOf(corps, range.endContainer, range.endOffset);
  if (end) return end;
  const lines = [...corps.children].filter((one) => one.dataset.b).flatMap(linesOf);
  const last = lines.filter((line) => range.comparePoint(line, 0) <= 0 && range.intersectsNode(line) && !line.contains(range.endContainer)).at(-1);
  return last ? endOf(corps, last, last.childNodes.length) : endOf(corps, range.endContainer, range.endOffset);
}

/** How far a place of the page is in its block. */
function offsetIn(block, node, offset) {
  let count = 0;
  let found = false;
  const stop = node.nodeType === Node.TEXT_NODE ? null : (node.childNodes[offset] ?? null);
  const end = node.nodeType === Node.TEXT_NODE ? null : node;
  const visit = (current) => {
    if (found) return;
    if (current === stop) {
      found = true;
      return;
    }
    if (current === node && current.nodeType === Node.TEXT_NODE) {
      count += offset;
      found = true;
      return;
    }
    if (current.nodeType === Node.TEXT_NODE) {
      count += current.length;
      return;
    }
    if (current !== block && current.matches?.(ATOMS)) {
      // The line break that holds an empty paragraph open is no text.
      if (current.tagName !== "BR" || block.textContent) count += 1;
      found = current.contains(node);
      return;
    }
    for (const child of current.childNodes) visit(child);
    if (current === end && stop === null) found = true;
  };
  visit(block);
  return count;
}

/** The text of a range, without what it shows of things that are no text: an empty datum, a broken renvoi are drawn in words of the page. */
export function textOf(range) {
  const words = range.cloneContents();
  for (const atom of words.querySelectorAll(ATOMS)) atom.remove();
  return words.textContent;
}

/**
 * The words of a range inside one article: its two ends; null when it chooses none there.
 * @example passageOf(window.getSelection().getRangeAt(0))
 */
export function passageOf(range) {
  const corps = elementOf(range.startContainer).closest("[data-wm-corps]");
  if (!corps || range.collapsed) return null;
  const [start, end] = [endOf(corps, range.startContainer, range.startOffset), lastOf(corps, range)];
  return start && end ? [start, end] : null;
}
