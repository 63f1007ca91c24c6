"""Draws a PDF from HTML with WeasyPrint. Reaches nothing: every byte it uses came on stdin."""

import io
import json
import logging
import re
import struct
import sys
from html.parser import HTMLParser
from typing import Any


PIXELS = 40_000_000
DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg)(?:;[a-z]+=[\w-]+)*(?:;base64)?,", re.IGNORECASE)
DEEPEST, WIDEST_SPAN, LONGEST_WORD = 120, 200, 20_000
# Never nested, or only inside an element that is counted; their end may be left out.
UNCOUNTED = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot"),
    *("colgroup", "option"),
}


class Bounds(HTMLParser):
    """Refuses, before any layout, what would make the layout last for ever."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        """Count one level more. Raises SystemExit past DEEPEST, or for a cell spread too wide."""
        if tag not in UNCOUNTED:
            self.depth += 1
        if self.depth > DEEPEST:
            raise SystemExit(f"Le document imbrique plus de {DEEPEST} éléments.")
        for name, value in attrs:
            if name in {"colspan", "rowspan", "span"} and not _is_span(value):
                raise SystemExit("Un tableau étend une cellule sur trop de lignes ou de colonnes.")

    def handle_endtag(self, tag):
        """Count one level less; an end without its beginning changes nothing."""
        if tag not in UNCOUNTED:
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data):
        """Measure the words outside styles and scripts. Raises SystemExit past LONGEST_WORD."""
        if self.lasttag not in {"style", "script"} and any(
            len(word) > LONGEST_WORD for word in data.split()
        ):
            raise SystemExit(f"Le texte contient un mot de plus de {LONGEST_WORD} signes.")


def _is_span(value) -> bool:
    return bool(value) and value.isascii() and value.isdigit() and int(value[:9]) <= WIDEST_SPAN


def judge_image(content: bytes) -> bool:
    """True for a PNG or JPEG whose header announces at most PIXELS; nothing is decoded."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return 0 < width * height <= PIXELS
    if content[:3] != b"\xff\xd8\xff":
        return False
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        kind, size = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return 0 < width * height <= PIXELS
        at += 2 + size
    return False


def make_fetcher(media: dict[str, bytes], refused: list[str]):
    """Build the fetcher that knows ``media:<id>`` and small ``data:`` images, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            if url.startswith("media:") and (held := media.get(url[6:])) is not None:
                fonts_and_styles = held[:4] in {b"wOF2", b"wOFF", b"OTTO", b"\0\1\0\0"}
                if fonts_and_styles or judge_image(held):
                    return URLFetcherResponse(url, held)
            elif DATA_IMAGE.match(url):
                response = super().fetch(url, headers)
                content = response.read()
                if judge_image(content):
                    return URLFetcherResponse(url, content, response.headers)
            refused.append(url[:200])
            raise ValueError("address refused")

        def open(self, url, data=None, timeout=None):
            return self.fetch(url if isinstance(url, str) else url.full_url)

    return ClosedFetcher(allowed_protocols=("data", "media"), allow_redirects=False)


def read_frame(stdin) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read a JSON line, then the bytes of each medium in the order of its "media" sizes."""
    asked = json.loads(stdin.readline())
    media = {name: stdin.read(size) for name, size in asked["media"]}
    return asked, media


def main(stdin, stdout) -> None:
    """stdin: JSON line {"html", "css": […], "variant", "media": [[id, size]…]}, then the media."""
    asked, media = read_frame(stdin)
    bounds = Bounds()
    bounds.feed(asked["html"])
    bounds.close()

    from PIL import Image  # noqa: PLC0415
    from weasyprint import CSS, HTML
    from weasyprint.css.counters import CounterStyle
    from weasyprint.text.fonts import FontConfiguration

    Image.MAX_IMAGE_PIXELS = PIXELS // 2
    logger = logging.getLogger("weasyprint")
    logger.handlers = [logging.StreamHandler(sys.stderr)]
    logger.setLevel(logging.ERROR)
    refused: list[str] = []
    fetcher = make_fetcher(media, refused)
    # What one sheet declares serves the page: fonts, and signs of lists.
    fonts, signs = FontConfiguration(), CounterStyle()
    page = HTML(string=asked["html"], base_url="media:", url_fetcher=fetcher)
    styles = [
        CSS(
            string=css,
            base_url="media:",
            url_fetcher=fetcher,
            font_config=fonts,
            counter_style=signs,
        )
        for css in asked["css"]
    ]
    target = io.BytesIO()
    page.write_pdf(
        target,
        stylesheets=styles,
        font_config=fonts,
        counter_style=signs,
        pdf_variant=asked["variant"],
        pdf_tags=True,
        custom_metadata=False,
        full_fonts=False,
        optimize_images=False,
        presentational_hints=False,
    )
    for url in refused[:20]:
        sys.stderr.write(f"refused address: {url!r}\n")
    stdout.write(json.dumps({"refused": refused[:20]}).encode() + b"\n")
    stdout.write(target.getbuffer())
