"""Items → articles: block ids, resolved links, anchored comments and changes."""

from __future__ import annotations

import hashlib
import posixpath
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wikimarche.domain.importing.blocks import Item, paragraph
from wikimarche.domain.importing.inlines import plain, text_node
from wikimarche.domain.importing.package import Survey
from wikimarche.domain.importing.pieces import (
    ALT_ABSENT,
    NIVEAU_MAX,
    PREAMBULE,
    ImportedArticle,
    ImportedComment,
    ImportedImage,
    ImportedSuggestion,
    ImportReport,
    Json,
)
from wikimarche.domain.importing.spaces import join_spaces
from wikimarche.domain.importing.weight import ARTICLE_LIMIT, lighten, weigh


TITLE_LIMIT = 300
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


@dataclass
class Draft:
    """An article while it is being filled."""

    item: Item | None
    titre: str
    niveau: int
    numerote: bool = True
    blocks: list[Item] = field(default_factory=list)
    id: str = ""
    reconnu: bool = False
    suite: bool = False


class Assembly:
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
        # Images the text calls and the file does not hold.
        self.absent = 0
        self.drafts: list[Draft] = []
        # By table or list of the file: what it was cut into.
        self.tables: Counter[int] = Counter()
        self.lists: Counter[int] = Counter()

    def build(self, items: Sequence[Item]) -> list[ImportedArticle]:
        """Return the articles the items make; images, comments and changes are kept beside."""
        drafts = self.drafts = self._cut(items)
        self._identify(drafts)
        articles = [self._article(draft) for draft in drafts]
        for pending in list(self.open.values()):
            self._close(pending, "", None)
        return articles

    def _cut(self, items: Sequence[Item]) -> list[Draft]:
        drafts: list[Draft] = []
        # Where most titles had their automatic number taken away, it was a choice of layout.
        heads = [item for item in items if item.level]
        few = sum(item.unnumbered for item in heads) * 2 < len(heads)
        for item in items:
            if item.level and item.level <= NIVEAU_MAX:
                numbered = not (item.unnumbered and not item.printed and (few or item.article))
                drafts.append(Draft(item, self._title(item), item.level, numbered))
                continue
            if item.level:
                item.node = {
                    "type": "heading",
                    "attrs": {"id": None, "level": min(2, item.level - NIVEAU_MAX)},
                    "content": item.node["content"],
                }
            if not drafts:
                drafts.append(Draft(None, PREAMBULE, 1, numerote=False))
            drafts[-1].blocks.append(item)
        if drafts and drafts[0].item is None:
            self.report.page_de_garde = len(drafts[0].blocks)
            if len(drafts) == 1:
                drafts[0].numerote, drafts[0].titre = True, "Texte importé"
        return self._split_heavy(drafts)

    def _split_heavy(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Cut an article too heavy for the schema into « (suite) » articles of the same level."""
        out: list[Draft] = []
        for draft in drafts:
            current, size, part = draft, 0, 1
            blocks = [light for item in draft.blocks for light in lighten(item)]
            draft.blocks = []
            out.append(draft)
            for item in blocks:
                weight = weigh(item.node)
                if size + weight > ARTICLE_LIMIT and current.blocks:
                    part += 1
                    titre = f"{draft.titre[: TITLE_LIMIT - 15]} (suite {part})"
                    current = Draft(None, titre, draft.niveau, draft.numerote, suite=True)
                    out.append(current)
                    size = 0
                    self.report.articles_coupes += 1
                current.blocks.append(item)
                size += weight
            if part > 1:
                said = f"est trop long\u202f: il a été coupé en {part}"
                self.report.remarques.append(f"L’article «\u202f{draft.titre}\u202f» {said}.")
        return out

    def _title(self, item: Item) -> str:
        title = item.title if item.title is not None else item.text
        title = join_spaces(title)
        if len(title) > TITLE_LIMIT:
            title = title[: TITLE_LIMIT - 1] + "…"
        return title

    def _identify(self, drafts: Sequence[Draft]) -> None:
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

    def _article(self, draft: Draft) -> ImportedArticle:
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
            self.lists[node.get("_source", id(node))] += 1
        elif kind == "table":
            self.tables[node["_source"]] += 1
        out = {"type": kind}
        if "attrs" in node:
            out["attrs"] = dict(node["attrs"])
        out["content"] = [self._node(child, place) for child in node["content"]]
        return out

    def _image(self, node: Json) -> Json:
        source, alt = node["attrs"]["fichier"], " ".join(node["attrs"]["alt"].split())[:1000]
        cle = str(uuid.uuid5(_NAMESPACE, f"image {source}"))
        self.report.images += 1
        distant = bool(re.match(r"(?i)[a-z]+://|data:|//", source))
        if absent := not distant and source not in self.media:
            self.absent += 1
        if not alt:
            self.report.images_sans_description += 1
        alt = alt or ALT_ABSENT
        if cle not in self.images:
            nom = posixpath.basename(source.split("?")[0]) or "image"
            mime = _MIMES.get(posixpath.splitext(nom)[1].lower(), "application/octet-stream")
            contenu = self.media.get(source)
            if distant:
                self.report.miss("image_distante", source)
            elif absent:
                self.report.miss("image_absente_du_fichier", source)
            elif mime not in _SHOWN:
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


def _block_id(article: str, index: int, text: str, taken: set[str]) -> str:
    salt = 0
    while True:
        digest = hashlib.sha256(f"{article}\n{index}\n{salt}\n{text}".encode()).hexdigest()
        identifier = digest[:10]
        if identifier not in taken:
            taken.add(identifier)
            return identifier
        salt += 1
