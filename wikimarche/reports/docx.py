"""A pièce as a Word document: real styles, numbering, tables, footnotes, fields and bookmarks.

The body is written as one string and parsed once: python-docx is used for the package, its
styles and its images. Never `table.cell()`, which is quadratic.
"""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from PIL import Image

from procurement.ui.typographie import strip_controls
from wikimarche.domain.images import full_size, place_within
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


TEXT_WIDTH = 9638  # twips: 17 cm, A4 with 2 cm margins
_NS = nsdecls("w", "r", "wp", "a", "pic")
_MC = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
)
_SPACE = '<w:p><w:pPr><w:spacing w:after="0" w:line="140" w:lineRule="exact"/></w:pPr></w:p>'
_EMU = 9525  # in a CSS pixel
_HEADING_NUM = 1
_BULLET_NUM = 2
_ABSTRACTS = {"bullet": 2, "1": 3, "a": 4, "i": 5}
_FORMATS = {"1": "decimal", "a": "lowerLetter", "i": "lowerRoman"}
_BULLETS = "•–▪"
_NOT_OURS = {"thumbnail", "customXml", "stylesWithEffects"}
_MARKS = {
    "strong": "<w:b/>",
    "em": "<w:i/>",
    "underline": '<w:u w:val="single"/>',
    "superscript": '<w:vertAlign w:val="superscript"/>',
    "subscript": '<w:vertAlign w:val="subscript"/>',
}


def write_docx(piece: PieceContent) -> bytes:
    """Return the pièce as a .docx file."""
    return _Writer(piece).write()


class _Writer:
    def __init__(self, piece: PieceContent) -> None:
        self.piece = piece
        self.document = docx.Document()
        self.body: list[str] = []
        self.footnotes: list[str] = []
        self.lists: list[tuple[str, int]] = []
        self.links: dict[str, str] = {}
        self.drawn = 0

    def write(self) -> bytes:
        self._styles()
        self._page()
        self._title_block()
        self._contents_table()
        for rank, article in enumerate(self.piece.articles):
            self._article(rank, article)
        body = self.document.element.body
        section = body.sectPr
        for child in list(body):
            if child is not section:
                body.remove(child)
        fragment = parse_xml(f"<w:body {_NS}>{''.join(self.body)}</w:body>")
        for child in list(fragment):
            section.addprevious(child)
        self._numbering()
        self._footnotes_part()
        self._properties()
        self._drop_template_parts()
        target = io.BytesIO()
        self.document.save(target)
        return target.getvalue()

    # --- package

    def _styles(self) -> None:
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Arial", Pt(10.5)
        normal.paragraph_format.space_after = Pt(6)
        fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("w:eastAsia", "w:cs", "w:hAnsi"):
            fonts.set(qn(name), "Arial")
        for lang in styles.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), "fr-FR")
        for level in range(1, 7):
            style = styles[f"Heading {level}"]
            style.font.name, style.font.color.rgb = "Arial", RGBColor(0x1B, 0x2A, 0x49)
            style.font.size, style.font.bold = Pt(max(10.5, 17 - 1.5 * level)), True
            style.font.italic = False
            for attribute in list(style.element.rPr.rFonts.attrib):
                if attribute.endswith("Theme"):
                    del style.element.rPr.rFonts.attrib[attribute]
            properties = style.element.get_or_add_pPr()
            numbering = parse_xml(
                f'<w:numPr {_NS}><w:ilvl w:val="{level - 1}"/><w:numId w:val="{_HEADING_NUM}"/></w:numPr>'
            )
            properties._insert_numPr(numbering)  # noqa: SLF001 - keeps the order of the schema
            untitled = styles.add_style(f"Alinéa {level}", WD_STYLE_TYPE.PARAGRAPH)
            untitled.base_style = normal
        for rank in (1, 2):
            style = styles.add_style(f"Intertitre {rank}", WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.font.bold = normal, rank == 1
            style.font.italic = rank == 2
            style.paragraph_format.keep_with_next = True
        cartouche = styles.add_style("Cartouche", WD_STYLE_TYPE.PARAGRAPH)
        cartouche.base_style, cartouche.font.size = normal, Pt(10)
        note = self._built_in("footnote text", "FootnoteText")
        note.base_style, note.font.size = normal, Pt(9)
        call = self._built_in("footnote reference", "FootnoteReference", WD_STYLE_TYPE.CHARACTER)
        call.font.superscript = True
        link = self._built_in("Hyperlink", "Hyperlink", WD_STYLE_TYPE.CHARACTER)
        link.font.underline, link.font.color.rgb = True, RGBColor(0x1F, 0x4E, 0x9E)
        for level in range(1, 4):
            toc = self._built_in(f"toc {level}", f"TOC{level}")
            toc.base_style = normal
            toc.paragraph_format.left_indent = Cm(0.5 * (level - 1))
            toc.paragraph_format.space_after = Pt(2)
            toc.paragraph_format.tab_stops.add_tab_stop(Cm(17), 2, 1)

    def _built_in(
        self, name: str, identifier: str, kind: WD_STYLE_TYPE = WD_STYLE_TYPE.PARAGRAPH
    ) -> Any:
        """Add a style that Word knows by its name, under the identifier Word gives it."""
        style = self.document.styles.add_style(name, kind, builtin=True)
        style.element.set(qn("w:styleId"), identifier)
        return style

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin = section.bottom_margin = Cm(2.2)
        header = section.header.paragraphs[0]
        header.text = _bare(self.piece.entete)
        footer = section.footer.paragraphs[0]
        footer.text = ""
        mention = f"Version {self.piece.version} · empreinte {self.piece.empreinte[:16]}"
        footer._p.append(parse_xml(f"<w:r {_NS}>{_text(mention)}{_text(' · Page ')}</w:r>"))  # noqa: SLF001
        for field, after in (("PAGE", " / "), ("NUMPAGES", "")):
            for xml in _field(field, "1"):
                footer._p.append(parse_xml(xml.replace("<w:r>", f"<w:r {_NS}>", 1)))  # noqa: SLF001
            if after:
                footer._p.append(parse_xml(f"<w:r {_NS}>{_text(after)}</w:r>"))  # noqa: SLF001

    def _properties(self) -> None:
        core = self.document.core_properties
        core.title, core.subject = _bare(self.piece.titre)[:255], _bare(self.piece.marche)[:255]
        core.author = core.last_modified_by = _bare(self.piece.organisation)[:255]
        core.comments = core.keywords = core.category = ""
        core.version = str(self.piece.version)[:255]
        core.language = "fr-FR"
        core.created = core.modified = self.piece.instant.replace(tzinfo=None)
        core.revision = 1

    def _drop_template_parts(self) -> None:
        """Leave out what the template of python-docx brings and nothing here refers to."""
        package = self.document.part.package
        for relations in (package.rels, self.document.part.rels):
            for key, relation in list(relations.items()):
                if relation.reltype.rpartition("/")[2] in _NOT_OURS:
                    del relations[key]

    def _title_block(self) -> None:
        piece = self.piece
        self.body.append(_paragraph("Title", _run(piece.titre)))
        self.body += [_paragraph("Cartouche", _run(line)) for line in piece.cartouche]

    def _contents_table(self) -> None:
        """Write the contents as a field that Word draws again, and as lines that others number.

        Word keeps the table and asks to update it when the file opens. LibreOffice would freeze
        the page numbers of such a table, and here they are not known: it is given the same lines
        outside the field, whose references it numbers itself. It takes the fallback of a choice
        it does not know.
        """
        rows = [a for a in self.piece.articles if a.niveau <= 3 and a.titre]
        if not rows:
            return
        self.body.append(
            _paragraph("Cartouche", _run("Sommaire", "<w:b/>"), "<w:pageBreakBefore/>")
        )
        begin = _for_word(
            '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
            '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-3" \\h \\z \\u </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        end = _for_word('<w:r><w:fldChar w:fldCharType="end"/></w:r>')
        for rank, article in enumerate(rows):
            label = f"{article.numero} {article.titre}".strip()
            page = "".join(_field(f"PAGEREF {bookmark(article.id)} \\h", ""))
            link = (
                f'<w:hyperlink w:anchor="{bookmark(article.id)}">{_run(label)}'
                f"<w:r><w:tab/></w:r>{page}</w:hyperlink>"
            )
            inner = (begin if not rank else "") + link + (end if rank == len(rows) - 1 else "")
            self.body.append(_paragraph(f"TOC{article.niveau}", inner))
        settings = self.document.settings.element
        settings.find(qn("w:compat")).addprevious(
            parse_xml(f'<w:updateFields {_NS} w:val="true"/>')
        )

    def _numbering(self) -> None:
        part = self.document.part.numbering_part
        xml = [f"<w:numbering {_NS}>"]
        levels = []
        for depth in range(9):
            pattern = ".".join(f"%{n}" for n in range(1, depth + 2))
            style = f'<w:pStyle w:val="Heading{depth + 1}"/>' if depth < 6 else ""
            levels.append(
                f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>{style}'
                f'<w:suff w:val="space"/><w:lvlText w:val="{pattern}"/><w:lvlJc w:val="left"/>'
                '<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
            )
        xml.append(
            '<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>'
            f"{''.join(levels)}</w:abstractNum>"
        )
        for style, abstract in _ABSTRACTS.items():
            levels = []
            for depth in range(9):
                if style == "bullet":
                    fmt, text = "bullet", _BULLETS[depth % 3]
                else:
                    fmt, text = _FORMATS[style], f"%{depth + 1}" + (")" if style == "a" else ".")
                left = 425 * (depth + 1)
                levels.append(
                    f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{fmt}"/>'
                    f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
                    f'<w:pPr><w:ind w:left="{left}" w:hanging="425"/></w:pPr></w:lvl>'
                )
            xml.append(
                f'<w:abstractNum w:abstractNumId="{abstract}"><w:multiLevelType w:val="hybridMultilevel"/>'
                f"{''.join(levels)}</w:abstractNum>"
            )
        xml.append(f'<w:num w:numId="{_HEADING_NUM}"><w:abstractNumId w:val="1"/></w:num>')
        xml.append(f'<w:num w:numId="{_BULLET_NUM}"><w:abstractNumId w:val="2"/></w:num>')
        for rank, (style, start) in enumerate(self.lists, start=_BULLET_NUM + 1):
            overrides = "".join(
                f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
                for depth in range(9)
            )
            xml.append(
                f'<w:num w:numId="{rank}"><w:abstractNumId w:val="{_ABSTRACTS[style]}"/>{overrides}</w:num>'
            )
        xml.append("</w:numbering>")
        root = parse_xml("".join(xml))
        element = part.element
        for child in list(element):
            element.remove(child)
        for child in list(root):
            element.append(child)

    def _footnotes_part(self) -> None:
        if not self.footnotes:
            return
        notes = "".join(
            f'<w:footnote w:id="{rank}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
            '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
            f"<w:r>{_text(' ' + text)}</w:r></w:p></w:footnote>"
            for rank, text in enumerate(self.footnotes, start=1)
        )
        rules = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
            for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
        )
        xml = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f"<w:footnotes {_NS}>{rules}{notes}</w:footnotes>"
        )
        main = self.document.part
        part = Part(
            PackURI("/word/footnotes.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
            xml.encode(),
            main.package,
        )
        main.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    # --- articles

    def _article(self, rank: int, article: ArticleContent) -> None:
        blocks = article.blocks
        if article.titre:
            self._heading(rank, article)
        else:
            first = blocks.pop(0) if blocks and blocks[0]["type"] == "paragraph" else {}
            self._untitled(rank, article, first)
        for block in blocks:
            self._block(block, self.body)
            if block["type"] in ("table", "critere"):
                # Word joins two tables that touch, and gives a table no space below.
                self.body.append(_SPACE)

    def _heading(self, rank: int, article: ArticleContent) -> None:
        plain = (
            "" if article.numero else '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
        )
        inner = _bookmarked(rank, article, _run(article.titre))
        self.body.append(_paragraph(f"Heading{_level(article)}", inner, _opening(rank) + plain))

    def _untitled(self, rank: int, article: ArticleContent, first: Json) -> None:
        """Begin an article without title by its first paragraph, which bears the number.

        Before a list or a table, the number stands alone on its line.
        """
        level = _level(article)
        text = self._inline(first)
        number = (
            f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="{_HEADING_NUM}"/></w:numPr>'
        )
        keep = "" if text else "<w:keepNext/>"
        extra = keep + _opening(rank) + (number if article.numero else "")
        # The number looks like the sign that ends the paragraph.
        sign = '<w:rPr><w:b/><w:color w:val="1B2A49"/></w:rPr>'
        inner = _bookmarked(rank, article, text)
        self.body.append(_paragraph(f"Alinéa{level}", inner, extra + sign))

    def _block(self, node: Json, out: list[str], *, style: str = "", depth: int = 0) -> None:
        kind = node["type"]
        if kind == "paragraph":
            if node.get("content"):
                out.append(_paragraph(style, self._inline(node)))
            elif style:
                out.append(_paragraph(style, ""))
        elif kind == "heading":
            out.append(_paragraph(f"Intertitre{node['attrs']['level']}", self._inline(node)))
        elif kind in ("bullet_list", "ordered_list"):
            self._list(node, out, depth)
        elif kind == "table":
            out.append(self._table(node))
        elif kind == "blockquote":
            for child in node.get("content", ()):
                self._block(child, out, style="Quote")
        elif kind == "image":
            out.append(_paragraph(style, self._image(node)))
        elif kind == "critere":
            out.append(self._table(criteres_as_table(self.piece)))

    def _list(self, node: Json, out: list[str], depth: int) -> None:
        if node["type"] == "bullet_list":
            number = _BULLET_NUM
        else:
            self.lists.append((node["attrs"]["style"], node["attrs"]["start"]))
            number = _BULLET_NUM + len(self.lists)
        level = min(depth, 8)
        mark = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        # A paragraph without number that stays in its entry: how Word itself says it.
        follow = (
            f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="0"/></w:numPr>'
            f'<w:ind w:left="{425 * (level + 1)}"/>'
        )
        for item in node.get("content", ()):
            for rank, child in enumerate(item.get("content", ())):
                if child["type"] == "paragraph":
                    extra = follow if rank else mark
                    out.append(_paragraph("ListParagraph", self._inline(child), extra))
                elif child["type"] in ("bullet_list", "ordered_list"):
                    self._list(child, out, depth + 1)
                elif child["type"] == "image":
                    out.append(_paragraph("ListParagraph", self._image(child), follow))

    def _table(self, node: Json) -> str:
        grid, _columns = grid_of(node)
        widths = column_widths(self.piece, grid, TEXT_WIDTH)
        headed = bool(grid) and _is_header(grid[0])
        look = f'w:val="04{"20" if headed else "00"}" w:firstRow="{int(headed)}"'
        head = (
            '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>'
            f'<w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            f'<w:tblLook {look} w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            'w:noHBand="1" w:noVBand="1"/></w:tblPr>'
        )
        columns_xml = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        xml = [head, f"<w:tblGrid>{columns_xml}</w:tblGrid>"]
        leading = True
        for line in grid:
            leading = leading and _is_header(line)
            xml.append("<w:tr>")
            if leading:
                xml.append("<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
            column = 0
            for slot in line:
                width = sum(widths[column : column + slot.colspan])
                column += slot.colspan
                span = f'<w:gridSpan w:val="{slot.colspan}"/>' if slot.colspan > 1 else ""
                size = f'<w:tcW w:w="{width}" w:type="dxa"/>'
                if slot.node is None:
                    xml.append(f"<w:tc><w:tcPr>{size}{span}<w:vMerge/></w:tcPr><w:p/></w:tc>")
                    continue
                merge = '<w:vMerge w:val="restart"/>' if slot.rowspan > 1 else ""
                shade = (
                    '<w:shd w:val="clear" w:color="auto" w:fill="E8EDF5"/>'
                    if slot.node["type"] == "table_header"
                    else ""
                )
                cells = self._cell(slot.node)
                xml.append(f"<w:tc><w:tcPr>{size}{span}{merge}{shade}</w:tcPr>{cells}</w:tc>")
            xml.append("</w:tr>")
        xml.append("</w:tbl>")
        return "".join(xml)

    def _cell(self, cell: Json) -> str:
        out: list[str] = []
        align = cell.get("attrs", {}).get("align")
        for child in cell.get("content", ()):
            if child["type"] == "paragraph":
                side = f'<w:jc w:val="{align}"/>' if align else ""
                out.append(_paragraph("", self._inline(child), side))
            else:
                self._block(child, out)
        if not out or not out[-1].startswith("<w:p"):
            out.append("<w:p/>")
        return "".join(out)

    # --- inline

    def _inline(self, node: Json) -> str:
        return "".join(self._atom(child) for child in node.get("content", ()))

    def _atom(self, node: Json) -> str:
        kind = node["type"]
        marks = node.get("marks", ())
        style = "".join(_MARKS[m["type"]] for m in marks if m["type"] in _MARKS)
        href = next((m["attrs"]["href"] for m in marks if m["type"] == "link"), "")
        if kind == "text":
            if href:
                run = _run(node["text"], '<w:rStyle w:val="Hyperlink"/>' + style)
                return f'<w:hyperlink r:id="{self._link(href)}">{run}</w:hyperlink>'
            return _run(node["text"], style)
        if kind == "hard_break":
            return "<w:r><w:br/></w:r>"
        if kind == "variable":
            return _run(self.piece.variable(node["attrs"]["chemin"]), style)
        if kind == "renvoi":
            text, name = self.piece.renvoi(node["attrs"]["article"])
            run = _run(text, style)
            return f'<w:hyperlink w:anchor="{name}">{run}</w:hyperlink>' if name else run
        if kind == "note_bas_de_page":
            self.footnotes.append(node["attrs"]["texte"])
            return (
                '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
                f'<w:footnoteReference w:id="{len(self.footnotes)}"/></w:r>'
            )
        return ""

    def _link(self, href: str) -> str:
        if href not in self.links:
            self.links[href] = self.document.part.relate_to(
                href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        return self.links[href]

    def _image(self, node: Json) -> str:
        alt = node["attrs"]["alt"]
        content = self.piece.images.get(node["attrs"]["fichier"])
        placed = _place_image(self.document.part, content, node["attrs"]) if content else None
        if placed is None:
            return _run(f"[{alt}]")
        relation, width, height = placed
        self.drawn += 1
        return (
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{self.drawn}" name="Image {self.drawn}" descr={quoteattr(alt)}/>'
            '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{self.drawn}" name="Image {self.drawn}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


def _is_header(line: list[Any]) -> bool:
    cells = [slot.node for slot in line if slot.node is not None]
    return bool(cells) and all(cell["type"] == "table_header" for cell in cells)


def as_png(content: bytes) -> bytes | None:
    """Return an image in a form every word processor draws, or None when it cannot be read."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            target = io.BytesIO()
            image.convert("RGBA").save(target, "PNG")
            return target.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _place_image(part: Any, content: bytes, attrs: Json) -> tuple[str, int, int] | None:
    """Return the relation, the width and the height in EMU, no larger than the page."""
    try:
        relation, image = part.get_or_add_image(io.BytesIO(content))
    except (UnrecognizedImageError, ValueError, KeyError, ZeroDivisionError, EOFError):
        png = as_png(content)
        if png is None:
            return None
        relation, image = part.get_or_add_image(io.BytesIO(png))
    width, height = image.scaled_dimensions(None, None)
    natural = (max(1, round(width / _EMU)), max(1, round(height / _EMU)))
    width, height = place_within(full_size(attrs, natural))
    return relation, width * _EMU, height * _EMU


def _bare(text: str) -> str:
    """Without what XML forbids: python-docx would refuse the whole document for one sign."""
    return strip_controls(show_invisible(text))


def _clean(text: str) -> str:
    return escape(_bare(text))


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{_clean(text)}</w:t>'


def _run(text: str, style: str = "") -> str:
    if not text:
        return ""
    properties = f"<w:rPr>{style}</w:rPr>" if style else ""
    return f"<w:r>{properties}{_text(text)}</w:r>"


def _paragraph(style: str, inner: str, extra: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    properties = f"<w:pPr>{named}{extra}</w:pPr>" if named or extra else ""
    return f"<w:p>{properties}{inner}</w:p>"


def _level(article: ArticleContent) -> int:
    return max(1, min(article.niveau, 6))


def _opening(rank: int) -> str:
    """The text begins a page: a paragraph of its own would leave a blank one after a full table of contents."""
    return "" if rank else "<w:pageBreakBefore/>"


def _bookmarked(rank: int, article: ArticleContent, inner: str) -> str:
    return (
        f'<w:bookmarkStart w:id="{rank + 1}" w:name="{bookmark(article.id)}"/>{inner}'
        f'<w:bookmarkEnd w:id="{rank + 1}"/>'
    )


def _for_word(runs: str) -> str:
    """Return runs that Word reads and LibreOffice does not, in the form both are told to expect."""
    return (
        f"<mc:AlternateContent {_MC}>"
        f'<mc:Choice Requires="w15">{runs}</mc:Choice><mc:Fallback/></mc:AlternateContent>'
    )


def _field(instruction: str, shown: str) -> tuple[str, ...]:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>',
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        f"<w:r>{_text(shown)}</w:r>",
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
