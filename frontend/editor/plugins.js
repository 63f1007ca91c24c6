/** The plugins of an article's editor, in the order in which they see a key. */
import { baseKeymap } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { NodeSelection, Plugin, TextSelection } from "prosemirror-state";
import { tableEditing } from "prosemirror-tables";
import { Decoration, DecorationSet } from "prosemirror-view";
import { blockIds } from "./ids.js";
import { renderNotes } from "./schema.js";
import { frenchTyping, makeKeys } from "./typing.js";

/** tableEditing without its appended repairs, which can answer each other for ever (seance.js repairs once). */
function tableKeys() {
  const plugin = tableEditing();
  delete plugin.spec.appendTransaction;
  return plugin;
}

/** The footnotes stand at the foot of the text being written, each with a button to change it. */
function footNotes(edit) {
  return new Plugin({
    props: {
      decorations(state) {
        const list = renderNotes(state.doc, edit);
        if (!list) return null;
        list.contentEditable = "false";
        const places = [];
        state.doc.descendants((node, pos) => node.type.name === "note_bas_de_page" && places.push(pos));
        const key = `${places.join()} ${list.textContent}`;
        return DecorationSet.create(state.doc, [Decoration.widget(state.doc.content.size, list, { side: 1, key, ignoreSelection: true, stopEvent: () => true })]);
      },
    },
  });
}

/** What the fiche or another article says, inside a line: read, never written in. */
const isInlineAtom = (node) => node.isInline && node.isLeaf && !node.isText && node.type.name !== "hard_break";

/** The cursor, put on the other side of the word it stands against; null when it stands against none. */
function stepOver(state, side) {
  const { selection, doc } = state;
  const { $head } = selection;
  // A word that was selected is left on the side of the arrow.
  if (selection instanceof NodeSelection) return isInlineAtom(selection.node) ? TextSelection.create(doc, side < 0 ? selection.from : selection.to) : null;
  if (!selection.empty || $head.textOffset) return null;
  const node = side < 0 ? $head.nodeBefore : $head.nodeAfter;
  return node && isInlineAtom(node) ? TextSelection.create(doc, $head.pos + side * node.nodeSize) : null;
}

/** The word against the cursor, selected; null when there is none: a second stroke deletes what one sees. */
function takeBeside(state, side) {
  const { $head, empty } = state.selection;
  if (!empty || $head.textOffset) return null;
  const node = side < 0 ? $head.nodeBefore : $head.nodeAfter;
  return node && isInlineAtom(node) ? NodeSelection.create(state.doc, side < 0 ? $head.pos - node.nodeSize : $head.pos) : null;
}

const BESIDE = { ArrowLeft: [stepOver, -1], ArrowRight: [stepOver, 1], Backspace: [takeBeside, -1], Delete: [takeBeside, 1] };

/**
 * A click on such a word puts the cursor beside it, on the side one clicked; an arrow steps over it. What is typed next never
 * takes its place, unless one selected it, with Shift and an arrow, or with the key that deletes.
 */
function besideAtoms() {
  return new Plugin({
    props: {
      handleKeyDown(view, event) {
        const [find, side] = BESIDE[event.key] ?? [];
        if (!find || event.shiftKey || event.metaKey || event.altKey) return false;
        const selection = find(view.state, side);
        if (!selection) return false;
        view.dispatch(view.state.tr.setSelection(selection).scrollIntoView());
        return true;
      },
      handleClickOn(view, _pos, node, nodePos, event, direct) {
        if (!direct || event.button || event.shiftKey || !isInlineAtom(node)) return false;
        const box = view.nodeDOM(nodePos).getBoundingClientRect();
        const side = event.clientX < box.left + box.width / 2 ? nodePos : nodePos + node.nodeSize;
        view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, side)));
        view.focus();
        return true;
      },
    },
  });
}

/** handlers: see makeKeys in typing.js; note(node) changes a footnote. */
export function makePlugins(handlers) {
  return [
    frenchTyping(),
    keymap(makeKeys(handlers)),
    besideAtoms(),
    keymap(baseKeymap),
    tableKeys(),
    gapCursor(),
    history(),
    footNotes(handlers.note),
    blockIds(),
    // Undo must be able to place its steps over what others committed.
    new Plugin({ historyPreserveItems: true }),
  ];
}
