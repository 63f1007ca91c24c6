/**
 * Where words chosen on a page stand in the text: the block they begin in, the one they end in, and how far in each.
 * Counted as the server does: UTF-16 units of text, and one for each thing that is not text.
 */
const ATOMS = ".wm-variable, .wm-renvoi, .wm-note-bas, br";

const blockOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("p[data-b], h4[data-b], h5[data-b]");

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

/**
 * The words of a range inside one article: {bloc, de, fin, a}; null when it chooses none there.
 * @example passageOf(window.getSelection().getRangeAt(0))
 */
export function passageOf(range) {
  const [first, last] = [blockOf(range.startContainer), blockOf(range.endContainer)];
  if (!first || !last || range.collapsed) return null;
  if (first.closest("[data-wm-article]") !== last.closest("[data-wm-article]")) return null;
  return {
    bloc: first.dataset.b,
    de: offsetIn(first, range.startContainer, range.startOffset),
    fin: last.dataset.b,
    a: offsetIn(last, range.endContainer, range.endOffset),
  };
}
