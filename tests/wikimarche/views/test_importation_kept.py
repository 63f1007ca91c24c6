"""What an import keeps is shown: the document received, its comments, its tracked changes, and to whom."""

from hashlib import sha256

import docx
import lxml.html
import pytest
from django.urls import reverse
from docx.oxml import parse_xml

from procurement.documents.services.files import path_of
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Participation
from procurement.marches.services import change_role, end_participation, share_marche
from procurement.organisations.models import Membership
from procurement.organisations.services import end_membership
from tests.wikimarche.domain.importing.samples import W, annotated_word, saved, styled_word
from tests.wikimarche.views.test_importations import CCTP, HTMX, act, detail, receive
from wikimarche.domain.importing import find_homes
from wikimarche.models import Article
from wikimarche.selectors import last_version
from wikimarche.selectors.drafts import read_draft
from wikimarche.selectors.kept import read_kept
from wikimarche.services import withdraw_piece


HOSTILE = '<script>alert("1")</script>'


def download(importation):
    return reverse("wikimarche:importation_download", args=[importation.pk])


def see(browser, url, **extra):
    answer = browser.get(url, **extra)
    return answer.status_code, answer.content.decode()


def fetch(browser, importation):
    """Ask for the document; return the answer and the bytes. Read to its end, a file is closed."""
    answer = browser.get(download(importation))
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def words_of(page):
    """The words of the page, as they are read."""
    return " ".join(lxml.html.fromstring(page).text_content().split()).replace("\u202f", " ")


def busy_word(comments=25):
    """A document of one article with many comments and tracked changes, some of them hostile."""
    document = docx.Document()
    document.add_heading("Délais", 1)
    paragraph = document.add_paragraph("Le délai est de ")
    for rank in range(comments):
        run = paragraph.add_run(f"passage {rank} ")
        document.add_comment(run, text=f"Remarque {rank} {HOSTILE}", author=f"Auteur {HOSTILE}")
        who = f'w:author="Léa" w:date="2025-01-02T10:{rank:02d}:00Z"'
        paragraph._p.append(
            parse_xml(f'<w:ins {W} w:id="{rank}" {who}><w:r><w:t>mot {rank}</w:t></w:r></w:ins>')
        )
    return saved(document)


@pytest.fixture
def annotated(equipe):
    return receive(equipe, annotated_word())


# ── Shown, while it waits and once it is in the pièce ───────────────────────────────────────────


def test_comments_and_changes_are_read_with_who_when_and_where(equipe, annotated):
    said = words_of(see(equipe.browser(), detail(annotated))[1]).replace("\xa0", " ")
    assert "Commentaires : 1" in said
    assert "Paul Petit" in said
    assert "« jours ouvrés » Ouvrés ou ouvrables ?" in said
    assert "Modifications suivies : 2" in said
    assert "Suppression · Léa Martin · 2 janvier 2025 à 10 h article 1 « Délais » trente" in said
    assert "Insertion · Léa Martin · 2 janvier 2025 à 10 h article 1 « Délais » quarante" in said


def test_the_same_once_accepted_and_once_the_piece_is_withdrawn(equipe, annotated):
    browser = equipe.browser()
    act(browser, "accept", annotated)
    annotated.refresh_from_db()
    assert annotated.version == last_version(equipe.piece).numero
    article = Article.objects.get(provenance__importation=str(annotated.pk))
    for change in (
        lambda: None,
        lambda: withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece),
    ):
        change()
        status, page = see(browser, detail(annotated))
        assert status == 200
        assert "Ouvrés ou ouvrables" in page
        assert "quarante" in page
        assert f'href="{reverse("wikimarche:article_detail", args=[article.pk])}"' in page
        assert f"à la version {annotated.version} " in words_of(page)
        assert fetch(browser, annotated)[0].status_code == 200


def test_the_report_is_read_again_once_the_document_is_in_the_piece(equipe):
    titles = ((1, "Article 1 - Objet"), (0, "Voir l’article 3."), (1, "Article 3 - Prix"))
    made, browser = receive(equipe, styled_word(*titles)), equipe.browser()
    path = "//aside[@aria-label='Ce qui a été reconnu']"
    before = lxml.html.fromstring(see(browser, detail(made))[1]).xpath(path)[0].text_content()
    assert "«\u202f3 Prix\u202f» devient 2" in before
    act(browser, "accept", made)
    after = lxml.html.fromstring(see(browser, detail(made))[1]).xpath(path)[0].text_content()
    assert after == before


def test_who_may_not_read_what_is_kept_does_not_read_the_report(equipe, annotated):
    """It quotes the words of the document, and of its comments."""
    act(equipe.browser(), "accept", annotated)
    status, page = see(equipe.browser("observateur"), detail(annotated))
    assert (status, "Ce qui a été reconnu" in page) == (200, False)


def test_a_document_put_aside_is_still_read_by_who_may_import(equipe, annotated):
    act(equipe.browser(), "abandon", annotated)
    status, page = see(equipe.browser(), detail(annotated))
    assert (status, "Il est écarté" in page, "Ouvrés ou ouvrables" in page) == (200, True, True)


def test_a_frozen_piece_shows_what_waits_and_why_it_cannot_enter(equipe, annotated):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    status, page = see(equipe.browser(), detail(annotated))
    assert (status, "son texte est figé" in page, "Ouvrés ou ouvrables" in page) == (
        200,
        True,
        True,
    )
    assert "Mettre" not in words_of(page)


def test_a_document_without_any_says_so(equipe):
    made = receive(equipe, styled_word(*CCTP))
    said = words_of(see(equipe.browser(), detail(made))[1])
    assert "Commentaires : 0 Le document n’en portait aucun dans son texte." in said
    assert "Modifications suivies : 0 Le document n’en portait aucune." in said


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_run_that_starts_after_the_last_remark_is_the_last_run(equipe, headers):
    """Never « il n’en portait aucun » of a document that has twenty-five."""
    made, browser = receive(equipe, busy_word()), equipe.browser()
    page = see(browser, detail(made, garde="commentaires", debut=9999), headers=headers)[1]
    assert "n’en portait aucun" not in page
    assert [f"Remarque {rank} " in page for rank in (9, 10, 24)] == [False, True, True]
    assert "Revenir aux premiers" in page


@pytest.mark.parametrize(
    ("held", "asked", "start"),
    [(0, 3, 0), (10, 10, 0), (11, 11, 10), (110, 110, 10), (111, 9999, 110), (111, 110, 110)],
)
def test_where_the_last_run_starts(equipe, annotated, held, asked, start):
    remark = annotated.decoupage["commentaires"][0]
    annotated.decoupage["commentaires"] = [remark] * held
    assert read_kept(annotated, read_draft(annotated), "commentaires", asked).debut == start


def test_long_lists_are_read_in_runs_with_and_without_a_script(equipe):
    made, browser = receive(equipe, busy_word()), equipe.browser()
    page = see(browser, detail(made))[1]
    assert ("Remarque 9 " in page, "Remarque 10 " in page) == (True, False)
    assert words_of(page).count("Voir les autres (15)") == 2
    rest = detail(made, garde="commentaires", debut=10)
    run = see(browser, rest, headers=HTMX)[1]
    assert all(f"Remarque {rank} " in run for rank in range(10, 25))
    assert "<h1" not in run
    assert "Voir les autres" not in run
    whole = see(browser, rest)[1]
    assert ("Remarque 24 " in whole, "Remarque 9 " in whole, "mot 9" in whole) == (
        True,
        False,
        True,
    )
    assert "Revenir aux premiers" in whole


def test_what_others_wrote_is_shown_inert(equipe):
    made, browser = receive(equipe, busy_word()), equipe.browser()
    for accepted in (False, True):
        if accepted:
            act(browser, "accept", made)
        page = see(browser, detail(made))[1]
        assert HOSTILE not in page
        assert "Remarque 0 &lt;script&gt;" in page
        assert "Auteur &lt;script&gt;" in page


# ── The document itself ─────────────────────────────────────────────────────────────────────────


def test_the_document_received_comes_back_whole_as_an_attachment(equipe):
    content = annotated_word()
    made = receive(equipe, content, "Projet de CCTP.docx")
    for accepted in (False, True):
        if accepted:
            act(equipe.browser(), "accept", made)
        answer, received = fetch(equipe.browser(), made)
        assert sha256(received).hexdigest() == sha256(content).hexdigest()
        assert answer["Content-Disposition"].startswith("attachment;")
        assert "Projet%20de%20CCTP.docx" in answer["Content-Disposition"]
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert sha256(content).hexdigest() in see(equipe.browser(), detail(made))[1]


def test_altered_bytes_are_not_sent(equipe, annotated):
    path = path_of(annotated.fichier.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert equipe.browser().get(download(annotated)).status_code == 409


def test_a_refused_document_has_nothing_to_fetch(equipe):
    made = receive(equipe, saved(docx.Document()), "vide.docx")
    assert made.statut == "refuse"
    assert equipe.browser().get(download(made)).status_code == 404


# ── Who reads it ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["observateur", "commentateur", "moderateur"])
def test_a_reader_sees_the_import_that_is_in_the_piece_and_no_more(equipe, annotated, role):
    browser = equipe.browser(role)
    assert browser.get(detail(annotated)).status_code == 403
    act(equipe.browser(), "accept", annotated)
    status, page = see(browser, detail(annotated))
    assert status == 200
    assert "Il est dans la pièce" in page
    assert "il se lit par qui peut l’importer et par les juristes" in page
    for kept in ("Ouvrés ou ouvrables", "quarante", "Paul Petit", annotated.fichier.sha256):
        assert kept not in page
    annotated.refresh_from_db()
    for article in read_draft(annotated):
        asked = detail(annotated, article=article.id)
        for headers in ({}, HTMX):
            assert "Le délai" not in see(browser, asked, headers=headers)[1]
            assert "Le délai" not in see(equipe.browser(), asked, headers=headers)[1]
    run = detail(annotated, garde="commentaires", debut=0)
    assert "Ouvrés ou ouvrables" not in see(browser, run, headers=HTMX)[1]
    assert browser.get(download(annotated)).status_code == 403


def test_a_juriste_reads_it_once_the_marche_is_shared(equipe, annotated):
    browser = equipe.browser("juriste")
    assert [browser.get(url).status_code for url in (detail(annotated), download(annotated))] == [
        404,
        404,
    ]
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    status, page = see(browser, detail(annotated))
    assert (status, "Ouvrés ou ouvrables" in page) == (200, True)
    assert "Mettre" not in words_of(page)
    assert fetch(browser, annotated)[0].status_code == 200


def leave_the_marche(equipe):
    hers = Participation.objects.get(user=equipe.person(), marche=equipe.marche)
    end_participation(by=equipe.gestionnaire, participation=hers)


def leave_the_organisation(equipe):
    hers = Membership.objects.get(user=equipe.person(), is_active=True)
    end_membership(by=None, membership=hers)


@pytest.mark.parametrize("leave", [leave_the_marche, leave_the_organisation])
@pytest.mark.parametrize("accepted", [False, True])
def test_who_left_finds_nothing(equipe, annotated, leave, accepted):
    if accepted:
        act(equipe.browser(), "accept", annotated)
    leave(equipe)
    for url in (detail(annotated), download(annotated)):
        assert equipe.browser().get(url).status_code == 404


def test_another_organisation_finds_nothing(equipe, annotated):
    act(equipe.browser(), "accept", annotated)
    for url in (detail(annotated), download(annotated)):
        assert equipe.browser("etranger").get(url).status_code == 404


def test_who_only_reads_from_now_on_fetches_it_no_more(equipe, annotated):
    hers = Participation.objects.get(user=equipe.person(), marche=equipe.marche)
    change_role(by=equipe.gestionnaire, participation=hers, role=RoleParticipation.OBSERVATEUR)
    assert equipe.browser().get(download(annotated)).status_code == 403


# ── Where it is reached from ────────────────────────────────────────────────────────────────────


def test_the_history_leads_to_the_document(equipe, annotated):
    act(equipe.browser(), "accept", annotated)
    link = f'href="{detail(annotated)}"'
    versions = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    for page in (versions, equipe.piece.get_absolute_url()):
        assert link in see(equipe.browser("observateur"), page)[1]
    history = reverse("marches:history_read", args=[equipe.marche.pk])
    page = lxml.html.fromstring(see(equipe.browser("gestionnaire"), history)[1])
    lines = page.xpath(f"//p[a[@href='{detail(annotated)}']]")
    said = [" ".join(line.text_content().split()) for line in lines]
    assert any("a importé le document cctp.docx" in line for line in said)
    assert any("a déposé le document cctp.docx" in line for line in said)


# ── The article a remark is in, once the cutting was corrected ──────────────────────────────────


def two_articles():
    """A comment on a title, another in the text below it; another article before."""
    document = docx.Document()
    document.add_heading("Objet", 1)
    document.add_paragraph("Le marché porte sur le nettoyage.")
    title = document.add_heading("", 1).add_run("Délais")
    document.add_comment(title, text="Du titre", author="Paul Petit")
    document.add_paragraph("Le début.")
    text = document.add_paragraph().add_run("La suite du texte.")
    document.add_comment(text, text="Du texte", author="Paul Petit")
    return saved(document)


def homes(importation):
    importation.refresh_from_db()
    kept = importation.decoupage
    rows = {row["id"]: row["titre"] for row in kept["articles"]}
    found = find_homes(kept["articles"], kept["commentaires"])
    said = [remark["texte"] for remark in kept["commentaires"]]
    return {words: rows.get(home) for words, home in zip(said, found, strict=True)}


def test_a_remark_follows_its_passage_through_the_corrections(equipe):
    made, browser = receive(equipe, two_articles()), equipe.browser()
    _, second = made.decoupage["articles"]
    blocs = [bloc["attrs"]["id"] for bloc in second["corps"]["content"]]
    assert homes(made) == {"Du titre": "Délais", "Du texte": "Délais"}
    act(browser, "correct", made, op="fusionner", article=second["id"])
    assert homes(made) == {"Du titre": "Objet", "Du texte": "Objet"}
    act(browser, "undo", made)
    act(browser, "correct", made, op="en_paragraphe", article=second["id"])
    assert homes(made) == {"Du titre": "Objet", "Du texte": "Objet"}
    act(browser, "undo", made)
    act(browser, "correct", made, op="scinder", article=second["id"], bloc=blocs[1], titre="Fin")
    assert homes(made) == {"Du titre": "Délais", "Du texte": "Fin"}
    act(browser, "undo", made)
    act(browser, "correct", made, op="en_titre", article=second["id"], bloc=blocs[1])
    assert homes(made) == {"Du titre": "Délais", "Du texte": "La suite du texte."}
