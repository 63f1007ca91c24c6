"""A pièce as an OpenDocument text: real styles, outline numbering, tables, notes and bookmarks.

The package is written directly: four XML parts, the images, a manifest.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from PIL import Image

from procurement.ui.typographie import strip_controls
from wikimarche.domain.images import PIXELS_PER_CM, full_size, place_within
from wikimarche.domain.schema import show_invisible
from wikimarche.reports.contents import (
    ArticleContent,
    Json,
    PieceContent,
    bookmark,
    column_widths,
    criteres_as_table,
    grid_of,
)
from wikimarche.reports.docx import as_png


_MIME = "application/vnd.oasis.opendocument.text"
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"),
        ("draw", "drawing"), ("meta", "meta"), ("number", "datastyle"), ("manifest", "manifest"),
    )
) + (
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)  # fmt: skip
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_TRAITS = {
    "strong": 'fo:font-weight="bold"',
    "em": 'fo:font-style="italic"',
    "underline": 'style:text-underline-style="solid"',
    "superscript": 'style:text-position="super 65%"',
    "subscript": 'style:text-position="sub 65%"',
}
TEXT_WIDTH = 1700  # tenths of a millimetre: A4 with 2 cm margins
_PLAIN = "Lien_20_du_20_sommaire"
_FORMATS = {"1": "1", "a": "a", "i": "i"}
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}


def write_odt(piece: PieceContent) -> bytes:
    """Return the pièce as an .odt file."""
    return _Writer(piece).write()


class _Writer:
    def __init__(self, piece: PieceContent) -> None:
        self.piece = piece
        self.body: list[str] = []
        self.spans: dict[tuple[str, ...], str] = {}
        self.pictures: dict[str, tuple[str, bytes, str]] = {}
        self.tables = 0
        self.columns: dict[int, str] = {}
        self.notes = 0
        self.numberings: set[tuple[str, int]] = set()

    def write(self) -> bytes:
        piece = self.piece
        self.body.append(_p("Title", escape(_clean(piece.titre))))
        self.body += [_p("Cartouche", escape(_clean(line))) for line in piece.cartouche]
        self._contents_table()
        self.body.append(_p("Cartouche_20_2", ""))
        for article in piece.articles:
            self._article(article)
        parts = {
            "content.xml": self._content(),
            "styles.xml": self._styles(),
            "meta.xml": self._meta(),
        }
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr(zipfile.ZipInfo("mimetype"), _MIME, zipfile.ZIP_STORED)
            for name, text in parts.items():
                package.writestr(name, text)
            for path, data, _ in self.pictures.values():
                package.writestr(path, data, zipfile.ZIP_STORED)
            package.writestr("META-INF/manifest.xml", self._manifest(parts))
        return target.getvalue()

    # --- parts

    def _manifest(self, parts: dict[str, str]) -> str:
        rows = [("/", _MIME)] + [(name, "text/xml") for name in parts]
        rows += [(path, mime) for path, _, mime in self.pictures.values()]
        entries = "".join(
            f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{mime}"/>'
            for path, mime in rows
        )
        return f'{_HEAD}<manifest:manifest {_SPACES} manifest:version="1.3">{entries}</manifest:manifest>'

    def _meta(self) -> str:
        piece = self.piece
        return (
            f'{_HEAD}<office:document-meta {_SPACES} office:version="1.3"><office:meta>'
            f"<dc:title>{escape(_clean(piece.titre))}</dc:title>"
            f"<dc:subject>{escape(_clean(piece.marche))}</dc:subject>"
            f"<dc:creator>{escape(_clean(piece.organisation))}</dc:creator>"
            f"<dc:date>{piece.instant:%Y-%m-%dT%H:%M:%S}</dc:date><dc:language>fr-FR</dc:language>"
            "</office:meta></office:document-meta>"
        )

    def _content(self) -> str:
        automatic = [
            f'<style:style style:name="{name}" style:family="text">'
            f"<style:text-properties {' '.join(_TRAITS[t] for t in traits)}/></style:style>"
            for traits, name in self.spans.items()
        ]
        automatic.append(
            "".join(
                f'<style:style style:name="{name}" style:family="table-column">'
                f'<style:table-column-properties style:column-width="{width / 100:.2f}cm"/></style:style>'
                for width, name in self.columns.items()
            )
            + '<style:style style:name="TabA" style:family="table">'
            '<style:table-properties style:width="17cm" table:align="left"/></style:style>'
            '<style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties '
            'fo:border="0.5pt solid #808080" fo:padding="0.1cm"/></style:style>'
            '<style:style style:name="CellTitre" style:family="table-cell"><style:table-cell-properties '
            'fo:border="0.5pt solid #808080" fo:padding="0.1cm" fo:background-color="#e8edf5"/></style:style>'
            + "".join(
                f'<style:style style:name="Cote{side}" style:family="paragraph" '
                f'style:parent-style-name="Standard"><style:paragraph-properties fo:text-align="{side}"/></style:style>'
                for side in ("left", "center", "right")
            )
            + '<style:style style:name="Saut" style:family="paragraph" style:parent-style-name="Standard">'
            '<style:paragraph-properties fo:break-before="page"/></style:style>'
        )
        return (
            f'{_HEAD}<office:document-content {_SPACES} office:version="1.3">'
            f"<office:automatic-styles>{''.join(automatic)}{_list_styles(sorted(self.numberings))}</office:automatic-styles>"
            f"<office:body><office:text>{''.join(self.body)}</office:text></office:body>"
            "</office:document-content>"
        )

    def _styles(self) -> str:
        piece = self.piece
        headings = "".join(
            f'<style:style style:name="Heading_20_{n}" style:display-name="Heading {n}" '
            f'style:family="paragraph" style:parent-style-name="Standard" style:next-style-name="Standard" '
            f'style:default-outline-level="{n}"><style:paragraph-properties fo:margin-top="0.4cm" '
            f'fo:margin-bottom="0.2cm" fo:keep-with-next="always"/><style:text-properties '
            f'fo:font-weight="bold" fo:font-size="{max(10.5, 17 - 1.5 * n)}pt" fo:color="#1b2a49"/></style:style>'
            for n in range(1, 7)
        )
        outline = "".join(
            f'<text:outline-level-style text:level="{n}" text:style-name="Num_C3_A9ro" style:num-format="1" '
            f'text:display-levels="{n}"><style:list-level-properties '
            'text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment '
            'text:label-followed-by="space"/></style:list-level-properties></text:outline-level-style>'
            for n in range(1, 7)
        )
        others = (
            _style("Title", 'fo:margin-bottom="0.4cm"', 'fo:font-size="22pt" fo:font-weight="bold"')
            + _style("Cartouche", 'fo:margin-bottom="0.1cm"', 'fo:font-size="10pt"')
            + _style(
                "Cartouche 1",
                'fo:break-before="page" fo:margin-bottom="0.2cm"',
                'fo:font-weight="bold"',
            )
            + _style(
                "Cartouche 2",
                'fo:break-after="page" fo:margin-bottom="0cm" fo:line-height="0.05cm"',
                'fo:font-size="1pt"',
            )
            + _style("Intertitre 1", 'fo:keep-with-next="always"', 'fo:font-weight="bold"')
            + _style("Intertitre 2", 'fo:keep-with-next="always"', 'fo:font-style="italic"')
            + "".join(_style(f"Alinéa {n}", "", "") for n in range(1, 7))
            + '<style:style style:name="Num_C3_A9ro" style:display-name="Numéro" style:family="text">'
            '<style:text-properties fo:font-weight="bold" fo:color="#1b2a49"/></style:style>'
            + f'<style:style style:name="{_PLAIN}" style:display-name="Lien du sommaire" '
            'style:family="text"><style:text-properties style:use-window-font-color="true" '
            'style:text-underline-style="none"/></style:style>'
            + _style("Quotations", 'fo:margin-left="1cm" fo:margin-right="1cm"', "")
            + _style("Footnote", "", 'fo:font-size="9pt"')
            + _style("Header", "", 'fo:font-size="9pt"')
            + _style("Footer", "", 'fo:font-size="9pt"')
            + "".join(
                _style(
                    f"Contents {n}",
                    f'fo:margin-left="{(n - 1) * 0.5}cm"',
                    "",
                    '<style:tab-stops><style:tab-stop style:type="right" style:leader-style="dotted" '
                    f'style:leader-text="." style:position="{17 - (n - 1) * 0.5}cm"/></style:tab-stops>',
                )
                for n in (1, 2, 3)
            )
        )
        mention = f"Version {piece.version} · empreinte {piece.empreinte[:16]} · Page "
        return (
            f'{_HEAD}<office:document-styles {_SPACES} office:version="1.3"><office:styles>'
            '<style:default-style style:family="paragraph"><style:text-properties style:font-name="Arial" '
            'fo:font-family="Arial" fo:font-size="10.5pt" fo:language="fr" fo:country="FR"/></style:default-style>'
            '<style:style style:name="Standard" style:family="paragraph" style:class="text">'
            '<style:paragraph-properties fo:margin-bottom="0.2cm"/></style:style>'
            f"{headings}{others}"
            f'<text:outline-style style:name="Outline">{outline}</text:outline-style></office:styles>'
            '<office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties '
            'fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/>'
            '<style:header-style><style:header-footer-properties fo:min-height="0.8cm" fo:margin-bottom="0.3cm"/>'
            '</style:header-style><style:footer-style><style:header-footer-properties fo:min-height="0.8cm" '
            'fo:margin-top="0.3cm"/></style:footer-style></style:page-layout></office:automatic-styles>'
            '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4">'
            f"<style:header>{_p('Header', escape(_clean(piece.entete)))}</style:header><style:footer>"
            + _p(
                "Footer",
                f'{escape(_clean(mention))}<text:page-number text:select-page="current"/> / <text:page-count/>',
            )
            + "</style:footer></style:master-page></office:master-styles></office:document-styles>"
        )

    def _contents_table(self) -> None:
        rows = [article for article in self.piece.articles if article.niveau <= 3 and article.titre]
        if not rows:
            return
        lines = "".join(
            _p(
                f"Contents_20_{a.niveau}",
                f'<text:a xlink:type="simple" xlink:href="#{bookmark(a.id)}" text:style-name="{_PLAIN}" '
                f'text:visited-style-name="{_PLAIN}">'
                f"{escape(_clean(f'{a.numero} {a.titre}'.strip()))}<text:tab/>"
                f'<text:bookmark-ref text:reference-format="page" text:ref-name="{bookmark(a.id)}">'
                "</text:bookmark-ref></text:a>",
            )
            for a in rows
        )
        # What a reader writes when it draws the table again: the same lines.
        entries = "".join(
            f'<text:table-of-content-entry-template text:outline-level="{n}" '
            f'text:style-name="Contents_20_{n}"><text:index-entry-link-start text:style-name="{_PLAIN}"/>'
            "<text:index-entry-chapter/><text:index-entry-text/><text:index-entry-tab-stop "
            'style:type="right" style:leader-char="."/><text:index-entry-page-number/>'
            "<text:index-entry-link-end/></text:table-of-content-entry-template>"
            for n in (1, 2, 3)
        )
        # By style, not by outline level: a paragraph that bears a number is not a title.
        sources = "".join(
            f'<text:index-source-styles text:outline-level="{n}">'
            f'<text:index-source-style text:style-name="Heading_20_{n}"/></text:index-source-styles>'
            for n in (1, 2, 3)
        )
        self.body.append(
            '<text:table-of-content text:name="Sommaire"><text:table-of-content-source '
            'text:outline-level="3" text:use-outline-level="false" text:use-index-source-styles="true">'
            "<text:index-title-template>Sommaire</text:index-title-template>"
            f'{entries}{sources}</text:table-of-content-source><text:index-body><text:index-title text:name="Titre">'
            f"{_p('Cartouche_20_1', 'Sommaire')}</text:index-title>{lines}</text:index-body></text:table-of-content>"
        )

    # --- articles

    def _article(self, article: ArticleContent) -> None:
        level = max(1, min(article.niveau, 6))
        name = bookmark(article.id)
        plain = "" if article.numero else ' text:is-list-header="true"'
        blocks = article.blocks
        style, words = f"Heading_20_{level}", escape(_clean(article.titre))
        if not article.titre:
            # The first paragraph bears the number; before a list or a table, it stands alone.
            first = blocks.pop(0) if blocks and blocks[0]["type"] == "paragraph" else {}
            style, words = f"Alinéa_20_{level}", self._inline(first)
        self.body.append(
            f'<text:h text:style-name="{style}" text:outline-level="{level}"{plain}>'
            f'<text:bookmark-start text:name="{name}"/>{words}'
            f'<text:bookmark-end text:name="{name}"/></text:h>'
        )
        for block in blocks:
            self._block(block, self.body)

    def _block(self, node: Json, out: list[str], style: str = "Standard") -> None:
        kind = node["type"]
        if kind == "paragraph":
            out.append(_p(style, self._inline(node)))
        elif kind == "heading":
            out.append(_p(f"Intertitre_20_{node['attrs']['level']}", self._inline(node)))
        elif kind in ("bullet_list", "ordered_list"):
            self._list(node, out)
        elif kind == "table":
            self._table(node, out)
        elif kind == "blockquote":
            for child in node.get("content", ()):
                self._block(child, out, "Quotations")
        elif kind == "image":
            out.append(_p(style, self._image(node)))
        elif kind == "critere":
            self._table(criteres_as_table(self.piece), out)

    def _list(self, node: Json, out: list[str]) -> None:
        attrs = node.get("attrs", {})
        style = "Puces"
        if node["type"] == "ordered_list":
            numbering = (str(attrs.get("style", "1")), int(attrs.get("start", 1)))
            self.numberings.add(numbering)
            style = _list_name(*numbering)
        out.append(f'<text:list text:style-name="{style}">')
        for item in node.get("content", ()):
            out.append("<text:list-item>")
            for child in item.get("content", ()):
                self._block(child, out)
            out.append("</text:list-item>")
        out.append("</text:list>")

    def _table(self, node: Json, out: list[str]) -> None:
        grid, _columns = grid_of(node)
        self.tables += 1
        widths = column_widths(self.piece, grid, TEXT_WIDTH)
        columns = "".join(
            f'<table:table-column table:style-name="{self._column(width)}"/>' for width in widths
        )
        out.append(
            f'<table:table table:name="Tableau{self.tables}" table:style-name="TabA">{columns}'
        )
        heads = 0
        while heads < len(grid) and _is_header([s.node for s in grid[heads]]):
            heads += 1
        for rank, line in enumerate(grid):
            if heads and not rank:
                out.append("<table:table-header-rows>")
            out.append("<table:table-row>")
            for slot in line:
                covered = slot.colspan - 1
                if slot.node is None:
                    out.append("<table:covered-table-cell/>" * slot.colspan)
                    continue
                spans = ""
                if slot.colspan > 1 or slot.rowspan > 1:
                    spans = (
                        f' table:number-columns-spanned="{slot.colspan}"'
                        f' table:number-rows-spanned="{slot.rowspan}"'
                    )
                look = "CellTitre" if slot.node["type"] == "table_header" else "Cell"
                out.append(
                    f'<table:table-cell table:style-name="{look}"{spans} office:value-type="string">'
                )
                align = slot.node.get("attrs", {}).get("align")
                for child in slot.node.get("content", ()):
                    self._block(child, out, f"Cote{align}" if align else "Standard")
                out.append("</table:table-cell>" + "<table:covered-table-cell/>" * covered)
            out.append("</table:table-row>")
            if heads and rank == heads - 1:
                out.append("</table:table-header-rows>")
        out.append("</table:table>")

    def _column(self, width: int) -> str:
        """The style of the columns of one width, in tenths of a millimetre."""
        return self.columns.setdefault(width, f"Colonne{width}")

    # --- inline

    def _inline(self, node: Json) -> str:
        return "".join(self._atom(child) for child in node.get("content", ()))

    def _atom(self, node: Json) -> str:
        kind = node["type"]
        if kind == "text":
            marks = node.get("marks", ())
            text = self._span(_spaces(node["text"]), marks)
            href = next((m["attrs"]["href"] for m in marks if m["type"] == "link"), "")
            if href:
                return f'<text:a xlink:type="simple" xlink:href={quoteattr(href)}>{text}</text:a>'
            return text
        if kind == "hard_break":
            return "<text:line-break/>"
        if kind == "variable":
            return self._span(
                _spaces(self.piece.variable(node["attrs"]["chemin"])), node.get("marks", ())
            )
        if kind == "renvoi":
            text, name = self.piece.renvoi(node["attrs"]["article"])
            shown = escape(text)
            return (
                f'<text:a xlink:type="simple" xlink:href="#{name}">{shown}</text:a>'
                if name
                else shown
            )
        if kind == "note_bas_de_page":
            self.notes += 1
            return (
                f'<text:note text:id="n{self.notes}" text:note-class="footnote">'
                f"<text:note-citation>{self.notes}</text:note-citation><text:note-body>"
                f"{_p('Footnote', _spaces(node['attrs']['texte']))}</text:note-body></text:note>"
            )
        return ""

    def _span(self, text: str, marks: Sequence[Json]) -> str:
        traits = tuple(sorted(m["type"] for m in marks if m["type"] in _TRAITS))
        if not traits:
            return text
        name = self.spans.setdefault(traits, f"T{len(self.spans) + 1}")
        return f'<text:span text:style-name="{name}">{text}</text:span>'

    def _image(self, node: Json) -> str:
        alt, key = node["attrs"]["alt"], node["attrs"]["fichier"]
        content = self.piece.images.get(key)
        size = _measure(content, node["attrs"]) if content else None
        if size is None or content is None:
            return escape(_clean(f"[{alt}]"))
        kind, width, height = size
        if kind not in _TYPES:
            content, kind = as_png(content) or b"", "PNG"
        if key not in self.pictures:
            path = f"Pictures/{len(self.pictures) + 1}.{kind.lower()}"
            self.pictures[key] = (path, content, _TYPES[kind])
        path = self.pictures[key][0]
        return (
            f'<draw:frame text:anchor-type="as-char" svg:width="{width:.3f}cm" svg:height="{height:.3f}cm">'
            f'<draw:image xlink:href="{path}" xlink:type="simple" xlink:show="embed"/>'
            f"<svg:title>{escape(_clean(alt))}</svg:title></draw:frame>"
        )


def _measure(content: bytes, attrs: Json) -> tuple[str, float, float] | None:
    """Return (format, width, height), in centimetres, no larger than the page."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            dots = float(image.info.get("dpi", (96, 96))[0]) or 96.0
            natural = (
                max(1, round(image.width / dots * 96)),
                max(1, round(image.height / dots * 96)),
            )
            kind = image.format or "PNG"
    except (OSError, ValueError, TypeError, Image.DecompressionBombError):
        return None
    width, height = place_within(full_size(attrs, natural))
    return kind, width / PIXELS_PER_CM, height / PIXELS_PER_CM


def _is_header(cells: Sequence[Json | None]) -> bool:
    real = [cell for cell in cells if cell is not None]
    return bool(real) and all(cell["type"] == "table_header" for cell in real)


def _clean(text: str) -> str:
    return strip_controls(show_invisible(text))


def _spaces(text: str) -> str:
    """Escape a text; runs of spaces are written as such, OpenDocument would join them."""
    out = escape(_clean(text)).replace("\t", "<text:tab/>").replace("\n", "<text:line-break/>")
    while "  " in out:
        out = out.replace("  ", " <text:s/>", 1)
    return out


def _p(style: str, inner: str) -> str:
    return f'<text:p text:style-name="{style}">{inner}</text:p>'


def _style(name: str, paragraph: str, text: str, inside: str = "") -> str:
    return (
        f'<style:style style:name="{name.replace(" ", "_20_")}" style:display-name="{name}" '
        'style:family="paragraph" style:parent-style-name="Standard">'
        f"<style:paragraph-properties {paragraph}>{inside}</style:paragraph-properties><style:text-properties {text}/></style:style>"
    )


def _list_name(style: str, start: int) -> str:
    return f"Liste_{style}" if start == 1 else f"Liste_{style}_{start}"


def _list_styles(numberings: Sequence[tuple[str, int]]) -> str:
    def level(inner: str, n: int) -> str:
        return (
            f'{inner}<style:list-level-properties text:space-before="{0.75 * (n - 1)}cm" '
            'text:min-label-width="0.75cm"/>'
        )

    bullets = "".join(
        level(
            f'<text:list-level-style-bullet text:level="{n}" text:bullet-char="{"•–▪"[(n - 1) % 3]}">',
            n,
        )
        + "</text:list-level-style-bullet>"
        for n in range(1, 11)
    )
    out = f'<text:list-style style:name="Puces">{bullets}</text:list-style>'
    for style, start in numberings:
        suffix = ")" if style == "a" else "."
        levels = "".join(
            level(
                f'<text:list-level-style-number text:level="{n}" style:num-format="{_FORMATS[style]}" text:start-value="{start}" '
                f'style:num-suffix="{suffix}">',
                n,
            )
            + "</text:list-level-style-number>"
            for n in range(1, 11)
        )
        out += (
            f'<text:list-style style:name="{_list_name(style, start)}">{levels}</text:list-style>'
        )
    return out
