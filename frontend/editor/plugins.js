/** The plugins of an article's editor, in the order in which they see a key. */
import { baseKeymap } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { Plugin, TextSelection } from "prosemirror-state";
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

/** A click on such a word puts the cursor beside it, on the side one clicked: what is typed next never takes its place. */
function besideAtoms() {
  return new Plugin({
    props: {
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
    keymap(baseKeymap),
    tableKeys(),
    gapCursor(),
    besideAtoms(),
    history(),
    footNotes(handlers.note),
    blockIds(),
    // Undo must be able to place its steps over what others committed.
    new Plugin({ historyPreserveItems: true }),
  ];
}
