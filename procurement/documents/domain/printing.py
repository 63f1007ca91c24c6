"""The body of an article, made ready for paper: what a screen shows by script, paper must hold."""

import re
from collections.abc import Callable, Container

from lxml import etree, html


KEPT_ATTRIBUTES = {
    *("class", "id", "href", "src", "alt", "colspan", "rowspan", "scope", "start", "type", "lang"),
    *("title", "align"),
}
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_PIXELS = re.compile(r"[1-9]\d{0,3}", re.ASCII)
DROPPED = ("script", "style", "link", "iframe", "object", "embed", "form", "input", "template")


def prepare_body(
    body: str,
    *,
    image: Callable[[str], str | None] = lambda fichier: None,
    anchors: Container[str] | None = None,
) -> str:
    """Return the HTML of an article for printing.

    Footnotes carry their text (``data-texte``) as content; rows of headers at the top of a table
    become its repeated head; images are named by ``image(uuid)``, "media:…", or replaced by their
    description when it gives None, and keep their width in CSS pixels; marks of comments are unwrapped;
    scripts, handlers, styles and unknown attributes are dropped. A link to an anchor out of ``anchors``
    becomes plain text. A list begins at its number. A paragraph that ends with a colon stays on the page of what it announces.

    >>> prepare_body('<p>Délais :</p><p>Dix jours.</p>')
    '<p class="annonce">Délais :</p><p>Dix jours.</p>'
    >>> prepare_body('<p>Oui<span class="wm-note-bas" data-texte="Ici."></span></p>')
    '<p>Oui<span class="wm-note-bas">Ici.</span></p>'
    """
    root = html.fragment_fromstring(body, create_parent="div")
    etree.strip_elements(root, *DROPPED, etree.Comment, with_tail=False)
    for note in root.xpath(
        ".//*[contains(concat(' ', @class, ' '), ' wm-note-bas ')][@data-texte]"
    ):
        for child in list(note):
            note.remove(child)
        note.text = note.get("data-texte")
    for table in root.iter("table"):
        _raise_head(table)
    for picture in list(root.iter("img")):
        _place_image(picture, image)
    for mark in list(root.iter("mark")):
        if "wm-ancre" in mark.get("class", ""):
            mark.drop_tag()
    _bind_words(root)
    for paragraph in root.iter("p"):
        if paragraph.text_content().rstrip().endswith(":"):
            paragraph.set("class", f"{paragraph.get('class', '')} annonce".strip())
    for element in root.iter(etree.Element):
        href = element.get("href", "")
        if anchors is not None and href.startswith("#") and href[1:] not in anchors:
            del element.attrib["href"]
        width = element.get("width", "") if element.tag == "img" else ""
        for name in list(element.attrib):
            if name not in KEPT_ATTRIBUTES:
                del element.attrib[name]
        if _PIXELS.fullmatch(width):
            element.set("style", f"width: {width}px")
        if element.tag == "ol" and _NUMBER.fullmatch(element.get("start", "")):
            # WeasyPrint reads the attribute only with all the other hints of presentation.
            element.set("style", f"counter-reset: list-item {int(element.get('start')) - 1}")
    shown: str = html.tostring(root, encoding="unicode")
    return shown.removeprefix("<div>").removesuffix("</div>")


def _bind_words(root: html.HtmlElement) -> None:
    """Put a word and the hard space that ends a text in a box of their own.

    Where an inline element follows a hard space, WeasyPrint goes back to the beginning of the text
    before it, and prints the rest one word a line. It moves a box of one word as a whole.
    """
    for element in list(root.iter(etree.Element)):
        before, bound = _split_bound(element.text)
        if bound:
            element.text = before
            element.insert(0, _box(bound))
        before, bound = _split_bound(element.tail)
        if bound and element is not root:
            element.tail = before
            element.getparent().insert(element.getparent().index(element) + 1, _box(bound))


def _split_bound(text: str | None) -> tuple[str, str]:
    text = text or ""
    start = max(text.rfind(sign) for sign in " \n\t") + 1
    bound = text[start:]
    ends = bound[-1:] in ("\u00a0", "\u202f")
    return (text[:start], bound) if ends and start else (text, "")


def _box(words: str) -> html.HtmlElement:
    box = html.Element("span")
    box.text = words
    return box


def _raise_head(table: html.HtmlElement) -> None:
    if table.find("thead") is not None:
        return
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    head = []
    for row in rows[:4]:
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        if not cells or any(cell.tag == "td" for cell in cells):
            break
        head.append(row)
    if not head or len(head) == len(rows):
        return
    thead = html.Element("thead")
    for row in head:
        row.drop_tree()
        for cell in row:
            cell.set("scope", "col")
        thead.append(row)
    place = 1 if len(table) and table[0].tag == "caption" else 0
    table.insert(place, thead)


def _place_image(picture: html.HtmlElement, image: Callable[[str], str | None]) -> None:
    address = image(picture.get("data-fichier", ""))
    if address:
        picture.set("src", address)
        picture.set("alt", picture.get("alt") or "Image sans description")
        return
    said = html.Element("p")
    said.set("class", "image-absente")
    said.text = f"[Image\u202f: {picture.get('alt') or 'sans description'}]"
    said.tail = picture.tail
    picture.getparent().replace(picture, said)
