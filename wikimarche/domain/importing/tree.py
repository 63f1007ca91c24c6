"""Items → articles: levels, block ids, resolved links, anchored comments and changes."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wikimarche.domain.importing.blocks import BlockReader, Item, gather_typed_bullets, paragraph
from wikimarche.domain.importing.inlines import CONTROL, plain, text_node
from wikimarche.domain.importing.outline import find_headings, settle_titles
from wikimarche.domain.importing.pieces import (
    ALT_ABSENT,
    NIVEAU_MAX,
    PREAMBULE,
    ImportedArticle,
    ImportedComment,
    ImportedImage,
    ImportedPiece,
    ImportedSuggestion,
    ImportRefused,
    ImportReport,
    Json,
)
from wikimarche.domain.importing.preparation import Survey, prepare, read_media
from wikimarche.domain.importing.sommaire import compare_numbers, match_sommaire, take_sommaire


TITLE_LIMIT = 300
# An article above this number of characters would be refused by the schema.
ARTICLE_LIMIT = 150_000
_NAMESPACE = uuid.UUID("6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c11")
_MIMES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".svg": "image/svg+xml", ".emf": "image/emf", ".wmf": "image/wmf",
}  # fmt: skip
_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_REFERENCE = re.compile(
    r"(?i)^(?:l[’']\s?)?(?:article|art\.|§|chapitre|paragraphe|point)?\s*(?:n°\s*)?[\dIVX]+(?:\.\d+)*\.?$"
)
_BEFORE = re.compile(r"(?i)(?:article|art\.|§)[\s\u00a0\u202f]*$")
_PIECE_TITLE = re.compile(
    r"(?i)^\W*(?:cahier des (?:clauses|charges)|r[èe]glement (?:de|particulier)|acte d.engagement|"
    r"C\.?C\.?[AT]\.?[CP]|bordereau|d[ée]composition)"
)


def import_ast(
    ast: Json,
    *,
    source: str,
    media: Mapping[str, bytes] | None = None,
    survey: Survey | None = None,
) -> ImportedPiece:
    """Cut the document pandoc has read into a tree of articles.

    ast: pandoc's JSON, made with `--track-changes=all`.
    source: « docx », « odt » or « markdown ».
    media: bytes by name, as given by `read_media`; by default those of the AST's own « media »
        (base64); survey: from `prepare`.
    Raises ImportRefused when the document holds no text.
    """
    if media is None:
        media = {nom: base64.b64decode(data) for nom, data in ast.get("media", {}).items()}
    if survey is not None:
        media = {**media, **survey.media}
    report = ImportReport()
    reader = BlockReader(report, source=source)
    try:
        items = reader.read(ast["blocks"])
    except RecursionError as error:
        raise ImportRefused("Le document est trop imbriqué pour être importé.") from error
    _count_invisible(ast["blocks"], report)
    items, entries = take_sommaire(items)
    items = gather_typed_bullets(items)
    items = find_headings(items, report)
    match_sommaire(items, entries, report)
    settle_titles(items, in_text=source == "markdown")
    titre, items = _own_title(ast, items, reader)
    if not items:
        raise ImportRefused("Le document ne contient aucun texte.")
    _fold_lead(items)
    _normalise_levels(items)
    assembly = _Assembly(report, source, survey or Survey(), media)
    articles = assembly.build(items)
    if not any(a.titre or plain_of(a.corps) for a in articles):
        raise ImportRefused("Le document ne contient aucun texte.")
    _fill_report(report, articles, assembly, survey, reader)
    if entries:
        numbers = number_by_level(articles)
        titles = [(numbers[a.id], a.titre) for a in articles if a.id in numbers]
        report.sommaire["numeros_identiques"] = compare_numbers(entries, titles)
    return ImportedPiece(
        titre,
        tuple(articles),
        tuple(assembly.images.values()),
        tuple(assembly.comments),
        tuple(assembly.suggestions),
        tuple(reader.inlines.notes),
        report,
    )


def import_document(
    content: bytes, *, source: str, convert: Callable[[bytes, str], Json]
) -> ImportedPiece:
    """Import a file, given the function that runs pandoc in its closed child.

    convert: (prepared package, source) → pandoc's AST. The caller has judged `content` before.
    Raises ImportRefused, and what `convert` raises.
    """
    prepared = prepare(content, source)
    ast = convert(prepared.content, source)
    if "media" in ast:
        return import_ast(ast, source=source, survey=prepared.survey)
    names = sorted(image_names(ast["blocks"]))
    media = {} if source == "markdown" else read_media(prepared.content, names)
    return import_ast(ast, source=source, media=media, survey=prepared.survey)


def image_names(value: Any) -> set[str]:
    """Return the names of the images in a pandoc AST."""
    if isinstance(value, list):
        return set().union(*map(image_names, value)) if value else set()
    if isinstance(value, dict):
        if value.get("t") == "Image":
            return {value["c"][2][0]}
        return image_names(value.get("c"))
    return set()


def number_by_level(articles: Sequence[ImportedArticle]) -> dict[str, str]:
    """Return id → « 3.2 » for the numbered articles of a draft."""
    counters = [0] * (NIVEAU_MAX + 1)
    numbers = {}
    for article in articles:
        if not article.numerote:
            continue
        counters[article.niveau] += 1
        counters[article.niveau + 1 :] = [0] * (NIVEAU_MAX - article.niveau)
        numbers[article.id] = ".".join(str(counters[n]) for n in range(1, article.niveau + 1))
    return numbers


def plain_of(node: Json) -> str:
    """Return the text of a block or a document: text nodes in order, a break is a newline."""
    kind = node["type"]
    if kind == "text":
        return str(node["text"])
    if kind == "hard_break":
        return "\n"
    return "".join(plain_of(child) for child in node.get("content", ()))


def _count_invisible(blocks: Any, report: ImportReport) -> None:
    """Count the characters the reader takes out; the sample shows where they were."""
    waiting = [blocks]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if value.get("t") in ("Str", "Code") or isinstance(value.get("c"), str):
                text = value["c"] if isinstance(value["c"], str) else value["c"][1]
                if found := len(CONTROL.findall(text)):
                    report.miss("caractere_invisible", CONTROL.sub("␦", text), count=found)
            else:
                waiting.append(value.get("c"))


def _own_title(ast: Json, items: list[Item], reader: BlockReader) -> tuple[str, list[Item]]:
    """Find the title of the document; the words leave the text only when they are kept here."""
    meta = ast.get("meta", {})
    titre = _meta_text(meta.get("title"), reader)
    for key in meta:
        if key not in ("title", "lang"):
            reader.report.miss("metadonnee", f"{key} : {_meta_text(meta[key], reader)}")
    if own := next((item for item in items if item.role == "titre"), None):
        return own.text[:TITLE_LIMIT], [item for item in items if item is not own]
    heads = [item for item in items if item.level]
    if heads and not titre:
        first, rest = heads[0], heads[1:]
        alone = rest and all(item.level > first.level for item in rest)
        if (
            alone
            and not first.printed
            and (_PIECE_TITLE.search(first.text) or any(item.printed for item in rest))
        ):
            titre = first.title or first.text
            first.level = 0
            items = [item for item in items if item is not first]
    if not titre:
        lead = next((i for i in items[:6] if i.title_style or _PIECE_TITLE.search(i.text)), None)
        if lead is not None and not lead.level and len(lead.text) < 200:
            titre = " ".join(lead.text.split())
    return titre[:TITLE_LIMIT], items


def _meta_text(value: Any, reader: BlockReader) -> str:
    if value is None:
        return ""
    kind, content = value["t"], value.get("c")
    if kind == "MetaInlines":
        return " ".join(plain(reader.inlines.read(content)).split())
    if kind == "MetaString":
        return str(content)
    if kind == "MetaList":
        return ", ".join(_meta_text(child, reader) for child in content)
    return str(content) if kind == "MetaBool" else ""


def _fold_lead(items: Sequence[Item]) -> None:
    """In a numbered document, titles before the first number belong to the front matter."""
    heads = [item for item in items if item.level]
    first = next((rank for rank, item in enumerate(heads) if item.printed), 0)
    numbered = sum(bool(item.printed) for item in heads)
    if any(item.article for item in heads[:first]):
        return
    if not first or numbered < 0.8 * (len(heads) - first):
        return
    for item in heads[:first]:
        if item.level > heads[first].level:
            return
    for item in heads[:first]:
        item.level = 0
        item.node = {
            "type": "heading",
            "attrs": {"id": None, "level": 1},
            "content": item.node["content"],
        }


def _normalise_levels(items: Sequence[Item]) -> None:
    """First level is 1 and no level is skipped; what is too deep becomes a heading of its article."""
    levels = sorted({item.level for item in items if item.level})
    ranks = {level: rank for rank, level in enumerate(levels, start=1)}
    stack: list[int] = []
    for item in items:
        if not item.level:
            continue
        rank = ranks[item.level]
        while stack and stack[-1] >= rank:
            stack.pop()
        stack.append(rank)
        item.level = len(stack)


@dataclass
class _Draft:
    """An article while it is being filled."""

    item: Item | None
    titre: str
    niveau: int
    numerote: bool = True
    blocks: list[Item] = field(default_factory=list)
    id: str = ""
    reconnu: bool = False


class _Assembly:
    """Builds the articles; keeps images, comments and suggestions in document order."""

    def __init__(
        self, report: ImportReport, source: str, survey: Survey, media: Mapping[str, bytes]
    ) -> None:
        self.report, self.source, self.survey, self.media = report, source, survey, media
        self.images: dict[str, ImportedImage] = {}
        self.comments: list[ImportedComment] = []
        self.suggestions: list[ImportedSuggestion] = []
        self.open: dict[str, Json] = {}
        self.targets: dict[str, str] = {}
        self.anchored: set[int] = set()

    def build(self, items: Sequence[Item]) -> list[ImportedArticle]:
        drafts = self._cut(items)
        self._identify(drafts)
        articles = [self._article(draft) for draft in drafts]
        for pending in list(self.open.values()):
            self._close(pending, "", None)
        return articles

    def _cut(self, items: Sequence[Item]) -> list[_Draft]:
        drafts: list[_Draft] = []
        # Where most titles had their automatic number taken away, it was a choice of layout.
        heads = [item for item in items if item.level]
        few = sum(item.unnumbered for item in heads) * 2 < len(heads)
        for item in items:
            if item.level and item.level <= NIVEAU_MAX:
                numbered = not (item.unnumbered and not item.printed and (few or item.article))
                drafts.append(_Draft(item, self._title(item), item.level, numbered))
                continue
            if item.level:
                item.node = {
                    "type": "heading",
                    "attrs": {"id": None, "level": min(2, item.level - NIVEAU_MAX)},
                    "content": item.node["content"],
                }
            if not drafts:
                drafts.append(_Draft(None, PREAMBULE, 1, numerote=False))
            drafts[-1].blocks.append(item)
        if drafts and drafts[0].item is None:
            self.report.page_de_garde = len(drafts[0].blocks)
            if len(drafts) == 1:
                drafts[0].numerote, drafts[0].titre = True, "Texte importé"
        return self._split_heavy(drafts)

    def _split_heavy(self, drafts: Sequence[_Draft]) -> list[_Draft]:
        """Cut an article too heavy for the schema into « (suite) » articles of the same level."""
        out: list[_Draft] = []
        for draft in drafts:
            current, size, part = draft, 0, 1
            blocks = [light for item in draft.blocks for light in _lighten(item)]
            draft.blocks = []
            out.append(draft)
            for item in blocks:
                weight = _weight(item.node)
                if size + weight > ARTICLE_LIMIT and current.blocks:
                    part += 1
                    titre = f"{draft.titre[: TITLE_LIMIT - 15]} (suite {part})"
                    current = _Draft(None, titre, draft.niveau, draft.numerote)
                    out.append(current)
                    size = 0
                    self.report.remarques.append(
                        f"L’article « {draft.titre} » est trop long : il a été coupé."
                    )
                current.blocks.append(item)
                size += weight
        return out

    def _title(self, item: Item) -> str:
        title = item.title if item.title is not None else item.text
        title = " ".join(title.split())
        if len(title) > TITLE_LIMIT:
            title = title[: TITLE_LIMIT - 1] + "…"
        return title

    def _identify(self, drafts: Sequence[_Draft]) -> None:
        seen: set[str] = set()
        for index, draft in enumerate(drafts):
            known = draft.item.article if draft.item else ""
            if not known and draft.item is None and draft.blocks:
                known = draft.blocks[0].article
            draft.id = str(uuid.UUID(known)) if known else ""
            draft.reconnu = bool(known) and draft.id not in seen
            if not draft.reconnu:
                draft.id = str(uuid.uuid5(_NAMESPACE, f"{index}\n{draft.niveau}\n{draft.titre}"))
            seen.add(draft.id)
            for item in [*([draft.item] if draft.item else []), *draft.blocks]:
                for anchor in item.anchors:
                    self.targets.setdefault(anchor, draft.id)
                for anchor in _anchors(item.node):
                    self.targets.setdefault(anchor, draft.id)
        for draft in drafts:
            self.targets[f"art_{draft.id.replace('-', '')}"] = draft.id

    def _article(self, draft: _Draft) -> ImportedArticle:
        if draft.item is not None:
            place = _Place(draft.id, "")
            self._inline(draft.item.node["content"], place)
            notes = [a for a in draft.item.node["content"] if a["type"] == "note_bas_de_page"]
            if notes:
                lead = [*notes]
                draft.blocks.insert(0, Item(paragraph(lead), ""))
        blocks = []
        taken: set[str] = set()
        for index, item in enumerate(draft.blocks):
            identifier = _block_id(draft.id, index, item.text, taken)
            place = _Place(draft.id, identifier)
            node = self._node(item.node, place)
            node["attrs"]["id"] = identifier
            self._end_of_block(place)
            blocks.append(node)
        if not blocks:
            blocks = [{"type": "paragraph", "attrs": {"id": _block_id(draft.id, 0, "", taken)}}]
        return ImportedArticle(
            draft.id,
            draft.titre,
            draft.niveau,
            {"type": "doc", "content": blocks},
            numero_imprime=draft.item.printed if draft.item else "",
            numerote=draft.numerote,
            reconnu=draft.reconnu,
        )

    # --- nodes

    def _node(self, node: Json, place: _Place) -> Json:
        kind = node["type"]
        if kind == "image":
            return self._image(node)
        if kind in ("paragraph", "heading"):
            content = self._inline(node["content"], place)
            out = {"type": kind, "attrs": dict(node["attrs"])}
            if content:
                out["content"] = content
            return out
        if kind in ("bullet_list", "ordered_list"):
            self.report.lists += 1
        elif kind == "table":
            self.report.tables += 1
        out = {"type": kind}
        if "attrs" in node:
            out["attrs"] = dict(node["attrs"])
        out["content"] = [self._node(child, place) for child in node["content"]]
        return out

    def _image(self, node: Json) -> Json:
        source, alt = node["attrs"]["fichier"], " ".join(node["attrs"]["alt"].split())[:1000]
        cle = str(uuid.uuid5(_NAMESPACE, f"image {source}"))
        self.report.images += 1
        if not alt:
            self.report.images_sans_description += 1
        alt = alt or ALT_ABSENT
        if cle not in self.images:
            nom = posixpath.basename(source.split("?")[0]) or "image"
            mime = _MIMES.get(posixpath.splitext(nom)[1].lower(), "application/octet-stream")
            contenu = self.media.get(source)
            if re.match(r"(?i)[a-z]+://|data:|//", source):
                self.report.miss("image_distante", source)
            elif contenu is None and self.media:
                self.report.miss("image_absente_du_fichier", source)
            if mime not in _SHOWN:
                self.report.miss("image_au_format_non_affichable", nom)
            self.images[cle] = ImportedImage(cle, nom[:200], mime, alt, source, contenu)
        return {"type": "image", "attrs": {**node["attrs"], "fichier": cle, "alt": alt}}

    # --- inline content, comments and changes

    def _inline(self, atoms: Sequence[Json], place: _Place) -> list[Json]:
        out: list[Json] = []
        for atom in _trim(atoms):
            kind = atom["type"]
            if kind == "_com":
                self._begin_comment(atom, place)
            elif kind == "_fincom":
                if (pending := self.open.pop(atom["id"], None)) is not None:
                    self._close(pending, place.bloc, place.position)
            elif kind == "_change":
                self._change(atom, place)
            elif kind == "_renvoi":
                for node in self._renvoi(atom, out, place):
                    self._append(out, node, place)
            elif kind in ("_ancre", "_signe", "_image"):
                continue
            else:
                if kind == "note_bas_de_page":
                    self.report.footnotes += 1
                self._append(out, atom, place)
        return out

    def _append(self, out: list[Json], node: Json, place: _Place) -> None:
        if node["type"] == "text":
            place.add(node["text"])
            self._quote(node["text"])
            last = out[-1] if out else None
            if (
                last is not None
                and last["type"] == "text"
                and last.get("marks") == node.get("marks")
            ):
                out[-1] = {**last, "text": last["text"] + node["text"]}
                return
        elif node["type"] == "hard_break":
            place.add("\n")
            self._quote(" ")
        out.append(node)

    def _renvoi(self, atom: Json, out: list[Json], place: _Place) -> list[Json]:
        target = self.targets.get(atom["cible"])
        shown = [a for a in atom["content"] if a["type"] in ("text", "hard_break")]
        if target is None:
            self.report.miss("lien_interne_sans_cible", plain(shown) or atom["cible"])
            return shown
        self.report.renvois += 1
        node = {"type": "renvoi", "attrs": {"article": target}}
        text = plain(shown).strip()
        if not text or _REFERENCE.match(text):
            # The node prints « article 5.1 »: the word typed before it would come twice.
            if (
                out
                and out[-1]["type"] == "text"
                and (found := _BEFORE.search(out[-1]["text"][-40:]))
            ):
                kept = out[-1]["text"][: len(out[-1]["text"]) - len(found[0])]
                place.position -= len(found[0])
                if kept:
                    out[-1] = {**out[-1], "text": kept}
                else:
                    out.pop()
            return [node]
        return [*shown, text_node(" ("), node, text_node(")")]

    def _begin_comment(self, atom: Json, place: _Place) -> None:
        if "rang" in atom:
            rank = int(atom["rang"]) if atom["rang"].isdigit() else -1
            if not 0 <= rank < len(self.survey.comments):
                return
            atom = {**atom, **self.survey.comments[rank]}
        self.open[atom["id"]] = {
            "article": place.article,
            "bloc": place.bloc,
            "auteur": atom.get("auteur", ""),
            "date": atom.get("date", ""),
            "texte": atom.get("texte", ""),
            "debut": place.position,
            "citation": [],
            "fin": None,
        }

    def _quote(self, text: str) -> None:
        for pending in self.open.values():
            pending["citation"].append(text)

    def _end_of_block(self, place: _Place) -> None:
        for pending in self.open.values():
            pending["citation"].append(" ")
            if pending["bloc"] == place.bloc and pending["article"] == place.article:
                pending["fin"] = place.position

    def _close(self, pending: Json, bloc: str, position: int | None) -> None:
        same = pending["bloc"] == bloc and position is not None and pending["fin"] is None
        fin = position if same else pending["fin"]
        self.comments.append(
            ImportedComment(
                pending["article"],
                pending["bloc"],
                pending["auteur"],
                pending["date"],
                pending["texte"].strip(),
                " ".join("".join(pending["citation"]).split())[:2000],
                pending["debut"],
                max(pending["debut"], fin if fin is not None else pending["debut"]),
            )
        )
        self.report.comments += 1

    def _change(self, atom: Json, place: _Place) -> None:
        if "rang" in atom:
            rank = int(atom["rang"]) if atom["rang"].isdigit() else -1
            if not 0 <= rank < len(self.survey.changes) or rank in self.anchored:
                return
            self.anchored.add(rank)
            atom = self.survey.changes[rank]
        self.report.tracked_changes += 1
        self.suggestions.append(
            ImportedSuggestion(
                place.article,
                place.bloc,
                atom["nature"],
                atom["texte"],
                atom["auteur"],
                atom["date"],
                place.position,
            )
        )


@dataclass
class _Place:
    """Where the reading is: article, block, offset in the text of the block."""

    article: str
    bloc: str
    position: int = 0

    def add(self, text: str) -> None:
        self.position += len(text)


def _trim(atoms: Sequence[Json]) -> list[Json]:
    """Drop spaces and breaks at both ends, and spaces around breaks."""
    nodes = list(atoms)
    for step, strip in ((1, str.lstrip), (-1, str.rstrip)):
        index = 0 if step == 1 else len(nodes) - 1
        while 0 <= index < len(nodes):
            node = nodes[index]
            if node["type"] == "hard_break":
                nodes.pop(index)
                if step == -1:
                    index -= 1
                continue
            if node["type"] == "text":
                text = strip(node["text"], " \t\u00a0")
                if text:
                    nodes[index] = {**node, "text": text}
                    break
                nodes.pop(index)
                if step == -1:
                    index -= 1
                continue
            if not node["type"].startswith("_") or node["type"] == "_renvoi":
                break
            index += step
    return nodes


def _anchors(node: Json) -> list[str]:
    found = []
    for child in node.get("content", ()):
        if child["type"] == "_ancre":
            found.append(child["id"])
        found.extend(_anchors(child))
    return found


def _lighten(item: Item) -> list[Item]:
    """Cut a table, a list or a paragraph that alone would be too heavy for one article."""
    node = item.node
    if _weight(node) <= ARTICLE_LIMIT or "content" not in node:
        return [item]
    children: list[Json] = []
    for child in node["content"]:
        text = child.get("text", "")
        if child["type"] == "text" and len(text) > ARTICLE_LIMIT // 4:
            children += [{**child, "text": part} for part in _cut_text(text, ARTICLE_LIMIT // 4)]
        else:
            children.append(child)
    groups: list[list[Json]] = [[]]
    size = below = 0
    for child in children:
        weight = _weight(child)
        if groups[-1] and below <= 0 and size + weight > ARTICLE_LIMIT // 2:
            groups.append([])
            size = 0
        groups[-1].append(child)
        size += weight
        # A row spanned from above stays with it.
        spans = (
            cell["attrs"]["rowspan"]
            for cell in child.get("content", ())
            if "attrs" in cell and "rowspan" in cell["attrs"]
        )
        below = max(below - 1, *(span - 1 for span in spans), 0) if node["type"] == "table" else 0
    parts_of = [Item({**node, "content": group}, item.text) for group in groups]
    parts_of[0].anchors, parts_of[0].article = item.anchors, item.article
    return parts_of


def _cut_text(text: str, size: int) -> list[str]:
    """Cut a text in parts of at most `size` characters, between words where there are any."""
    parts = []
    while len(text) > size:
        at = text.rfind(" ", size // 2, size) + 1 or size
        parts.append(text[:at])
        text = text[at:]
    return [*parts, text] if text else parts


def _weight(node: Json) -> int:
    return 40 + len(node.get("text", "")) + sum(_weight(c) for c in node.get("content", ()))


def _block_id(article: str, index: int, text: str, taken: set[str]) -> str:
    salt = 0
    while True:
        digest = hashlib.sha256(f"{article}\n{index}\n{salt}\n{text}".encode()).hexdigest()
        identifier = digest[:10]
        if identifier not in taken:
            taken.add(identifier)
            return identifier
        salt += 1


def _fill_report(
    report: ImportReport,
    articles: Sequence[ImportedArticle],
    assembly: _Assembly,
    survey: Survey | None,
    reader: BlockReader,
) -> None:
    report.articles = len(articles)
    levels: dict[str, int] = {}
    for article in articles:
        levels[str(article.niveau)] = levels.get(str(article.niveau), 0) + 1
    report.levels = dict(sorted(levels.items()))
    report.mots = sum(len(a.titre.split()) + len(plain_words(a.corps)) for a in articles)
    if survey is not None:
        for kind, count in survey.counts.items():
            report.miss(kind, survey.samples.get(kind, ""), count=count)
        _keep_odt_changes(assembly, survey, articles)
    if report.page_de_garde:
        report.remarques.append(
            f"Le texte placé avant le premier titre est dans l’article « {articles[0].titre} »."
        )
    if absent := report.sommaire.get("introuvables"):
        said = "un titre absent" if len(absent) == 1 else f"{len(absent)} titres absents"
        report.remarques.append(
            f"Le sommaire du fichier annonce {said} du texte\u202f: {_name_some(absent)}."
        )
    if near := report.sommaire.get("approchees"):
        report.remarques.append(
            "Des titres du sommaire diffèrent un peu de ceux du texte, qui sont gardés\u202f: "
            f"{_name_some(near)}."
        )
    for article in articles:
        if not article.titre:
            report.remarques.append("Un article n’a pas de titre.")
            break


def _name_some(titles: Sequence[str], most: int = 10) -> str:
    r"""Quote titles, and count those past the tenth.

    >>> _name_some(["1 Objet", "2 Prix"])
    '«\u202f1 Objet\u202f», «\u202f2 Prix\u202f»'
    """
    named = ", ".join(f"«\u202f{' '.join(title.split())}\u202f»" for title in titles[:most])
    more = len(titles) - most
    return named if more <= 0 else f"{named} et {more} autre{'s' if more > 1 else ''}"


def _keep_odt_changes(
    assembly: _Assembly, survey: Survey, articles: Sequence[ImportedArticle]
) -> None:
    """Keep, on the first article, the OpenDocument changes whose place was not found."""
    for rank, change in enumerate(survey.changes):
        if rank not in assembly.anchored:
            assembly.suggestions.append(
                ImportedSuggestion(
                    articles[0].id, "", change["nature"], change["texte"], change["auteur"],
                    change["date"], 0,
                )
            )  # fmt: skip
            assembly.report.tracked_changes += 1


def plain_words(node: Json) -> list[str]:
    """Return the words of a document, blocks apart."""
    words: list[str] = []

    def visit(current: Json) -> None:
        if current["type"] in ("paragraph", "heading"):
            words.extend(plain_of(current).split())
            return
        for child in current.get("content", ()):
            visit(child)

    visit(node)
    return words
