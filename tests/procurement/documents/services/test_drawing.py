import base64
import io
import json
import re
import resource
import subprocess
import sys
import time

import pytest
from pypdf import PdfReader

from procurement.documents.domain.printing import prepare_body
from procurement.documents.registry import find_program
from procurement.documents.services import ChildFailed, draw_piece, render_pdf, run_child
from tests.procurement.documents.builders import png
from tests.procurement.documents.samples import make_piece


CANARY = "canari-7f3b"


def page(body, head=""):
    return f"<!DOCTYPE html><html lang=fr><head><title>Essai</title>{head}</head><body>{body}</body></html>"


def svg(body):
    text = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{body}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def vectors(url, file):
    entity = f'<!DOCTYPE s [<!ENTITY x SYSTEM "{file}">]><text>&x;</text>'
    nested = svg(f"<image xlink:href='{url}/nid'/>")
    return {
        "img": page(f"<img src='{url}/img'>"),
        "import": page("x", f"<style>@import '{url}/import';</style>"),
        "background": page("x", f"<style>body{{background:url({url}/fond)}}</style>"),
        "font": page(
            "x", f"<style>@font-face{{font-family:a;src:url({url}/f)}} *{{font-family:a}}</style>"
        ),
        "link attachment http": page("x", f"<link rel=attachment href='{url}/piece'>"),
        "link attachment file": page("x", f"<link rel=attachment href='{file}'>"),
        "a attachment file": page(f"<a rel=attachment href='{file}'>x</a>"),
        "link stylesheet": page("x", f"<link rel=stylesheet href='{url}/style'>"),
        "img svg local": page(f"<img src='{file}.svg'>"),
        "svg dans data": page(f"<img src='{nested}'>"),
        "svg dans la page": page(f"<svg><image href='{file}' width=9 height=9 /></svg>"),
        "redirect": page(f"<img src='{url}/redirect?{file}'>"),
        "object": page(f"<object data='{url}/objet'></object><embed src='{url}/embed'>"),
        "iframe": page(f"<iframe src='{url}/cadre'></iframe>"),
        "entité dans svg": page(f"<img src='{svg(entity)}'>"),
        "base": page("<img src='relatif.png'>", f"<base href='{url}/'>"),
        "content": page("x", f"<style>body::before{{content:url({url}/contenu)}}</style>"),
        "list-style": page(f"<ul style='list-style-image:url({url}/puce)'><li>x</ul>"),
        "meta refresh": page("x", f"<meta http-equiv=refresh content='0;url={url}/meta'>"),
    }


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "canari.txt"
    path.write_text(CANARY)
    (tmp_path / "canari.txt.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>{CANARY}</text></svg>'
    )
    return f"file://{path}"


def streams(pdf):
    """Everything a reader could take out of a PDF: text, attachments, every stream unpacked."""
    reader = PdfReader(io.BytesIO(pdf))
    found = [shown.extract_text() for shown in reader.pages]
    for number in range(1, len(reader.xref_objStm) + len(reader.xref.get(0, {})) + 1):
        held = reader.get_object(number)
        if hasattr(held, "get_data"):
            found.append(held.get_data().decode("latin-1"))
    return "\n".join(found), reader.attachments


NAMES = sorted(vectors("", ""))


@pytest.mark.attaque("F01")
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched(name, listener, canary):
    html = vectors(f"http://127.0.0.1:{listener.server_port}", canary)[name]
    pdf = render_pdf(html, css=[f"@import 'http://127.0.0.1:{listener.server_port}/feuille';"])
    text, attachments = streams(pdf)
    assert listener.heard == []
    assert CANARY not in text
    assert not attachments


OPEN = """
import base64, json, sys
from weasyprint import HTML
drawn = {}
for name, html in json.load(sys.stdin).items():
    try:
        drawn[name] = base64.b64encode(HTML(string=html).write_pdf()).decode()
    except Exception:
        continue
json.dump(drawn, sys.stdout)
"""


def test_the_vectors_do_call_out_with_the_default_fetcher(listener, canary):
    """Positive control: WeasyPrint as it comes, outside the child, is heard and leaks."""
    asked = json.dumps(vectors(f"http://127.0.0.1:{listener.server_port}", canary))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", OPEN], input=asked, capture_output=True, text=True, check=True
    )
    drawn = {name: base64.b64decode(pdf) for name, pdf in json.loads(done.stdout).items()}
    leaked = {name for name, pdf in drawn.items() if CANARY in str(streams(pdf))}
    assert len(set(listener.heard)) >= 9, listener.heard
    assert {"link attachment file", "a attachment file"} <= leaked


def test_the_child_alone_stops_an_open_fetcher(listener, canary, program):
    """The second wall: with the default fetcher inside the child nothing is reached either."""
    name = program(
        "ouvert",
        "def main(stdin, stdout):\n"
        "    from weasyprint import HTML\n"
        "    stdout.write(HTML(string=stdin.read().decode()).write_pdf())\n",
    )
    url = f"http://127.0.0.1:{listener.server_port}"
    for vector in ("img", "link attachment http", "link attachment file", "svg dans data"):
        pdf = run_child(name, stdin=vectors(url, canary)[vector].encode(), memory=1 << 31)
        text, attachments = streams(pdf)
        assert listener.heard == []
        assert CANARY not in text + str(attachments)


def test_refused_address_is_logged(caplog):
    render_pdf(page("<img src='http://127.0.0.1:1/x'>"))
    assert "http://127.0.0.1:1/x" in caplog.text


CORPUS = {
    "colspan": page("<table><tr><td colspan=1000000>x</td></tr></table>"),
    "flex imbriqués": page("<div style='display:flex'>" * 12 + "x" + "</div>" * 12),
    "mot de 1 Mo": page("<p>" + "a" * 1_000_000),
    "60 tableaux imbriqués": page("<table><tr><td>" * 60 + "x"),
    "5 000 éléments imbriqués": page("<div>" * 5000),
    "200 000 lignes": page("<table>" + "<tr><td>a<td>b<td>c" * 200_000 + "</table>"),
}


@pytest.mark.attaque("F02")
@pytest.mark.parametrize("cas", CORPUS)
def test_what_would_hang_ends_with_a_reason(cas):
    """With 5 s instead of 60, so that the suite stays short; the next document is drawn."""
    started = time.monotonic()
    with pytest.raises(ChildFailed) as failure:
        render_pdf(CORPUS[cas], timeout=5)
    assert time.monotonic() - started < 12
    assert re.search(r"temps|imbriqu|cellule|mot|mémoire", failure.value.reason)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20
    assert render_pdf(page("suivant"))


@pytest.mark.attaque("F02")
def test_cyclic_imports_end_at_once():
    cycle = "@import 'media:b'; @import url(data:text/css,@import%20'media:a');"
    assert render_pdf(page("x"), css=[cycle], media={"a": cycle.encode(), "b": cycle.encode()})


@pytest.mark.attaque("C06")
def test_images_are_judged_on_their_header():
    small, large = png(40, 20), png(8000, 6000)
    html = page("<img src=media:petite alt=a><img src=media:grande alt=b>")
    pdf = render_pdf(html, media={"petite": small, "grande": large})
    assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 1
    inline = base64.b64encode(small).decode()
    pdf = render_pdf(page(f"<img alt=a src='data:image/png;base64,{inline}'>"))
    assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 1


@pytest.fixture(scope="module")
def piece():
    return PdfReader(io.BytesIO(draw_piece(make_piece(1))))


def test_piece_is_tagged_and_says_so(piece):
    root = piece.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_object().get_data()
    assert piece.metadata.title.startswith("Cahier des clauses techniques particulières — ")
    assert piece.metadata.author == "Région Centre-Val de Loire"


def test_piece_has_title_page_contents_and_bookmarks(piece):
    first = piece.pages[0].extract_text()
    for word in [
        "Région Centre-Val de Loire",
        "37",
        "« Pour publication »",
        "Visas",
        "Claire Ménard",
    ]:
        assert word.replace("« ", "«\u202f").replace(" »", "\u202f»") in first
    assert piece.pages[1].extract_text().startswith("Sommaire")
    titles = [mark.title for mark in piece.outline if not isinstance(mark, list)]
    assert titles[:2] == ["Sommaire", "1 Objet et périmètre"]
    assert len(titles) == 9


def test_contents_give_the_page_of_each_article(piece):
    lines = piece.pages[1].extract_text().splitlines()
    line = next(line for line in lines if line.startswith("8 Suivi du marché"))
    number = int(line.rsplit(" ", 1)[1])
    assert "8 Suivi du marché" in piece.pages[number - 1].extract_text()


def test_every_page_is_headed_and_footed(piece):
    total = len(piece.pages)
    for number, shown in enumerate(piece.pages, 1):
        text = shown.extract_text()
        assert f"page {number} sur {total}" in text.replace("\u00a0", " ")
        assert "Empreinte (début) 3f9a 01bc 77de…" in text
        assert "Version 37" in text
        if number > 1:
            assert "Région Centre-Val de Loire" in text
            assert "· CCTP" in text


def test_narrow_spaces_notes_and_references_are_printed(piece):
    text = "\n".join(shown.extract_text() for shown in piece.pages).replace("\u00a0", " ")
    assert "1\u202f240\u202f000 €" in text
    assert "Au sens de l’article L. 541-1-1" in text
    assert re.search(r"article \d+\s+\(p\.\s\d+\)", text)
    assert text.count("Prix unitaire (€ HT)") >= 6


def test_only_our_fonts_are_used(piece):
    names = set()
    for shown in piece.pages:
        for font in shown["/Resources"]["/Font"].values():
            names.add(font.get_object()["/BaseFont"].split("+")[-1])
    assert names
    assert all(name.startswith("WM") for name in names), names


@pytest.mark.attaque("B08")
def test_template_code_in_a_text_stays_text():
    hostile = "{{ settings.SECRET_KEY }} {% debug %} {0.__class__} %(x)s"
    pdf = draw_piece(make_piece(0, piece_titre=hostile, version_nom=hostile[:20]))
    assert "{{ settings.SECRET_KEY }}" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_mention_of_an_annotated_export_is_on_each_page():
    pdf = draw_piece(
        make_piece(0, mention="Exemplaire annoté", articles=make_piece(1)["articles"][:4])
    )
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 2
    for shown in pages:
        assert "Exemplaire annoté" in shown.extract_text()


def test_program_imports_weasyprint_only_when_it_runs():
    source = find_program("draw_pdf").path.read_text()
    assert not re.search(r"^(import|from) (weasyprint|PIL)", source, re.MULTILINE)


def test_a_title_without_text_stays_with_the_article_that_follows():
    """Whatever the height of what precedes, no title is alone at the foot of a page."""
    for height in range(30, 50):
        body = "<p>ligne</p>" * height
        articles = [
            {"id": 1, "numero": "1", "niveau": 1, "titre": "Avant", "html": body},
            {"id": 2, "numero": "2", "niveau": 1, "titre": "Chapeau", "html": "<p><br></p>"},
            {"id": 3, "numero": "2.1", "niveau": 2, "titre": "Dessous", "html": "<p>Texte.</p>"},
        ]
        pages = PdfReader(io.BytesIO(draw_piece(make_piece(articles=articles)))).pages
        texts = [page.extract_text() for page in pages[2:]]
        assert [n for n, text in enumerate(texts) if "Chapeau" in text] == [
            n for n, text in enumerate(texts) if "Texte." in text
        ], height


@pytest.mark.parametrize(
    ("kind", "start", "shown"),
    [
        ("1", 3, ["3.", "4."]),
        ("i", 3, ["iii.", "iv."]),
        ("a", 2, ["b)", "c)"]),
        ("1", 0, ["0.", "1."]),
    ],
)
def test_a_list_goes_on_from_its_number(kind, start, shown):
    """What a text says of « point 3 » is true on paper as on screen."""
    body = f'<ol type="{kind}" start="{start}"><li><p>Alpha</p></li><li><p>Bravo</p></li></ol>'
    articles = [{"id": 1, "numero": "1", "niveau": 1, "titre": "Objet", "html": body}]
    pdf = PdfReader(io.BytesIO(draw_piece(make_piece(articles=articles))))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages[2:]).split())
    # The signs are drawn beside the text, hence read after it.
    assert f" {' '.join(shown)} " in text, text


def test_no_item_of_a_list_is_alone_at_the_head_or_the_foot_of_a_page():
    for height in range(20, 31):
        body = "<p>ligne</p>" * height + "<p>Annonce.</p><ul>"
        body += "".join(f"<li><p>Item{n}</p></li>" for n in range(4)) + "</ul>"
        articles = [{"id": 1, "numero": "1", "niveau": 1, "titre": "Objet", "html": body}]
        pages = PdfReader(io.BytesIO(draw_piece(make_piece(articles=articles)))).pages
        found = [page.extract_text().count("Item") for page in pages[2:]]
        assert 1 not in found, (height, found)
        announced = [page.extract_text() for page in pages[2:] if "Annonce." in page.extract_text()]
        assert "Item0" in announced[0], height


def test_the_name_of_a_version_is_cut_after_a_word_in_the_footer_and_whole_on_the_cover():
    name = "Relue par la direction juridique puis corrigée"
    pdf = PdfReader(io.BytesIO(draw_piece(make_piece(0, version_nom=name))))
    cover, other = (" ".join(page.extract_text().split()) for page in pdf.pages[:2])
    assert name in cover
    assert "Relue par la direction…" in other
    assert "juridi" not in other


def test_a_long_title_goes_on_below_in_the_contents_and_its_last_line_gives_the_page():
    title = "Contrôle contradictoire de la qualité des prestations de nettoyage " * 3
    context = make_piece()
    context["articles"] = [
        {"id": 1, "numero": "8", "niveau": 1, "titre": title, "html": "<p>Texte.</p>"},
        {"id": 2, "numero": "8.1", "niveau": 2, "titre": title, "html": "<p>Texte.</p>"},
        {"id": 3, "numero": "8.2", "niveau": 2, "titre": "Prix", "html": "<p>Texte.</p>"},
    ]
    text = PdfReader(io.BytesIO(draw_piece(context))).pages[1].extract_text()
    assert " ".join(text.split()).count(title.strip()) == 2
    assert len(re.findall(r"\. *\. *\. *3$", text, re.MULTILINE)) == 3, text


BOUND = (
    "<p><em>Le candidat individuel ou le membre du groupement répondant à l’une des conditions qui suivent et"
    " postulant à un marché public autre que de défense ou de sécurité réservé en application des articles\u00a0"
    '</em><a href="https://droit.example/a"><em>L.\u00a02113-12</em></a> et\u202f'
    '<a href="https://droit.example/b">L.\u00a02113-13</a> du code de la commande publique.</p>'
)


def shortest_line(html, width):
    """Signs of the shortest line of a paragraph, its last one apart."""
    sheet = f"p {{ width: {width}mm; font: 10.5pt 'DejaVu Serif' }}"
    pdf = render_pdf(f"<html lang='fr'><title>x</title><body>{html}", css=[sheet])
    drawn = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    return min(len(line) for line in drawn.strip().splitlines()[:-1])


def test_a_hard_space_before_a_link_does_not_leave_one_word_a_line():
    """Seen on the form DC2; without the boxes of prepare_body, WeasyPrint still does it."""
    widths = range(126, 146, 4)
    assert min(shortest_line(prepare_body(BOUND), width) for width in widths) > 40
    assert min(shortest_line(BOUND, width) for width in widths) < 15
