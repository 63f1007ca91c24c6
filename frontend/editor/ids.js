/**
 * Every block of an article has an identifier for life: comparing versions and knowing who wrote what rest on it.
 * A copy and the second half of a block cut in two get a new one; a block that changes kind or is wrapped keeps its own.
 */
import { Plugin } from "prosemirror-state";
import { REMOTE } from "./rebase.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

export function makeBlockId() {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => LETTERS[byte % 36]).join("");
}

const hasId = (node) => node.type.spec.attrs && "id" in node.type.spec.attrs;

/** Attribute changes that make identifiers present on top blocks and unique everywhere: [[pos, id or null]…]. */
export function findIdRepairs(doc, reuse = () => null) {
  const top = new Set();
  doc.forEach((node) => hasId(node) && node.attrs.id && top.add(node.attrs.id));
  const seen = new Set();
  const repairs = [];
  doc.forEach((node, pos) => {
    if (hasId(node)) {
      let { id } = node.attrs;
      if (!id || seen.has(id)) {
        const old = id ? null : reuse(pos);
        id = old && !top.has(old) ? old : makeBlockId();
        top.add(id);
        repairs.push([pos, id]);
      }
      seen.add(id);
    }
  });
  doc.descendants((node, pos, parent) => {
    if (parent === doc) return true;
    if (hasId(node) && node.attrs.id) {
      if (seen.has(node.attrs.id)) repairs.push([pos, null]);
      seen.add(node.attrs.id);
    }
    return !node.isTextblock;
  });
  return repairs;
}

export function blockIds() {
  return new Plugin({
    appendTransaction(transactions, old, state) {
      const own = transactions.filter((tr) => tr.docChanged);
      if (!own.length || own.some((tr) => tr.getMeta(REMOTE))) return null;
      // Which block stood here before: one that was wrapped, lifted or changed kind takes its identifier back.
      const reuse = (pos) => {
        let before = pos + 1;
        for (const tr of [...own].reverse()) before = tr.mapping.invert().map(before, 1);
        if (before > old.doc.content.size) return null;
        const $before = old.doc.resolve(before);
        const block = $before.depth ? $before.node(1) : $before.nodeAfter;
        return block?.attrs.id ?? null;
      };
      const repairs = findIdRepairs(state.doc, reuse);
      if (!repairs.length) return null;
      const tr = state.tr;
      for (const [pos, id] of repairs) tr.setNodeAttribute(pos, "id", id);
      return tr.setStoredMarks(state.storedMarks);
    },
  });
}
