/**
 * The schema of an article's text, built from the one definition shared with the server, and how it is shown and read.
 * No class or attribute is named here that the server's own rendering of a text does not use.
 */
import { DOMSerializer, Schema } from "prosemirror-model";
import definition from "../../wikimarche/domain/schema.json";

/** Turn the shared rules of an attribute into the check ProseMirror runs on what comes from outside. */
function makeValidator(name, rules) {
  const types = (rules.validate ?? "").split("|");
  const pattern = rules.pattern && new RegExp(rules.pattern);
  return (value) => {
    const type = value === null ? "null" : typeof value;
    const wrong =
      (rules.validate && !types.includes(type)) ||
      (rules.values && value !== null && !rules.values.includes(value)) ||
      (pattern && value !== null && !pattern.test(value)) ||
      (typeof value === "number" && (!Number.isInteger(value) || value < (rules.min ?? -Infinity) || value > (rules.max ?? Infinity))) ||
      (typeof value === "string" && (value.length < (rules.minLength ?? 0) || value.length > (rules.maxLength ?? Infinity)));
    if (wrong) throw new RangeError(`attribut refusé : ${name}`);
  };
}

function readAttrs(attrs = {}) {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, rules]) => {
      const attr = { validate: makeValidator(name, rules) };
      if ("default" in rules) attr.default = rules.default;
      return [name, attr];
    }),
  );
}

const accepts = (node, attr, value) => new RegExp((definition.nodes[node] ?? definition.marks[node]).attrs[attr].pattern).test(value ?? "");

/** What the address of a link may be: no space, no invisible sign, none that turns what is read. */
export const LINK_PATTERN = definition.marks.link.attrs.href.pattern;

const id = (dom) => (accepts("paragraph", "id", dom.getAttribute("data-b")) ? dom.getAttribute("data-b") : null);
const within = (value, low, high, otherwise) => {
  const number = Number.parseInt(value, 10);
  return number >= low && number <= high ? number : otherwise;
};
/** Width and height of an image in CSS pixels, as the schema bounds them; null for what is none. */
const { min: shortest, max: longest } = definition.nodes.image.attrs.largeur;
const readLength = (written) => (/^\d+$/.test(written ?? "") ? within(written, shortest, longest, null) : null);
const readSize = (dom) => ({ largeur: readLength(dom.getAttribute("width")), hauteur: readLength(dom.getAttribute("height")) });
const showSize = ({ largeur, hauteur }) => ({ width: largeur, height: hauteur });
const readAlign = (dom) => {
  const align = dom.dataset.align || dom.getAttribute("align") || /text-align:\s*(\w+)/.exec(dom.dataset.wmStyle ?? "")?.[1];
  return ["left", "center", "right"].includes(align) ? align : null;
};
const readCell = (dom) => ({
  colspan: within(dom.getAttribute("colspan"), 1, 60, 1),
  rowspan: within(dom.getAttribute("rowspan"), 1, 3000, 1),
  align: readAlign(dom),
});
const showCell = (tag) => (node) => {
  const { colspan, rowspan, align } = node.attrs;
  return [tag, { colspan: colspan > 1 ? colspan : null, rowspan: rowspan > 1 ? rowspan : null, "data-align": align }, 0];
};
const requireAttr = (node, attr, from) => (dom) =>
  accepts(node, attr, dom.getAttribute(from)) ? { [attr]: dom.getAttribute(from) } : false;

/** The policy forbids inline styles, even in what is pasted: they arrive as data-wm-style (see collage.js). */
const pasted = (dom, pattern) => pattern.test(dom.dataset.wmStyle ?? "");
const styled = (pattern) => ({ tag: "span[data-wm-style]", consuming: false, getAttrs: (dom) => pasted(dom, pattern) && null });

const shown = {
  paragraph: { toDOM: (n) => ["p", { "data-b": n.attrs.id }, 0], parseDOM: [{ tag: "p", getAttrs: (dom) => ({ id: id(dom) }) }] },
  heading: {
    toDOM: (n) => [n.attrs.level === 1 ? "h4" : "h5", { "data-b": n.attrs.id }, 0],
    parseDOM: ["h1", "h2", "h3", "h4", "h5", "h6"].map((tag) => ({
      tag,
      getAttrs: (dom) => ({ id: id(dom), level: tag > "h4" ? 2 : 1 }),
    })),
  },
  bullet_list: { toDOM: (n) => ["ul", { "data-b": n.attrs.id }, 0], parseDOM: [{ tag: "ul", getAttrs: (dom) => ({ id: id(dom) }) }] },
  ordered_list: {
    toDOM: (n) => [
      "ol",
      { "data-b": n.attrs.id, type: n.attrs.style === "1" ? null : n.attrs.style, start: n.attrs.start === 1 ? null : n.attrs.start },
      0,
    ],
    parseDOM: [
      {
        tag: "ol",
        getAttrs: (dom) => ({
          id: id(dom),
          style: ["a", "i"].find((style) => style === dom.getAttribute("type")?.toLowerCase()) ?? "1",
          start: within(dom.getAttribute("start"), 0, 99999, 1),
        }),
      },
    ],
  },
  list_item: { toDOM: () => ["li", 0], parseDOM: [{ tag: "li" }] },
  table: {
    toDOM: (n) => ["table", { class: "wm-tab", "data-b": n.attrs.id }, ["tbody", 0]],
    parseDOM: [{ tag: "table", getAttrs: (dom) => ({ id: id(dom) }) }],
  },
  table_row: { toDOM: () => ["tr", 0], parseDOM: [{ tag: "tr" }] },
  table_cell: { toDOM: showCell("td"), parseDOM: [{ tag: "td", getAttrs: readCell }] },
  table_header: { toDOM: showCell("th"), parseDOM: [{ tag: "th", getAttrs: readCell }] },
  blockquote: { toDOM: (n) => ["blockquote", { "data-b": n.attrs.id }, 0], parseDOM: [{ tag: "blockquote", getAttrs: (dom) => ({ id: id(dom) }) }] },
  image: {
    toDOM: (n) => ["img", { "data-b": n.attrs.id, "data-fichier": n.attrs.fichier, alt: n.attrs.alt, ...showSize(n.attrs) }],
    parseDOM: [
      {
        tag: "img[data-fichier]",
        getAttrs: (dom) =>
          accepts("image", "fichier", dom.dataset.fichier) && dom.alt
            ? { id: id(dom), fichier: dom.dataset.fichier, alt: dom.alt, ...readSize(dom) }
            : false,
      },
    ],
  },
  critere: { toDOM: (n) => ["div", { class: "wm-critere", "data-b": n.attrs.id }], parseDOM: [{ tag: "div.wm-critere", getAttrs: (dom) => ({ id: id(dom) }) }] },
  hard_break: { toDOM: () => ["br"], parseDOM: [{ tag: "br" }] },
  note_bas_de_page: {
    toDOM: (n) => ["span", { class: "wm-note-bas", role: "note" }, n.attrs.texte],
    parseDOM: [{ tag: "span.wm-note-bas", getAttrs: (dom) => (dom.textContent.trim() ? { texte: dom.textContent.trim().slice(0, 5000) } : false) }],
  },
  variable: {
    toDOM: (n) => ["span", { class: "wm-variable", "data-chemin": n.attrs.chemin }, n.attrs.chemin],
    parseDOM: [{ tag: "span.wm-variable", getAttrs: requireAttr("variable", "chemin", "data-chemin") }],
  },
  renvoi: {
    toDOM: (n) => ["a", { class: "wm-renvoi", href: `#a-${n.attrs.article}`, "data-article": n.attrs.article }, "article"],
    parseDOM: [{ tag: ".wm-renvoi", priority: 60, getAttrs: requireAttr("renvoi", "article", "data-article") }],
  },
  comment: {
    toDOM: (m) => ["mark", { class: "wm-ancre", "data-fil": m.attrs.fil }, 0],
    parseDOM: [{ tag: "mark[data-fil]", getAttrs: requireAttr("comment", "fil", "data-fil") }],
  },
  link: {
    toDOM: (m) => ["a", { href: m.attrs.href, rel: "noopener noreferrer" }, 0],
    parseDOM: [{ tag: "a[href]", getAttrs: requireAttr("link", "href", "href") }],
  },
  strong: {
    toDOM: () => ["strong", 0],
    parseDOM: [{ tag: "strong" }, { tag: "b", getAttrs: (dom) => !pasted(dom, /(?:^|[;\s])font-weight:\s*(normal|400)/) && null }, styled(/(?:^|[;\s])font-weight:\s*(bold|[6-9]00)/)],
  },
  em: { toDOM: () => ["em", 0], parseDOM: [{ tag: "em" }, { tag: "i", getAttrs: (dom) => !pasted(dom, /(?:^|[;\s])font-style:\s*normal/) && null }, styled(/(?:^|[;\s])font-style:\s*italic/)] },
  underline: { toDOM: () => ["u", 0], parseDOM: [{ tag: "u" }, styled(/(?:^|[;\s])text-decoration[^;]*:[^;]*underline/)] },
  superscript: { toDOM: () => ["sup", 0], parseDOM: [{ tag: "sup" }] },
  subscript: { toDOM: () => ["sub", 0], parseDOM: [{ tag: "sub" }] },
};

/** Merge the shared definition (content, groups, attributes) with the browser's own share (shown, read). */
function readSpecs(entries) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, { attrs, ...spec }]) => [name, { ...spec, attrs: readAttrs(attrs), ...shown[name] }]),
  );
}

export const schema = new Schema({
  topNode: definition.topNode,
  nodes: readSpecs(definition.nodes),
  marks: readSpecs(definition.marks),
});

/**
 * How the nodes that depend on the page around the text are shown (value of a datum, number of an article…).
 * contexte: {variable(chemin), renvoi(uuid), image(uuid), critere()}, renvoi(uuid) giving {numero, titre, present}, titre
 * undefined for an article that nobody knows; returns {node name: node → DOM element}.
 */
export function makeRenderers(contexte) {
  const element = (tag, attrs, text) => {
    const dom = document.createElement(tag);
    for (const [name, value] of Object.entries(attrs)) if (value !== null && value !== undefined) dom.setAttribute(name, value);
    if (text !== undefined) dom.textContent = text;
    return dom;
  };
  return {
    variable(node) {
      const { libelle, valeur } = contexte.variable(node.attrs.chemin);
      const attrs = { class: valeur ? "wm-variable" : "wm-variable wm-vide", "data-chemin": node.attrs.chemin };
      return element("span", { ...attrs, title: `${libelle}, repris de la fiche du marché` }, valeur || `[${libelle} à compléter]`);
    },
    renvoi(node) {
      const { numero, titre, present } = contexte.renvoi(node.attrs.article);
      const attrs = { "data-article": node.attrs.article };
      const named = titre ? `\u0020«\u202f${titre}\u202f»` : "";
      if (!present) {
        const words = titre === undefined ? "article introuvable" : `article retiré${named}`;
        return element("span", { ...attrs, class: "wm-renvoi wm-rompu" }, `[renvoi rompu\u202f: ${words}]`);
      }
      const words = numero ? `article\u00a0${numero}` : `article${named || " sans titre"}`;
      return element("a", { ...attrs, class: "wm-renvoi", href: `#a-${node.attrs.article}`, title: titre }, words);
    },
    note_bas_de_page(node) {
      return element("span", { class: "wm-note-bas", role: "note" }, node.attrs.texte);
    },
    image(node) {
      const figure = element("figure", { class: "wm-image", "data-b": node.attrs.id });
      const { fichier, alt } = node.attrs;
      figure.append(element("img", { "data-fichier": fichier, alt, src: contexte.image(fichier), ...showSize(node.attrs) }));
      return figure;
    },
    critere(node) {
      const dom = element("div", { class: "wm-critere", "data-b": node.attrs.id });
      dom.append(contexte.critere());
      return dom;
    },
  };
}

/** The same nodes in the text being written: nobody writes in them, and a click on a renvoi does not leave the text. */
export function makeNodeViews(renderers) {
  const view = (render) => (node) => {
    const dom = render(node);
    dom.contentEditable = "false";
    dom.removeAttribute("href");
    return { dom, ignoreMutation: () => true };
  };
  return Object.fromEntries(Object.entries(renderers).map(([name, render]) => [name, view(render)]));
}

/** What is copied goes elsewhere with the number that a renvoi shows. */
export function makeClipboardSerializer({ renvoi }) {
  return new DOMSerializer({ ...DOMSerializer.nodesFromSchema(schema), renvoi }, DOMSerializer.marksFromSchema(schema));
}

/** The footnotes of a text, at its foot; null when it has none. edit(node): a button for each, where one may write. */
export function renderNotes(doc, edit = null) {
  const list = document.createElement("ol");
  list.className = "wm-notes";
  list.setAttribute("aria-label", "Notes");
  doc.descendants((node) => {
    if (node.type.name !== "note_bas_de_page") return;
    const item = document.createElement("li");
    item.textContent = node.attrs.texte;
    if (edit) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-lien btn-court", textContent: "Modifier" });
      button.setAttribute("aria-label", `Modifier la note ${list.children.length + 1}`);
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => edit(node));
      item.append(" ", button);
    }
    list.append(item);
  });
  return list.children.length ? list : null;
}

/** The text as the page shows it once nobody writes in it any more. */
export function renderDoc(doc, renderers) {
  const serializer = new DOMSerializer({ ...DOMSerializer.nodesFromSchema(schema), ...renderers }, DOMSerializer.marksFromSchema(schema));
  const shown = serializer.serializeFragment(doc.content);
  // As the server does: an empty line has the height of a line.
  for (const line of shown.querySelectorAll("p:empty")) line.append(document.createElement("br"));
  const notes = renderNotes(doc);
  if (notes) shown.append(notes);
  return shown;
}
