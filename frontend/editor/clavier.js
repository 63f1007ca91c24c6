/**
 * The keyboard of a phone takes half of the screen: while one writes above it, the tab bar gives its place to the text and
 * the tools stand on the keyboard (.wm-clavier, --wm-clavier: how much of the page it covers). It opens after the tap, maybe
 * over the very line that was tapped: what one writes is shown again each time the room changes, and never as one scrolls.
 */
const OPEN = 0.8;
const WRITTEN = ".wm-ecrit [data-wm-corps], [data-wm-titre][contenteditable]";

export function watchKeyboard(root, showCursor) {
  const seen = window.visualViewport;
  if (!seen) return;
  let [width, whole, room] = [0, 0, 0];
  const look = () => {
    if (window.innerWidth !== width) [width, whole] = [window.innerWidth, 0];
    // A page looked at closer shows less of itself, and has no keyboard for that.
    const height = seen.height * seen.scale;
    whole = Math.max(whole, height);
    const open = height < whole * OPEN && Boolean(document.activeElement?.closest(WRITTEN));
    root.classList.toggle("wm-clavier", open);
    root.style.setProperty("--wm-clavier", `${open ? Math.max(0, window.innerHeight - seen.height - seen.offsetTop) : 0}px`);
    if (open && height !== room) showCursor();
    room = open ? height : 0;
  };
  for (const kind of ["resize", "scroll"]) seen.addEventListener(kind, look);
  for (const kind of ["focusin", "focusout"]) root.addEventListener(kind, () => setTimeout(look));
  look();
}
