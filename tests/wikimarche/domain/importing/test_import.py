"""Documents of buyers become a tree of articles, and the report says what was left out."""

import inspect
import io
import re
from dataclasses import asdict
from pathlib import Path

import docx
import pytest
from docx.shared import Cm
from PIL import Image

from procurement.ui import typographie
from tests.wikimarche.domain.importing.reading import outline, read
from tests.wikimarche.domain.importing.samples import (
    annotated_odt,
    annotated_word,
    cropped_word,
    outlined_word,
    plain_word,
    png,
    repacked,
    rich_word,
    saved,
    styled_word,
    word_with_contents,
)
from tests.wikimarche.reports.contents import content_of
from wikimarche.domain.importing import (
    ImportRefused,
    ImportReport,
    inlines,
    labels,
    prepare,
    replace_images,
    spaces,
    tell_left,
    word_preparation,
)
from wikimarche.domain.importing.accounting import name_some
from wikimarche.domain.importing.draft import make_heading, rename
from wikimarche.domain.importing.pieces import plain_of, plain_words
from wikimarche.domain.schema import parse_doc
from wikimarche.reports.odt import write_odt


TEXTE = "Le titulaire exécute les prestations dans les conditions du présent document. " * 2


def _valid(piece):
    for article in piece.articles:
        parse_doc(article.corps)
    return piece


TYPED = {
    "article en capitales": (
        ("ARTICLE 1 – OBJET", TEXTE, "1.1 Étendue", TEXTE, "ARTICLE 2 – DURÉE", TEXTE),
        [(1, "OBJET"), (2, "Étendue"), (1, "DURÉE")],
    ),
    "décimaux en gras": (
        (("1. Objet", "gras"), TEXTE, ("1.1. Lots", "gras"), TEXTE, ("2. Prix", "gras"), TEXTE),
        [(1, "Objet"), (2, "Lots"), (1, "Prix")],
    ),
    "romains et lettres": (
        (("I. OBJET", "gras"), TEXTE, ("A) Lots", "gras"), TEXTE, ("II. PRIX", "gras"), TEXTE),
        [(1, "OBJET"), (2, "Lots"), (1, "PRIX")],
    ),
    "chapitres": (
        ("CHAPITRE 1 : PRIX", "Article 1 : Forme", TEXTE, "CHAPITRE 2 : FIN", "Article 2 : Litiges", TEXTE),
        [(1, "PRIX"), (2, "Forme"), (1, "FIN"), (2, "Litiges")],
    ),
    "numéro et titre sur deux lignes": (
        (("ARTICLE 1", "gras"), ("OBJET", "gras"), TEXTE, ("ARTICLE 2", "gras"), ("PRIX", "gras"), TEXTE),
        [(1, "OBJET"), (1, "PRIX")],
    ),
    "tirets soulignés": (
        (("1- Objet", "souligne"), TEXTE, ("2- Durée", "souligne"), TEXTE, ("2-1 Suite", "souligne"), TEXTE),
        [(1, "Objet"), (1, "Durée"), (2, "Suite")],
    ),
    "sans numéro": (
        (("OBJET", "gras"), TEXTE, ("Étendue", "gras"), TEXTE, ("PRIX", "gras"), TEXTE),
        [(1, "OBJET"), (2, "Étendue"), (1, "PRIX")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TYPED)
def test_typed_headings_without_styles(name):
    lines, expected = TYPED[name]
    assert outline(_valid(read(plain_word(*lines)))) == expected


def test_sentences_and_enumerations_are_not_headings():
    piece = read(
        plain_word(
            "ARTICLE 1 – OBJET",
            "Article 5 du CCAG : il s’applique aux fournitures et le titulaire doit s’y conformer.",
            "1) premier point",
            "2) deuxième point",
            TEXTE,
            "ARTICLE 2 – PRIX",
            "a) retard ;",
            "b) absence ;",
        )
    )
    assert outline(piece) == [(1, "OBJET"), (1, "PRIX")]


def test_nothing_recognised_keeps_the_text_in_one_article():
    piece = _valid(read(plain_word(TEXTE, TEXTE)))
    assert outline(piece) == [(1, "Texte importé")]
    assert piece.report.methode == "aucun titre reconnu"


def test_printed_numbers_are_stripped_but_names_stay():
    lines = (
        (1, "1. Objet"), (0, TEXTE), (2, "1.1 Étendue"), (0, TEXTE), (1, "ANNEXE 1 – Bordereau"),
        (0, TEXTE), (1, "2025 : année de départ"), (0, TEXTE),
    )  # fmt: skip
    piece = read(styled_word(*lines))
    assert outline(piece) == [
        (1, "Objet"),
        (2, "Étendue"),
        (1, "ANNEXE 1 – Bordereau"),
        (1, "2025 : année de départ"),
    ]
    assert [a.numero_imprime for a in piece.articles] == ["1", "1.1", "", ""]


def test_one_style_for_every_depth_follows_the_numbers():
    lines = [(1, "1 Objet"), (0, TEXTE), (1, "1.1 Étendue"), (0, TEXTE), (1, "2 Prix"), (0, TEXTE)]
    assert outline(read(styled_word(*lines))) == [(1, "Objet"), (2, "Étendue"), (1, "Prix")]


def test_deep_levels_become_headings_of_the_article():
    titles = [(level, f"Titre {level}") for level in range(1, 10)]
    piece = _valid(read(styled_word(*titles, (0, TEXTE))))
    assert [niveau for niveau, _ in outline(piece)] == [1, 2, 3, 4, 5, 6]
    kinds = [(b["type"], b["attrs"].get("level")) for b in piece.articles[-1].blocs]
    assert kinds == [("heading", 1), ("heading", 2), ("heading", 2), ("paragraph", None)]


def test_text_before_the_first_heading_is_an_unnumbered_preamble():
    piece = read(styled_word((0, TEXTE), (1, "Objet"), (0, TEXTE)))
    assert outline(piece) == [(1, "Préambule"), (1, "Objet")]
    assert [article.numerote for article in piece.articles] == [False, True]
    assert piece.report.page_de_garde == 1


def test_outline_levels_without_heading_styles():
    assert outline(read(outlined_word())) == [(1, "Objet"), (2, "Durée")]


def test_table_of_contents_is_dropped_and_checks_the_cutting():
    piece = read(word_with_contents())
    assert outline(piece) == [(1, "Objet du marché"), (2, "Étendue"), (1, "Pénalités")]
    sommaire = piece.report.sommaire
    assert (sommaire["entrees"], sommaire["retrouvees"]) == (4, 3)
    assert sommaire["introuvables"] == ["3 Disparu"]
    assert "« 3 Disparu »" in " ".join(piece.report.remarques).replace("\u202f", " ")


def test_every_construct_is_kept_or_counted():
    piece = _valid(read(rich_word()))
    report = piece.report.as_json()
    assert piece.titre == "Cahier des clauses particulières"
    assert outline(piece) == [(1, "Objet"), (2, "Prix")]
    assert [b["type"] for b in piece.articles[0].blocs] == [
        "paragraph", "bullet_list", "ordered_list", "blockquote",
    ]  # fmt: skip
    assert {k: report[k] for k in ("tables", "lists", "images", "renvois")} == {
        "tables": 1, "lists": 2, "images": 1, "renvois": 1,
    }  # fmt: skip
    assert set(report["non_reconnu"]) == {"zone_de_texte", "en_tete_ou_pied_de_page"}
    assert report["non_reconnu"]["zone_de_texte"]["exemple"] == "Texte de la zone"
    assert "Texte de la zone" in "".join(plain_of(b) for b in piece.articles[1].blocs)
    first = piece.articles[0].blocs[0]
    assert first["content"][-1] == {"type": "renvoi", "attrs": {"article": piece.articles[0].id}}
    spans = [
        (c["attrs"]["colspan"], c["attrs"]["rowspan"])
        for row in piece.articles[1].blocs[0]["content"]
        for c in row["content"]
    ]
    assert spans[:2] == [(2, 1), (1, 2)]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"width": Cm(5), "height": Cm(2.5)}, (189, 94)),
        ({"width": Cm(200), "height": Cm(100)}, (None, None)),
    ],
)
def test_images_keep_the_size_they_have_in_the_document(asked, kept):
    document = docx.Document()
    document.add_heading("Plan", 1)
    document.add_picture(io.BytesIO(png()), **asked)
    piece = read(saved(document))
    [node] = [b for b in piece.articles[0].corps["content"] if b["type"] == "image"]
    assert (node["attrs"].get("largeur"), node["attrs"].get("hauteur")) == kept


@pytest.mark.parametrize(
    ("sides", "size", "colours"),
    [
        ({"b": 75_000}, (40, 5), {(255, 0, 0)}),
        ({"t": 25_000, "l": 50_000}, (20, 15), {(0, 0, 255)}),
        ({"t": "25%", "r": -10_000}, (40, 15), {(0, 0, 255)}),
    ],
)
def test_an_image_shown_in_part_is_cut_to_what_is_seen(sides, size, colours):
    """Word keeps the whole picture: squeezed into the size of its visible part, it is unreadable."""
    piece = read(cropped_word(**sides))
    [image] = piece.images
    with Image.open(io.BytesIO(image.contenu)) as seen:
        assert seen.size == size
        assert {colour for _count, colour in seen.getcolors()} == colours
    assert piece.report.non_reconnu["image_rognee"]["nombre"] == 1


@pytest.mark.parametrize("sides", [{}, {"b": 0}, {"t": 60_000, "b": 40_000}, {"l": "tout"}])
def test_an_image_shown_whole_or_not_at_all_stays_whole(sides):
    piece = read(cropped_word(**sides))
    with Image.open(io.BytesIO(piece.images[0].contenu)) as seen:
        assert seen.size == (40, 20)
    assert "image_rognee" not in piece.report.non_reconnu


def test_images_keep_their_bytes_and_wait_for_their_file():
    piece = read(rich_word())
    [image] = piece.images
    assert image.contenu.startswith(b"\x89PNG")
    assert image.type_mime == "image/png"
    assert image.alt == "Image sans description"
    assert piece.report.images_sans_description == 1
    stored = "6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c11"
    corps = replace_images(piece.articles[1].corps, {image.cle: stored})
    assert [b["attrs"]["fichier"] for b in corps["content"] if b["type"] == "image"] == [stored]
    without = replace_images(piece.articles[1].corps, {})
    assert "image" not in [b["type"] for b in without["content"]]


def test_comments_and_tracked_changes_are_data_and_change_nothing():
    piece = _valid(read(annotated_word()))
    [article] = piece.articles
    [block] = article.blocs
    text = plain_of(block)
    assert text == "Le délai est de trente jours ouvrés."
    [comment] = piece.comments
    assert (comment.auteur, comment.texte) == ("Paul Petit", "Ouvrés ou ouvrables ?")
    assert comment.bloc == block["attrs"]["id"]
    assert text[comment.debut : comment.fin].strip() == comment.citation == "jours ouvrés"
    assert [(s.nature, s.texte, s.debut) for s in piece.suggestions] == [
        ("suppression", "trente", 16),
        ("insertion", "quarante", 22),
    ]
    assert {s.auteur for s in piece.suggestions} == {"Léa Martin"}
    assert (piece.report.comments, piece.report.tracked_changes) == (1, 2)


def test_opendocument_remarks_are_data_too():
    draft = read(styled_word((1, "Délais"), (0, "Le délai est de jours ouvrés.")))
    piece = read(annotated_odt(write_odt(content_of(draft))), "odt")
    [block] = piece.articles[0].blocs
    assert plain_of(block) == "Le délai est de trente jours ouvrés."
    assert [(s.nature, s.texte, s.debut, s.bloc) for s in piece.suggestions] == [
        ("insertion", "quarante ", 16, block["attrs"]["id"]),
        ("suppression", "trente ", 16, block["attrs"]["id"]),
    ]
    [comment] = piece.comments
    assert (comment.auteur, comment.texte, comment.citation) == ("Léa Martin", "Ouvrés ?", "jours")


def test_exponents_of_markdown_are_read_both_ways():
    text = "# Objet\n\nLe 1^er^ lot, le 2<sup>e</sup>, H<sub>2</sub>O, a<sup>b c</sup>.\n\n```\n3<sup>e</sup>\n```\n"
    first, code = read(text.encode(), "markdown").articles[0].blocs
    said = [(n["text"], [m["type"] for m in n.get("marks", ())]) for n in first["content"]]
    assert said == [
        ("Le 1", []), ("er", ["superscript"]), (" lot, le 2", []), ("e", ["superscript"]),
        (", H", []), ("2", ["subscript"]), ("O, a<sup>b c</sup>.", []),
    ]  # fmt: skip
    assert plain_of(code) == "3<sup>e</sup>"


def test_markdown_as_people_type_it():
    text = (
        "---\ntitle: Le cahier\nlayout: page\n---\n## 1. Objet\ntexte :\n- a\n- b\n\n"
        "## 2. Prix\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "note[^1] [lien](javascript:alert(1)) [bon](https://exemple.fr)\n\n[^1]: la note\n"
    )
    piece = _valid(read(text.encode(), "markdown"))
    assert piece.titre == "Le cahier"
    assert outline(piece) == [(1, "Objet"), (1, "Prix")]
    assert [b["type"] for b in piece.articles[0].blocs] == ["paragraph", "bullet_list"]
    assert (piece.report.tables, piece.report.footnotes) == (1, 1)
    assert piece.notes == ("la note",)
    assert set(piece.report.non_reconnu) == {"lien_refuse", "metadonnee"}


def test_same_file_same_draft():
    content = rich_word()
    assert read(content) == read(content)


def test_invisible_and_private_characters_do_not_enter():
    hostile = "prix\u202eTH \u200bnet \uf8d0art:00000000000000000000000000000000\uf8d1 fin"
    piece = read(styled_word((1, "Objet"), (0, hostile), (1, "Fin"), (0, "x")))
    text = plain_of(piece.articles[0].blocs[0])
    assert not {"\u202e", "\u200b", "\uf8d0", "\uf8d1"} & set(text)
    said = piece.report.non_reconnu["caractere_invisible"]
    assert (said["nombre"], said["exemple"]) == (2, "prix␦TH")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"un texte", repacked(rich_word(), document=b"<w:broken")]
)
def test_damaged_packages_are_refused_in_french(content):
    with pytest.raises(ImportRefused, match=r"^Le fichier"):
        prepare(content, "docx")


def test_entities_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(ImportRefused):
        prepare(repacked(rich_word(), document=bomb), "docx")


def test_empty_document_is_refused():
    with pytest.raises(ImportRefused, match="aucun texte"):
        read(plain_word(""))


def test_heavy_articles_are_cut_within_the_limits_of_the_schema():
    row = "| " + "mot " * 40 + "| b |\n"
    text = "# Objet\n\n| a | b |\n|---|---|\n" + row * 3000 + "\n" + "phrase " * 40_000
    piece = _valid(read(text.encode(), "markdown"))
    assert len(piece.articles) > 2
    assert all(article.titre.startswith("Objet") for article in piece.articles)
    words = sum(len(plain_words(article.corps)) for article in piece.articles)
    assert words == 3000 * 41 + 2 + 40_000


def test_deep_lists_are_flattened_within_the_limits_of_the_schema():
    text = "# Objet\n\n" + "".join("    " * depth + f"- niveau {depth}\n" for depth in range(20))
    piece = _valid(read(text.encode(), "markdown"))
    assert piece.report.non_reconnu["liste_trop_profonde"]["nombre"] >= 1
    assert "niveau 19" in plain_of(piece.articles[0].blocs[0])


@pytest.mark.parametrize(
    "line", ["." * 200_000, "1. " * 60_000, "article " * 30_000, "<" * 50_000, "a" * 200_000 + " 3"]
)
def test_hostile_lines_do_not_hang(line):
    # In Word, where pandoc does not parse the text: what is slow here would be ours.
    piece = read(plain_word("Sommaire", line, ("1. Objet", "gras"), line, ("2. Fin", "gras"), line))
    assert piece.report.articles >= 1


def test_a_row_left_empty_to_be_filled_is_kept():
    document = docx.Document()
    document.add_heading("Prix", 1)
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 1).text = "x"
    [article] = _valid(read(saved(document))).articles
    rows = article.blocs[0]["content"]
    assert [[c["attrs"]["colspan"] for c in row["content"]] for row in rows] == [[2, 1], [1, 1, 1]]
    assert {c["type"] for c in rows[0]["content"]} == {"table_cell"}


def test_titles_of_the_contents_are_named_and_counted_past_ten():
    assert name_some([str(n) for n in range(12)]).endswith("et 2 autres")


def test_everything_left_aside_has_its_words():
    """Repair: add the kind to `labels.LABELS`, with what it means for the text."""
    source = "".join(path.read_text() for path in Path(labels.__file__).parent.glob("*.py"))
    kinds = set(re.findall(r"(?:miss|survey\.add)\(\s*\"([a-z_0-9]+)\"", source))
    kinds |= (
        set(inlines._LOST.values())
        | set(word_preparation.COUNTED)
        | set(word_preparation.COUNTED_W)
    )
    assert len(kinds) > 25
    assert kinds <= set(labels.LABELS)
    for libelle, explication in labels.LABELS.values():
        assert libelle[0].isupper()
        assert "_" not in libelle
        assert explication.endswith((".", ")."))


def test_comments_and_tracked_changes_are_told_as_left_aside():
    piece = read(annotated_word())
    draft = {"suggestions": [asdict(s) for s in piece.suggestions]}
    left = tell_left(piece.report.as_json(), draft)
    assert [(row.libelle, row.nombre) for row in left] == [
        ("Modifications suivies", 2),
        ("Commentaires", 1),
    ]
    assert "les insertions n’y sont pas" in left[0].explication
    assert "trente" in left[0].exemple


def test_what_is_left_aside_is_shown_in_reading_order():
    report = ImportReport()
    report.miss("formule", "prix\u202e00 5")
    assert report.non_reconnu["formule"]["exemple"] == "prix␦00 5"


@pytest.mark.parametrize("heading", ["%s", "Article 3\u00a0: %s", "1. %s"])
def test_a_title_keeps_the_spaces_that_hold_its_signs(heading):
    """Numbered or not, as the text does; what only parts two words is one space."""
    words = "Délais\u202f: «\u00a0gros  œuvre\u00a0»\u202f; réception"
    piece = read(styled_word((1, heading % words), (0, "Texte.")))
    assert piece.articles[0].titre == words.replace("  ", " ")


def test_a_title_made_of_a_passage_keeps_its_spaces():
    piece = read(styled_word((1, "Objet"), (0, "Délais\u202f: trois"), (0, "Texte.")))
    [article] = piece.articles
    [made] = [
        one for one in make_heading(piece.articles, article=article.id, bloc=article.blocs[0]["attrs"]["id"])
        if one.id != article.id
    ]  # fmt: skip
    assert made.titre == "Délais\u202f: trois"
    [renamed] = rename((made,), article=made.id, titre=" Prix \u202f; ")
    assert renamed.titre == "Prix \u202f;"


def test_the_child_joins_spaces_as_the_site_does():
    """The closed child has no kernel, so the rule is written twice: here the two are one."""
    assert inspect.getsource(spaces.join_spaces) == inspect.getsource(typographie.join_spaces)
    assert spaces._SPACES.pattern == typographie._SPACES.pattern
