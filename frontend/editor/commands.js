/** What the buttons do to the text. Each is a ProseMirror command: (state, dispatch, view) → could it? */
import { lift, toggleMark, wrapIn } from "prosemirror-commands";
import { liftListItem, wrapInList } from "prosemirror-schema-list";
import { TextSelection } from "prosemirror-state";
import * as tables from "prosemirror-tables";
import { makeBlockId } from "./ids.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;

/** Change the kind of the blocks in the selection; each keeps its identifier. */
export const setKind = (type, attrs = {}) => (state, dispatch) => {
  const { from, to } = state.selection;
  let possible = false;
  state.doc.nodesBetween(from, to, (node, pos) => {
    if (!node.isTextblock || node.hasMarkup(type, { ...node.attrs, ...attrs })) return;
    const $pos = state.doc.resolve(pos);
    possible ||= $pos.parent.canReplaceWith($pos.index(), $pos.index() + 1, type);
  });
  if (possible) dispatch?.(state.tr.setBlockType(from, to, type, (node) => ({ id: node.attrs.id, ...attrs })).scrollIntoView());
  return possible;
};

const findList = ($pos) => {
  for (let depth = $pos.depth; depth > 0; depth--) {
    const node = $pos.node(depth);
    if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) return { node, pos: $pos.before(depth) };
  }
  return null;
};

/** A list of this kind: make it, change the kind of the one we are in, or leave it. */
export const toggleList = (type, attrs = {}) => (state, dispatch) => {
  const list = findList(state.selection.$from);
  if (!list) return wrapInList(type, attrs)(state, dispatch);
  if (list.node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
  dispatch?.(state.tr.setNodeMarkup(list.pos, type, { id: list.node.attrs.id, ...attrs }));
  return true;
};

/** Numbering of the ordered list we are in: "1", "a" or "i". */
export const setListStyle = (style) => (state, dispatch) => {
  const list = findList(state.selection.$from);
  if (list?.node.type !== nodes.ordered_list) return false;
  dispatch?.(state.tr.setNodeAttribute(list.pos, "style", style));
  return true;
};

/**
 * Put a block after the one we are in, or in its place when that is an empty paragraph. below: whether something to write in
 * must follow. Returns the transaction and where the block is.
 */
function putBlock(state, block, below = false) {
  const { $from } = state.selection;
  const empty = $from.depth === 1 && $from.parent.type === nodes.paragraph && !$from.parent.content.size;
  const after = $from.depth ? $from.after(1) : state.selection.to;
  const at = empty ? $from.before(1) : after;
  const tr = state.tr.replaceWith(at, after, block);
  const end = at + block.nodeSize;
  if ((below || empty) && end === tr.doc.content.size) tr.insert(end, nodes.paragraph.create({ id: makeBlockId() }));
  return { tr, at };
}

export const insertTable = (rows = 3, columns = 3) => (state, dispatch) => {
  if (tables.isInTable(state)) return false;
  const row = (type) => nodes.table_row.create(null, Array.from({ length: columns }, () => type.createAndFill()));
  const body = Array.from({ length: rows }, (_, i) => row(i ? nodes.table_cell : nodes.table_header));
  const table = nodes.table.create({ id: makeBlockId() }, body);
  const { tr, at } = putBlock(state, table, true);
  dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve(at + 3))).scrollIntoView());
  return true;
};

/** Put an inline node (renvoi, variable, note) at the cursor. */
export const insertInline = (type, attrs) => (state, dispatch) => {
  const { $from, $to } = state.selection;
  if (!$from.parent.canReplaceWith($from.index(), $to.index(), type)) return false;
  dispatch?.(state.tr.replaceSelectionWith(type.create(attrs)).scrollIntoView());
  return true;
};

/** Put a block (image, criteria) after the one we are in. */
export const insertBlock = (type, attrs) => (state, dispatch) => {
  dispatch?.(putBlock(state, type.create({ id: makeBlockId(), ...attrs })).tr.scrollIntoView());
  return true;
};

export const setLink = (href) => (state, dispatch) => {
  const { from, to, empty } = state.selection;
  if (empty) return false;
  const tr = state.tr.removeMark(from, to, marks.link);
  if (href) tr.addMark(from, to, marks.link.create({ href }));
  dispatch?.(tr);
  return true;
};

/** Plain text set aside comes back as paragraphs: at the cursor's block, or at the end. */
export const insertText = (texte) => (state, dispatch) => {
  const paragraphs = texte.split(/\n+/).filter(Boolean).map((line) => nodes.paragraph.create({ id: makeBlockId() }, schema.text(line)));
  if (!paragraphs.length) return false;
  dispatch?.(state.tr.insert(state.doc.content.size, paragraphs).scrollIntoView());
  return true;
};

export const quote = (state, dispatch) => {
  const { $from } = state.selection;
  const inside = [...Array($from.depth).keys()].some((depth) => $from.node(depth + 1).type === nodes.blockquote);
  return inside ? lift(state, dispatch) : wrapIn(nodes.blockquote)(state, dispatch);
};

export const isMarkOn = (type) => (state) => {
  const { from, $from, to, empty } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
};

export const isInList = (type) => (state) => findList(state.selection.$from)?.node.type === type;

export { tables, toggleMark };
