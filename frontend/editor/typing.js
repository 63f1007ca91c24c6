/** What the keyboard does inside an article: French typography, lists, tables, leaving towards the neighbour. */
import { baseKeymap, chainCommands, createParagraphNear, liftEmptyBlock, selectAll, splitBlockAs, toggleMark } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { InputRule, inputRules, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { liftListItem, sinkListItem, splitListItem } from "prosemirror-schema-list";
import { Selection } from "prosemirror-state";
import { addRowAfter, goToNextCell, isInTable } from "prosemirror-tables";
import { makeBlockId } from "./ids.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;
const FINE = "\u202f";
const FIXE = "\u00a0";

/** Enter: both halves of a cut block are whole blocks, only the new one gets a new identifier. */
function cutBlock(state, dispatch) {
  const { $from, empty } = state.selection;
  const top = $from.depth === 1;
  if (empty && top && $from.parentOffset === 0 && $from.parent.content.size) {
    // Enter before the first letter: the text stays the block it was, an empty one comes before it.
    dispatch?.(state.tr.insert($from.before(), nodes.paragraph.create({ id: makeBlockId() })).scrollIntoView());
    return true;
  }
  return splitBlockAs((node, atEnd) => {
    const id = top ? makeBlockId() : null;
    const heading = node.type === nodes.heading && !atEnd;
    return heading ? { type: nodes.heading, attrs: { ...node.attrs, id } } : { type: nodes.paragraph, attrs: { id } };
  })(state, dispatch);
}

function breakLine(state, dispatch) {
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
}

/** In the last cell, Tab adds a row, as word processors do. */
function tabInTable(state, dispatch, view) {
  if (!isInTable(state)) return false;
  if (goToNextCell(1)(state, dispatch)) return true;
  if (!dispatch) return true;
  addRowAfter(state, dispatch);
  return goToNextCell(1)(view.state, dispatch);
}

/** In a list Tab indents; where it cannot, it stays: leaving is Escape's, or the arrows'. */
function tabInList(state, dispatch) {
  const { $from } = state.selection;
  const inside = [...Array($from.depth).keys()].some((depth) => $from.node(depth + 1).type === nodes.list_item);
  if (inside) sinkListItem(nodes.list_item)(state, dispatch);
  return inside;
}

/** leave(direction, edge) asks the page for the neighbouring article; returns false when there is none. */
const edges = (leave) => {
  const atEdge = (side, key) => (state, _dispatch, view) => {
    const { selection } = state;
    if (!selection.empty || !view) return false;
    const edge = side < 0 ? Selection.atStart(state.doc) : Selection.atEnd(state.doc);
    const vertical = key === "up" || key === "down";
    const there = vertical
      ? selection.$head.sameParent(edge.$head) && view.endOfTextblock(key)
      : selection.$head.pos === edge.$head.pos;
    return there && leave(side);
  };
  return {
    ArrowUp: atEdge(-1, "up"),
    ArrowLeft: atEdge(-1, "left"),
    ArrowDown: atEdge(1, "down"),
    ArrowRight: atEdge(1, "right"),
  };
};

/** Keys of the editor, strongest first. escape() gives the page back to the keyboard, takeBack() undoes the last gesture on the plan. */
export function makeKeys({ leave, escape, tools, link, takeBack }) {
  return {
    "Mod-z": chainCommands(takeBack, undoInputRule, undo),
    "Mod-y": redo,
    "Shift-Mod-z": redo,
    "Mod-b": toggleMark(marks.strong),
    "Mod-i": toggleMark(marks.em),
    "Mod-u": toggleMark(marks.underline),
    "Mod-k": link,
    "Mod-a": selectAll,
    Backspace: chainCommands(undoInputRule, baseKeymap.Backspace),
    Enter: chainCommands(splitListItem(nodes.list_item), createParagraphNear, liftEmptyBlock, cutBlock),
    "Shift-Enter": breakLine,
    Tab: chainCommands(tabInTable, tabInList, () => leave(1)),
    "Shift-Tab": chainCommands(goToNextCell(-1), liftListItem(nodes.list_item), () => leave(-1, "start")),
    Escape: escape,
    "Alt-F10": tools,
    ...edges(leave),
  };
}


/** A rule that leaves code of its own marks alone and can be taken back with Backspace. */
const replaceEnd = (pattern, text) =>
  new InputRule(pattern, (state, match, start, end) => {
    const value = typeof text === "function" ? text(match) : text;
    return value === null ? null : state.tr.insertText(value, start, end);
  });

export const frenchTyping = () =>
  inputRules({
    rules: [
      replaceEnd(/'$/, "’"),
      replaceEnd(/\.\.\.$/, "…"),
      // A straight quote opens after a space or at the start, closes elsewhere.
      new InputRule(/(^|[\s(\u00a0\u202f])"$/, (state, match, start, end) => state.tr.insertText(`${match[1]}«${FINE}`, start, end)),
      replaceEnd(/"$/, `${FINE}»`),
      replaceEnd(/« $/, `«${FINE}`),
      replaceEnd(/ »$/, `${FINE}»`),
      replaceEnd(/ ([;!?])$/, (match) => FINE + match[1]),
      replaceEnd(/ ([:%€])$/, (match) => FIXE + match[1]),
      wrappingInputRule(/^[-•]\s$/, nodes.bullet_list),
      wrappingInputRule(
        /^(\d{1,2})[.)]\s$/,
        nodes.ordered_list,
        (match) => ({ start: Number(match[1]) }),
        (match, node) => node.attrs.style === "1" && node.childCount + node.attrs.start === Number(match[1]),
      ),
    ],
  });
