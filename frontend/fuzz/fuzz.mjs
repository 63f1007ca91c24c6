/**
 * Random edits made with the real prosemirror packages, without a browser, one JSON object a line.
 *
 * Two people edit the same document, each alone; a line holds the document, the steps of both, and
 * what prosemirror makes of them: documents, inverted steps, steps rebased as prosemirror-collab
 * does (a letter that goes on with its author's word stays against it). The Python authority must find the same (tests/wikimarche/domain/test_fuzz.py).
 *
 * @example node fuzz.mjs --seed 7 --cases 50
 */
import { readFileSync } from "node:fs"
import { Schema, Fragment } from "prosemirror-model"
import { Transform } from "prosemirror-transform"
import { EditorState, TextSelection } from "prosemirror-state"
import * as commands from "prosemirror-commands"
import { history, undo, redo, closeHistory } from "prosemirror-history"
import { wrapInList, splitListItem, liftListItem, sinkListItem } from "prosemirror-schema-list"
import * as tables from "prosemirror-tables"
import { readPending, rebase as rebaseInBrowser } from "../editor/rebase.js"
import { Run, readSteps } from "../editor/suite.js"

const option = (name, otherwise) => {
  const place = process.argv.indexOf(`--${name}`)
  return place < 0 ? otherwise : Number(process.argv[place + 1])
}
const definition = JSON.parse(
  readFileSync(new URL("../../wikimarche/domain/schema.json", import.meta.url), "utf8"),
)
const schema = new Schema(definition)
const { nodes, marks } = schema

/** mulberry32: a small generator, the same on every machine. */
function generator(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const int = (max) => Math.floor(next() * max)
  return { next, int, pick: (list) => list[int(list.length)], chance: (p) => next() < p }
}

let rng = generator(1)
let counter = 0
const uuid = () => {
  const hex = (n) => Array.from({ length: n }, () => rng.int(16).toString(16)).join("")
  return `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`
}
const blockId = () => `b${(counter++).toString(36).padStart(8, "0")}`
const WORDS = ["délai", "prix", "é", "l’eau", "😀", "𝔘nité", "12", "%", "notifié", "a", " ", "  ", "CCTP", "œuvre"]
const words = (n) => Array.from({ length: 1 + rng.int(n) }, () => rng.pick(WORDS)).join(rng.chance(0.5) ? " " : "")

function randomMarks() {
  let set = []
  for (const mark of [
    () => marks.strong.create(),
    () => marks.em.create(),
    () => marks.underline.create(),
    () => marks.superscript.create(),
    () => marks.subscript.create(),
    () => marks.link.create({ href: "https://exemple.fr/é" }),
    () => marks.comment.create({ fil: uuid() }),
  ])
    if (rng.chance(0.12)) set = mark().addToSet(set)
  return set
}
function atom() {
  const make = rng.pick([
    () => nodes.hard_break.create(),
    () => nodes.variable.create({ chemin: "marche.duree_mois" }),
    () => nodes.renvoi.create({ article: uuid() }),
    () => nodes.note_bas_de_page.create({ texte: "Note n° " + rng.int(9) }),
  ])
  return make().mark(randomMarks())
}
const inline = () =>
  Array.from({ length: rng.int(4) }, () => (rng.chance(0.2) ? atom() : schema.text(words(5), randomMarks())))
const paragraph = (id = null) => nodes.paragraph.create({ id }, Fragment.from(inline()))
function list(id, depth = 0) {
  const type = rng.chance(0.5) ? nodes.bullet_list : nodes.ordered_list
  const items = Array.from({ length: 1 + rng.int(3) }, () => {
    const content = [paragraph()]
    if (depth < 2 && rng.chance(0.3)) content.push(list(null, depth + 1))
    return nodes.list_item.create(null, content)
  })
  return type.create({ id }, items)
}
function table(id) {
  const width = 2 + rng.int(2)
  const rows = Array.from({ length: 2 + rng.int(2) }, (_, r) =>
    nodes.table_row.create(
      null,
      Array.from({ length: width }, () =>
        (r === 0 ? nodes.table_header : nodes.table_cell).create(null, [paragraph()]),
      ),
    ),
  )
  return nodes.table.create({ id }, rows)
}
function block() {
  const id = blockId()
  const dice = rng.next()
  if (dice < 0.5) return paragraph(id)
  if (dice < 0.6) return nodes.heading.create({ id, level: 1 + rng.int(2) }, Fragment.from(inline()))
  if (dice < 0.75) return list(id)
  if (dice < 0.87) return table(id)
  if (dice < 0.92) return nodes.blockquote.create({ id }, [paragraph(), paragraph()])
  if (dice < 0.96) return nodes.image.create({ id, fichier: uuid(), alt: "Plan", largeur: dice < 0.955 ? 320 : null, hauteur: dice < 0.952 ? 200 : null })
  return nodes.critere.create({ id })
}
const document_ = () => nodes.doc.create(null, Array.from({ length: 1 + rng.int(6) }, block))

/** A position a person can reach: never between the halves of an astral character. */
function position(doc) {
  let pos = rng.int(doc.content.size + 1)
  const $pos = doc.resolve(pos)
  if ($pos.textOffset) {
    const text = $pos.parent.child($pos.index()).text
    if (/[\ud800-\udbff]/.test(text[$pos.textOffset - 1])) pos += 1
  }
  return pos
}
function select(state, span) {
  const a = position(state.doc)
  const b = span ? position(state.doc) : a
  try {
    return state.apply(state.tr.setSelection(TextSelection.between(state.doc.resolve(a), state.doc.resolve(b))))
  } catch {
    return state
  }
}
function selectCells(state) {
  const cells = []
  state.doc.descendants((node, pos) => {
    if (node.type === nodes.table_cell || node.type === nodes.table_header) cells.push(pos)
  })
  if (!cells.length) return state
  const anchor = rng.pick(cells)
  const $anchor = state.doc.resolve(anchor)
  const same = cells.filter((pos) => tables.inSameTable($anchor, state.doc.resolve(pos)))
  return state.apply(
    state.tr.setSelection(tables.CellSelection.create(state.doc, anchor, rng.pick(same))),
  )
}

/** Each edit takes a state and a dispatch, as a command does; it may do nothing. */
const mark = () =>
  rng.pick([
    ...["strong", "em", "underline", "superscript", "subscript"].map((name) => commands.toggleMark(marks[name])),
    commands.toggleMark(marks.link, { href: "mailto:achats@exemple.fr" }),
    commands.toggleMark(marks.comment, { fil: uuid() }),
  ])
const cell = () =>
  rng.pick([
    tables.addRowAfter, tables.addRowBefore, tables.addColumnAfter, tables.addColumnBefore,
    tables.deleteRow, tables.deleteColumn, tables.mergeCells, tables.splitCell,
    tables.toggleHeaderRow, tables.toggleHeaderColumn, tables.setCellAttr("align", "center"),
    tables.deleteCellSelection, tables.deleteTable,
  ])
const enter = commands.chainCommands(
  splitListItem(nodes.list_item), commands.createParagraphNear, commands.liftEmptyBlock, commands.splitBlock,
)
const structure = () =>
  rng.pick([
    commands.setBlockType(nodes.heading, { level: 1 + rng.int(2) }),
    commands.setBlockType(nodes.paragraph),
    commands.wrapIn(nodes.blockquote),
    commands.lift,
    wrapInList(nodes.bullet_list),
    wrapInList(nodes.ordered_list, { style: rng.pick(["1", "a", "i"]) }),
    liftListItem(nodes.list_item),
    sinkListItem(nodes.list_item),
    commands.joinUp, commands.joinDown, commands.joinBackward, commands.joinForward,
    commands.joinTextblockBackward, commands.joinTextblockForward,
  ])
const EDITS = [
  [8, false, (state, dispatch) => dispatch(state.tr.insertText(words(2)))],
  [3, true, (state, dispatch) => dispatch(state.tr.insertText(words(2)))],
  [3, true, commands.deleteSelection],
  [4, false, enter],
  [4, true, (state, dispatch) => mark()(state, dispatch)],
  [4, true, (state, dispatch) => structure()(state, dispatch)],
  [3, "cells", (state, dispatch) => cell()(state, dispatch)],
  [2, false, (state, dispatch) => cell()(state, dispatch)],
  [2, false, (state, dispatch) => dispatch(state.tr.replaceSelectionWith(atom()))],
  [1, false, (state, dispatch) => dispatch(state.tr.insert(0, block()))],
  [2, true, cutAndPaste],
  [2, false, moveBlock],
  [2, false, setAttribute],
  [3, true, addComment],
  [3, false, undo],
  [1, false, redo],
]
function cutAndPaste(state, dispatch) {
  const { from, to } = state.selection
  const slice = state.doc.slice(from, to)
  const tr = state.tr.deleteRange(from, to)
  const pos = position(tr.doc)
  dispatch(tr.replaceRange(pos, pos, slice))
}
function moveBlock(state, dispatch) {
  const index = rng.int(state.doc.childCount)
  if (state.doc.childCount < 2) return
  let pos = 0
  for (let i = 0; i < index; i++) pos += state.doc.child(i).nodeSize
  const node = state.doc.child(index)
  const tr = state.tr.delete(pos, pos + node.nodeSize)
  let target = 0
  for (let i = rng.int(tr.doc.childCount + 1); i > 0; i--) target += tr.doc.child(i - 1).nodeSize
  dispatch(tr.insert(target, node))
}
function setAttribute(state, dispatch) {
  const found = []
  state.doc.descendants((node, pos) => {
    if (node.type.isBlock) found.push([node, pos])
  })
  const [node, pos] = rng.pick(found)
  if (node.type === nodes.heading)
    return dispatch(state.tr.setNodeMarkup(pos, null, { ...node.attrs, level: 3 - node.attrs.level }))
  if (node.type === nodes.ordered_list)
    return dispatch(state.tr.setNodeMarkup(pos, null, { ...node.attrs, style: rng.pick(["1", "a", "i"]) }))
  if ("id" in node.attrs) return dispatch(state.tr.setNodeAttribute(pos, "id", blockId()))
}
function addComment(state, dispatch) {
  const { from, to } = state.selection
  dispatch(state.tr.addMark(from, to, marks.comment.create({ fil: uuid() })))
}
/** Cuts laid on whole cells fall anywhere, even between the halves of an astral character: a browser sends no such half. */
function wellFormed(doc) {
  let whole = true
  doc.descendants((node) => void (whole &&= !node.isText || node.text.isWellFormed()))
  return whole
}
const total = EDITS.reduce((sum, [weight]) => sum + weight, 0)

/** Edit a document some times; every step of every transaction, undo and redo included. place: where to begin by typing. */
function edit(doc, count, place = null) {
  let state = EditorState.create({ doc, plugins: [history({ newGroupDelay: 0 })] })
  const steps = []
  const typing = new Run()
  if (place !== null) {
    const $place = doc.resolve(place)
    state = state.apply(state.tr.setSelection(TextSelection.near($place)))
    for (let n = 2 + rng.int(4); n > 0; n--) {
      const tr = state.tr.insertText(words(1))
      steps.push(...readPending(tr, typing))
      state = state.apply(tr)
    }
  }
  for (let i = 0; i < count; i++) {
    let dice = rng.int(total)
    const [, span, run] = EDITS.find(([weight]) => (dice -= weight) < 0)
    state = span === "cells" ? selectCells(state) : select(state, span)
    const repeat = span === false && rng.chance(0.3) ? 1 + rng.int(4) : 1
    for (let n = 0; n < repeat; n++) {
      let made = null
      try {
        run(state, (tr) => { made = tr })
        if (!made || !made.docChanged) continue
        made.doc.check()
      } catch {
        continue // A command that would break the document: the editor would not have sent it.
      }
      if (made.doc.content.size > 4000 || !wellFormed(made.doc)) continue
      steps.push(...readPending(made, typing))
      state = state.apply(rng.chance(0.5) ? closeHistory(made) : made)
    }
  }
  return { doc: state.doc, steps: steps.map(({ step }) => step), pending: steps }
}
const json = (steps) => steps.map((step) => step.toJSON())
/** As the server writes them: once placed, a step no longer says that it goes on. */
const placed = (steps) => json(steps).map(({ suite, ...step }) => step)

/** The editor's own rebase must find what the textbook finds. */
function checkBrowser(ours, theirs, result) {
  const state = EditorState.create({ doc: ours.doc })
  const { tr, pending } = rebaseInBrowser(state, ours.pending, { before: theirs })
  const found = JSON.stringify([json(pending.map(({ step }) => step)), tr.doc])
  if (found !== JSON.stringify([json(result.steps), result.doc])) throw new Error("the editor rebases otherwise")
}

/** rebaseSteps of prosemirror-collab, dropped steps counted. */
function rebase(base, ours, theirs) {
  const tr = new Transform(base)
  const mine = []
  for (const step of ours) {
    mine.push([step, step.invert(tr.doc)])
    tr.step(step)
  }
  const after = new Transform(tr.doc)
  for (let i = mine.length - 1; i >= 0; i--) after.step(mine[i][1])
  for (const step of theirs) after.step(step)
  const rebased = []
  const dropped = []
  for (let i = 0, mapFrom = mine.length; i < mine.length; i++) {
    const mapped = mine[i][0].map(after.mapping.slice(mapFrom))
    mapFrom--
    let failed = !mapped
    if (mapped)
      try {
        failed = Boolean(after.maybeStep(mapped).failed)
      } catch {
        failed = true
      }
    if (failed) {
      dropped.push(i)
      continue
    }
    after.mapping.setMirror(mapFrom, after.steps.length - 1)
    rebased.push(mapped)
  }
  let valid = true
  try {
    after.doc.check()
  } catch {
    valid = false
  }
  return { steps: rebased, dropped, doc: after.doc, valid }
}
function invert(base, steps) {
  const tr = new Transform(base)
  const inverted = []
  for (const step of steps) {
    inverted.push(step.invert(tr.doc))
    tr.step(step)
  }
  return inverted.reverse()
}

const seed = option("seed", 1)
const cases = option("cases", 20)
for (let number = 0; number < cases; number++) {
  rng = generator(seed * 100003 + number)
  counter = 0
  const base = document_()
  base.check()
  const place = rng.chance(0.4) ? position(base) : null
  const theirs = edit(base, 1 + rng.int(6), place)
  const ours = edit(base, 1 + rng.int(6), place)
  // Steps travel as JSON: what the server receives is what is compared.
  const travelled = readSteps(schema, json(ours.steps))
  const result = rebase(base, travelled, theirs.steps)
  checkBrowser(ours, theirs.steps, result)
  process.stdout.write(
    JSON.stringify({
      seed,
      number,
      base: base.toJSON(),
      theirs: json(theirs.steps),
      afterTheirs: theirs.doc.toJSON(),
      ours: json(ours.steps),
      afterOurs: ours.doc.toJSON(),
      inverted: json(invert(base, ours.steps)),
      rebased: placed(result.steps),
      dropped: result.dropped,
      afterRebase: result.doc.toJSON(),
      valid: result.valid,
    }) + "\n",
  )
}
