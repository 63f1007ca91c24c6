/** The plugins of an article's editor, in the order in which they see a key. */
import { baseKeymap } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { Plugin } from "prosemirror-state";
import { tableEditing } from "prosemirror-tables";
import { blockIds } from "./ids.js";
import { frenchTyping, makeKeys } from "./typing.js";

/** tableEditing without its appended repairs, which can answer each other for ever (seance.js repairs once). */
function tableKeys() {
  const plugin = tableEditing();
  delete plugin.spec.appendTransaction;
  return plugin;
}

/** handlers: see makeKeys in typing.js. */
export function makePlugins(handlers) {
  return [
    frenchTyping(),
    keymap(makeKeys(handlers)),
    keymap(baseKeymap),
    tableKeys(),
    gapCursor(),
    history(),
    blockIds(),
    // Undo must be able to place its steps over what others committed.
    new Plugin({ historyPreserveItems: true }),
  ];
}
