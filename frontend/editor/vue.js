/** What of the page lies over the text: the tool bar, above it on a desk, below it on a phone. The cursor stays clear of it. */
const AIR = 8;

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

/** Raise what stands lower than the room left above the tool bar, on a page that scrolls as a whole (a phone). */
export function raise(dom, bar) {
  const room = window.visualViewport.height - new Covered(bar, AIR).bottom;
  window.scrollBy(0, Math.max(0, dom.getBoundingClientRect().bottom - room));
}
