"""An import never changes what a number designates without saying so."""

from dataclasses import asdict

import pytest

from tests.wikimarche.domain.importing.reading import outline, read, read_file
from tests.wikimarche.domain.importing.samples import plain_word, styled_word
from tests.wikimarche.reference import reference_files
from wikimarche.domain.importing import correct_piece, retell_remarks
from wikimarche.domain.importing.renumbering import find_moved


GAPS = styled_word(
    (1, "Article 1 - Objet"), (0, "Le prix est à l’article 4, les pénalités à l’article\u00a06."),
    (1, "Article 2 - Durée"), (0, "Voir les articles 1 et 2, et l’article 4 du CCAG-FCS."),
    (0, "Douze mois."),
    (1, "Article 4 - Prix"), (0, "Voir l’article 5 bis, et l’article L. 2113-10 du code."),
    (2, "4.1 Forme"), (0, "Ferme."),
    (1, "Article 5 bis - Avances"), (0, "Rien au 4e article, ni à l’article 4.2.1."),
    (1, "Article 6 - Pénalités"), (0, "Voir les articles 1, 4 et 6."),
)  # fmt: skip
SAID = [
    (
        "4 articles changent de numéro\u202f: «\u202f4 Prix\u202f» devient 3, «\u202f4.1 Forme\u202f» devient 3.1, "
        "«\u202f5 bis Avances\u202f» devient 4, «\u202f6 Pénalités\u202f» devient 5."
    ),
    (
        "5 renvois écrits avec les anciens numéros sont à relire\u202f: "
        "«\u202farticle 4\u202f» dans «\u202f1 Objet\u202f», «\u202farticle 6\u202f» dans «\u202f1 Objet\u202f», "
        "«\u202farticle 5 bis\u202f» dans «\u202f3 Prix\u202f», «\u202farticle 4.2.1\u202f» dans «\u202f4 Avances\u202f», "
        "«\u202farticles 1, 4 et 6\u202f» dans «\u202f5 Pénalités\u202f»."
    ),
]  # fmt: skip


def test_numbers_that_do_not_follow_one_another_are_told_with_what_names_them():
    report = read(GAPS).report.as_json()
    assert report["remarques"] == report["numeros"] == SAID


def test_the_words_of_the_text_are_left_as_they_are():
    piece = read(GAPS)
    assert "Voir l’article 5 bis" in str(piece.articles[2].corps)
    assert piece.report.renvois == 0


def test_bis_belongs_to_the_number():
    piece = read(GAPS)
    assert outline(piece)[4] == (1, "Avances")
    assert piece.articles[4].numero_imprime == "5 bis"


@pytest.mark.parametrize(
    ("titles", "printed"),
    [
        (("1. Objet", "2. Durée", "2bis. Prix", "2 ter Avances", "3. Fin"), ["1", "2", "2 bis", "2 ter", "3"]),
        (("ARTICLE 1 : OBJET", "ARTICLE 1 BIS : PRIX", "ARTICLE 2 : FIN"), ["1", "1 bis", "2"]),
        (("A - Objet", "A bis - Prix", "B - Fin"), ["A", "A bis", "B"]),
    ],
)  # fmt: skip
def test_bis_is_read_with_or_without_a_style(titles, printed):
    texte = "Le titulaire exécute les prestations dans les conditions du marché. " * 2
    for made in (
        styled_word(*((1, title) for title in titles)),
        plain_word(*(line for title in titles for line in ((title, "gras"), texte))),
    ):
        piece = read(made)
        assert [article.numero_imprime for article in piece.articles] == printed
        assert all(a.titre.lower() in "objet durée prix avances fin" for a in piece.articles)


@pytest.mark.parametrize(
    "titles",
    [
        ("Article 1 - Objet", "Article 2 - Durée", "Article 3 - Prix"),
        ("ARTICLE PREMIER - OBJET", "ARTICLE 2 - DURÉE"),
        ("I. Objet", "II. Durée", "III. Prix"),
        ("CHAPITRE I - OBJET", "CHAPITRE II - DURÉE"),
        ("Objet", "Durée", "Prix"),
    ],
)
def test_numbers_that_stay_are_not_spoken_of(titles):
    lines = [line for title in titles for line in ((1, title), (0, "Voir l’article 2."))]
    assert read(styled_word(*lines)).report.numeros == []


def test_one_change_and_no_reference_are_said_as_such():
    content = styled_word((1, "Article 1 - Objet"), (0, "Rien."), (1, "Article 3 - Prix"))
    assert read(content).report.numeros == [
        "Un article change de numéro\u202f: «\u202f3 Prix\u202f» devient 2.",
        "Aucun renvoi écrit en toutes lettres avec un ancien numéro n’a été trouvé dans le texte.",
    ]


def test_past_the_sixth_they_are_counted():
    titles = [f"Article {n} - Clause" for n in (1, *range(3, 12))]
    told = read(styled_word(*((1, title) for title in titles))).report.numeros[0]
    assert told.startswith("9 articles changent de numéro")
    assert (told.count("devient"), told.endswith(" et 3 autres.")) == (6, True)


def test_a_correction_tells_the_numbers_of_then():
    piece = read(GAPS)
    second = piece.articles[1]
    bloc = second.blocs[1]["attrs"]["id"]
    operations = [{"op": "scinder", "article": second.id, "bloc": bloc, "titre": "Ajout"}]
    corrected = correct_piece(piece, operations)
    told = corrected.report.numeros
    assert told[0] == "Un article change de numéro\u202f: «\u202f5 bis Avances\u202f» devient 5."
    assert told[1].startswith(
        "Un renvoi écrit avec un ancien numéro est à relire\u202f: «\u202farticle 5 bis"
    )
    assert corrected.report.remarques == told
    rows = [asdict(article) for article in corrected.articles]
    kept = retell_remarks({"numeros": SAID, "remarques": [*SAID, "Autre."]}, rows)
    assert kept == [*told, "Autre."]


CHANGED = {"DC1_2019": (10, 0), "DC2_formulaire": (22, 5)}


@pytest.mark.parametrize("path", reference_files("dce", "*.docx", "*.md"), ids=lambda p: p.stem)
def test_what_reference_documents_are_told(path):
    piece = read_file(path)
    changed, references = CHANGED.get(path.stem, (0, 0))
    assert len(find_moved(piece.articles)) == changed
    assert len(piece.report.numeros) == (2 if changed else 0)
    if references:
        assert piece.report.numeros[1].startswith(f"{references} renvois écrits")
