/** What of the page lies over the text: the tool bar, above it on a desk, below it on a phone. The cursor stays clear of it. */
const AIR = 8;
/** The code of a key whose letter is not known yet: a word is being composed. */
const COMPOSED = 229;

/** Read at each scroll: the bar changes sides with the width, and its height with what it says. */
class Covered {
  constructor(bar, air) {
    Object.assign(this, { bar, air, left: air, right: air });
  }

  get fixed() {
    return this.bar && getComputedStyle(this.bar).position === "fixed";
  }

  get top() {
    if (!this.bar || this.fixed) return this.air;
    return this.air + this.bar.getBoundingClientRect().height;
  }

  get bottom() {
    if (!this.fixed) return this.air;
    const height = window.visualViewport?.height ?? window.innerHeight;
    const tops = [this.bar, ...this.bar.children].map((dom) => dom.getBoundingClientRect()).filter((box) => box.height);
    // Under the keyboard of a phone, the bar covers nothing.
    return this.air + Math.max(0, height - Math.min(...tops.map((box) => box.top)));
  }
}

/** The props of the editor that keep the line one writes in sight. */
export const makeScrolling = (bar) => ({ scrollThreshold: new Covered(bar, 0), scrollMargin: new Covered(bar, AIR) });

/**
 * A key acts where the eye sees the cursor, and what it does to the cursor stands and is seen, however slow the machine.
 * ProseMirror hears of the cursor when the browser tells of it, maybe after the next key; it scrolls to where a key put it when
 * it hears of that within 50 ms; and for 200 ms after a focus, a cursor at the head of the text is for it a mistake of the browser.
 * Returns what makes the transactions of a key scroll. readView: the view is made after the listeners that go before its own.
 */
export function heedKeys(dom, readView) {
  let key = false;
  const heed = ({ keyCode }) => {
    key = true;
    if (keyCode === COMPOSED) return;
    document.dispatchEvent(new Event("selectionchange"));
    readView().input.lastFocus = 0;
  };
  dom.addEventListener("keydown", heed, true);
  for (const kind of ["mousedown", "touchstart"]) dom.addEventListener(kind, () => (key = false), true);
  return (tr) => (key && tr.selectionSet && !tr.docChanged ? tr.scrollIntoView() : tr);
}

/** Raise what stands lower than the room left above the tool bar, on a page that scrolls as a whole (a phone). */
export function raise(dom, bar) {
  const room = window.visualViewport.height - new Covered(bar, AIR).bottom;
  window.scrollBy(0, Math.max(0, dom.getBoundingClientRect().bottom - room));
}
