"""Makes static/reports/fonts and the signs of the pages from the full Source families.

Done once, the result is committed. The print fonts are not compressed: unpacking nine woff2 costs a
second of processor at each PDF.
"""

import logging
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset
from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont


# Name kept on our side → file in the npm packages source-serif 4.5 and source-sans 3.52 (OFL 1.1).
FONTS = {
    "serif-400": "TTF/SourceSerif4SmText-Regular.ttf",
    "serif-400-italic": "TTF/SourceSerif4SmText-It.ttf",
    "serif-600": "TTF/SourceSerif4SmText-Semibold.ttf",
    "serif-600-italic": "TTF/SourceSerif4SmText-SemiboldIt.ttf",
    "titre-400": "TTF/SourceSerif4Display-Regular.ttf",
    "titre-600": "TTF/SourceSerif4Display-Semibold.ttf",
    "sans-400": "TTF/SourceSans3-Regular.ttf",
    "sans-400-italic": "TTF/SourceSans3-It.ttf",
    "sans-600": "TTF/SourceSans3-Semibold.ttf",
}
# Latin and its extensions, Greek, punctuation with every space, signs, arrows, mathematics, boxes.
RANGES = [
    *((0x20, 0x17F), (0x1A0, 0x233), (0x2B0, 0x2DF), (0x300, 0x36F), (0x370, 0x3FF)),
    *((0x1E00, 0x1EFF), (0x2000, 0x2027), (0x202F, 0x205F), (0x2070, 0x209F), (0x20A0, 0x20BF)),
    *((0x2100, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2600, 0x27FF)),
]


# Signs that the published latin subsets of Source lack, served to pages beside them.
NARROW_SPACE, QUESTION, MARK = 0x202F, 0x3F, 0x2426


class Command(BaseCommand):
    help = "Fabrique les polices d’impression et des pages à partir des familles Source complètes."

    def add_arguments(self, parser):
        parser.add_argument("dossier", type=Path, nargs="+", help="dossiers des paquets déballés")

    def handle(self, *args, dossier: list[Path], **options):
        root = Path(settings.BASE_DIR)
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        for name, source in FONTS.items():
            font = self._make(dossier, source)
            self._rename(font, name)
            self._save(font, root / "static" / "reports" / "fonts" / f"{name}.ttf")
        signs = self._make(dossier, FONTS["sans-400"])
        self._cut(signs, [NARROW_SPACE, MARK])
        self._rename(signs, "signes-400")
        signs.flavor = "woff2"
        self._save(signs, root / "frontend" / "fonts" / "signes.woff2")

    def _make(self, dossier: list[Path], source: str) -> TTFont:
        """Cut a font to RANGES, with the narrow space and the mark that it lacks."""
        font = TTFont(next(path / source for path in dossier if (path / source).exists()))
        self._cut(font, [code for first, last in RANGES for code in range(first, last + 1)])
        self._give_narrow_space(font)
        self._give_mark(font)
        return font

    @staticmethod
    def _cut(font: TTFont, codes: list[int]) -> None:
        wanted = subset.Options(
            layout_features=["*"],
            name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
            hinting=False,
            notdef_outline=True,
        )
        cutter = subset.Subsetter(wanted)
        cutter.populate(unicodes=codes)
        cutter.subset(font)

    def _save(self, font: TTFont, path: Path) -> None:
        font.save(path)
        size, signs = path.stat().st_size, len(font.getBestCmap())
        self.stdout.write(f"{path.name} {size} bytes, {signs} signs")

    @staticmethod
    def _give_narrow_space(font: TTFont) -> None:
        """Give U+202F a fifth of an em: enough to read 1 240 000, too little to part a « word »."""
        cmap = font.getBestCmap()
        name = "narrowspace"
        if NARROW_SPACE in cmap:
            name = cmap[NARROW_SPACE]
        else:
            font.setGlyphOrder([*font.getGlyphOrder(), name])
            font["glyf"][name] = font["glyf"][cmap[0x20]]
            for table in font["cmap"].tables:
                if table.isUnicode():
                    table.cmap[NARROW_SPACE] = name
        font["hmtx"][name] = (font["head"].unitsPerEm // 5, 0)
        if 0x2011 not in cmap:
            for table in font["cmap"].tables:
                if table.isUnicode():
                    table.cmap[0x2011] = cmap.get(0x2010, cmap[0x2D])

    @staticmethod
    def _give_mark(font: TTFont) -> None:
        """Draw ␦, which stands for what makes a text read otherwise than written: « ? » in a mirror."""
        glyphs, question, name = font.getGlyphSet(), font.getBestCmap()[QUESTION], "mark"
        width, _ = font["hmtx"][question]
        drawn = TTGlyphPen(None)
        # Mirrored, an outline turns the other way: it is drawn backwards to stay full.
        glyphs[question].draw(TransformPen(ReverseContourPen(drawn), (-1, 0, 0, 1, width, 0)))
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"][name] = outline = drawn.glyph()
        outline.recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, outline.xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[MARK] = name

    @staticmethod
    def _rename(font: TTFont, name: str) -> None:
        """Take another name: « Source » is reserved to the original by its licence."""
        family, _, style = name.partition("-")
        shown = f"WM {family.capitalize()}"
        for record in font["name"].names:
            if record.nameID in {1, 16}:
                record.string = shown
            elif record.nameID in {3, 4}:
                record.string = f"{shown} {style}"
            elif record.nameID == 6:
                record.string = f"WM{family.capitalize()}-{style}"
