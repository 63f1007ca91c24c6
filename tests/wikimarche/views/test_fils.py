"""Comments: who said what about which words, and what becomes of it."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import recording, verify_evidence
from procurement.marches.enums import StatutMarche
from procurement.marches.services import move_marche
from tests.support.equipe import commit, commits_url, state_of, text_of, words
from tests.support.fils import act_url, blocs_of, comment_on, ends, open_url, passage
from tests.wikimarche.domain.factories import add_mark, comment, delete, doc, liste, p, tableau
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.domain.canonical import canonical_hash
from wikimarche.domain.steps import replay_steps
from wikimarche.enums import GenreFil, StatutFil, StatutPiece
from wikimarche.models import Article, Commentaire, Commit, Fil, Version
from wikimarche.selectors import Ancrage, Choix, list_fils, read_fil, tally_fils


HTMX = {"HX-Request": "true"}


def turns(fil):
    return list(Commentaire.objects.filter(fil=fil).order_by("instant"))


def where(fil):
    return read_fil(Fil.objects.get(pk=fil.pk))


# ── Opening a thread ────────────────────────────────────────────────────────────────────────────


def test_words_are_commented_and_quoted(equipe):
    before = Article.objects.get(pk=equipe.article.pk).empreinte
    on = passage(equipe.article, 16, 28)
    fil = comment_on(equipe.browser("commentateur"), equipe.article, "Trente, ou soixante ?", on=on)
    assert (fil.citation, fil.genre, fil.statut) == (
        "trente jours",
        GenreFil.QUESTION,
        StatutFil.OUVERT,
    )
    assert fil.auteur == equipe.person("commentateur")
    assert [dit.texte for dit in turns(fil)] == ["Trente, ou soixante ?"]
    article = Article.objects.get(pk=equipe.article.pk)
    (first, anchored, last) = article.corps["content"][0]["content"]
    assert anchored["text"] == "trente jours"
    assert anchored["marks"] == [{"type": "comment", "attrs": {"fil": str(fil.pk)}}]
    assert "marks" not in first
    assert "marks" not in last
    # The content is what it was: a comment never voids a visa.
    assert article.empreinte == before == canonical_hash(article.titre, article.corps)


def test_a_whole_article_and_a_whole_piece_are_commented(equipe):
    browser, before = equipe.browser("commentateur"), state_of(equipe.piece)
    on_article = comment_on(browser, equipe.article)
    url = reverse("wikimarche:fil_open_on_piece", args=[equipe.piece.pk])
    answer = browser.post(url, {"genre": "avis_juridique", "texte": "À relire entière."})
    assert answer.status_code == 302
    on_piece = Fil.objects.exclude(pk=on_article.pk).get()
    assert (where(on_article).ancrage, where(on_article).numero) == (Ancrage.ARTICLE, "1")
    assert where(on_piece).ancrage == Ancrage.PIECE
    # No text changed, no version was made.
    assert state_of(equipe.piece) == before


def test_a_passage_goes_over_several_blocks(equipe):
    equipe.browser().send_json(
        commits_url(equipe.article),
        commit(
            0,
            {
                "stepType": "replace",
                "from": 14,
                "to": 14,
                "slice": {
                    "content": [{"type": "paragraph"}, {"type": "paragraph"}],
                    "openStart": 1,
                    "openEnd": 1,
                },
            },
        ),
    )
    on = passage(equipe.article, 3, 2, bloc=0, fin=1)
    fil = comment_on(equipe.browser("commentateur"), equipe.article, on=on)
    first, second = text_of(equipe.article).split("\n")
    assert fil.citation == f"{first[3:]}\n{second[:2]}"


@pytest.mark.parametrize(
    ("bloc", "debut", "fin", "said"),
    [
        (liste("Sols", "Vitres et cadres", id="lllllllll"), (1, 0), (1, 6), "Vitres"),
        (liste("Sols", "Vitres", id="lllllllll"), (0, 1), (1, 3), "ols\nVit"),
        (
            tableau(["Lieu", "Jours"], ["Hall", "lundi, jeudi"], id="ttttttttt"),
            (3, 7),
            (3, 12),
            "jeudi",
        ),
        (
            tableau(["Lieu", "Jours"], ["Hall", "lundi"], id="ttttttttt"),
            (2, 0),
            (3, 5),
            "Hall\nlundi",
        ),
    ],
    ids=["item", "items", "cell", "row"],
)
def test_words_of_lists_and_tables_are_commented(equipe, bloc, debut, fin, said):
    mixed = ArticleFactory(piece=equipe.piece, corps=doc(p("Avant", id="aaaaaaaaa"), bloc))
    _, name = blocs_of(mixed)
    on = {"passage": ends((name, *debut), (name, *fin)), "base": 0}
    fil = comment_on(equipe.browser("commentateur"), mixed, on=on)
    assert fil.citation == said
    assert where(fil).ancrage == Ancrage.PASSAGE


def test_a_comment_sent_twice_is_said_once(equipe):
    browser = equipe.browser("commentateur")
    sent = {"id": str(uuid4()), "genre": "question", "texte": "Oui ?"} | passage(
        equipe.article, 0, 2
    )
    answers = [browser.post(open_url(equipe.article), sent, headers=HTMX) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Fil.objects.count() == Commentaire.objects.count() == 1
    stolen = equipe.browser("commentateur", "autre").post(
        open_url(equipe.article), sent, headers=HTMX
    )
    assert (stolen.status_code, stolen.json()["erreur"]) == (409, "Cet identifiant a déjà servi.")


def test_a_passage_chosen_on_an_older_text_follows_what_others_wrote(equipe):
    on = passage(equipe.article, 16, 28)
    equipe.browser().send_json(commits_url(equipe.article), words("Ici et maintenant, "))
    fil = comment_on(equipe.browser("commentateur"), equipe.article, on=on)
    marked = [
        node["text"]
        for node in Article.objects.get(pk=equipe.article.pk).corps["content"][0]["content"]
        if node.get("marks")
    ]
    assert marked == ["trente jours"] == [fil.citation]


def test_a_passage_taken_away_meanwhile_is_said_and_nothing_is_kept(equipe):
    on = passage(equipe.article, 16, 28)
    equipe.browser().send_json(commits_url(equipe.article), commit(0, delete(10, 29)))
    before = state_of(equipe.piece)
    sent = {"genre": "question", "texte": "Trente ?", **on}
    answer = equipe.browser("commentateur").post(open_url(equipe.article), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "vient d’être retiré" in answer.json()["erreur"]
    assert state_of(equipe.piece) == before
    assert not Fil.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"texte": " \u202e\n "}, "obligatoire"),
        ({"texte": "x" * 5001}, "5000"),
        ({"genre": "éloge"}, "éloge"),
        ({"id": "1"}, "UUID"),
        ({"passage": "{"}, "illisible"),
        ({"passage": "[1]"}, "illisible"),
        ({"passage": "[]"}, "illisible"),
        ({"passage": '[["b", 0, 1], ["b", 0, 2], ["b", 0, 3]]'}, "illisible"),
        ({"passage": "[" * 399}, "illisible"),
        ({"passage": "9" * 399}, "illisible"),
        ({"base": ""}, "version de l’article"),
        ({"passage": [("BLOC", 0), ("BLOC", 0)]}, "illisible"),
        ({"passage": [("BLOC", "0", 1), ("BLOC", 0, 2)]}, "illisible"),
        ({"passage": [("BLOC", True, 1), ("BLOC", 0, 2)]}, "illisible"),
        ({"passage": [("BLOC", 0, 0), ("inconnu", 0, 2)]}, "n’est pas dans l’article"),
        ({"passage": [("BLOC", 0, 0), ("BLOC", 1, 2)]}, "n’est pas dans l’article"),
        ({"passage": [("BLOC", 0, 0), ("BLOC", 0, 4000)]}, "dépasse"),
        ({"passage": [("BLOC", 0, -1), ("BLOC", 0, 4)]}, "dépasse"),
        ({"passage": [("BLOC", 0, 5), ("BLOC", 0, 5)]}, "Choisissez d’abord"),
        ({"passage": [("BLOC", 0, 9), ("BLOC", 0, 2)]}, "Choisissez d’abord"),
    ],
    ids=[
        *(
            "nothing",
            "too much",
            "kind",
            "identifier",
            "no JSON",
            "no ends",
            "none",
            "three",
            "deep",
            "large",
        ),
        *("no base", "half an end"),
        *("line as text", "line as truth", "unknown block", "unknown line", "too far", "before"),
        *("no words", "backwards"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(equipe, changed, said):
    (bloc,) = blocs_of(equipe.article)
    if isinstance(bords := changed.get("passage"), list):
        changed = {"passage": ends(*bords).replace("BLOC", bloc)}
    sent = {"genre": "question", "texte": "Oui ?"} | passage(equipe.article, 0, 2) | changed
    before = state_of(equipe.piece)
    answer = equipe.browser("commentateur").post(open_url(equipe.article), sent, headers=HTMX)
    assert answer.status_code == 400
    assert said in answer.json()["erreur"]
    assert state_of(equipe.piece) == before
    assert not Fil.objects.exists()


def test_without_a_script_the_words_typed_come_back_with_what_is_wrong(equipe):
    browser = equipe.browser("commentateur")
    assert "Commenter un article" in browser.get(open_url(equipe.article)).content.decode()
    answer = browser.post(open_url(equipe.article), {"texte": "Mots gardés", "genre": ""})
    assert answer.status_code == 400
    assert "Mots gardés" in answer.content.decode()


def test_a_base_to_come_is_refused(equipe):
    sent = {"genre": "question", "texte": "Oui ?"} | passage(equipe.article, 0, 2) | {"base": 7}
    answer = equipe.browser("commentateur").post(open_url(equipe.article), sent, headers=HTMX)
    assert answer.status_code == 409


def test_an_observateur_does_not_comment(equipe):
    sent = {"genre": "question", "texte": "Oui ?"}
    answer = equipe.browser("observateur").post(open_url(equipe.article), sent, headers=HTMX)
    assert answer.status_code == 403
    assert not Fil.objects.exists()


def test_a_frozen_text_is_still_discussed(equipe):
    equipe.piece.statut = StatutPiece.EN_VISA
    with recording(by=equipe.gestionnaire, tag="wikimarche:piece:submitted", obj=equipe.piece):
        equipe.piece.save(update_fields=["statut"])
    on = passage(equipe.article, 3, 8)
    fil = comment_on(equipe.browser("commentateur"), equipe.article, on=on)
    assert where(fil).ancrage == Ancrage.PASSAGE
    assert equipe.browser().send_json(commits_url(equipe.article), words("x")).status_code == 409


def test_nothing_is_said_any_more_once_the_marche_is_published(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.article)
    for step in (StatutMarche.REDACTION, StatutMarche.VISAS, StatutMarche.PUBLICATION):
        move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=step)
        equipe.marche.refresh_from_db()
    for url, sent in (
        (open_url(equipe.article), {"genre": "question", "texte": "Oui ?"}),
        (act_url("reply", fil), {"texte": "Non"}),
        (act_url("resolve", fil), {}),
    ):
        answer = equipe.browser("commentateur").post(url, sent, headers=HTMX)
        assert answer.status_code == 409, url
        assert "Publication" in answer.json()["erreur"]


# ── Answering, closing, opening again ───────────────────────────────────────────────────────────


def test_a_thread_is_answered_closed_and_opened_again(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.article)
    editor = equipe.browser()
    for verb, texte in (("reply", "Peut-être."), ("resolve", "Oui."), ("reopen", "")):
        answer = editor.post(act_url(verb, fil), {"texte": texte}, headers=HTMX)
        assert answer.status_code == 200, answer.content
    assert [(dit.geste, dit.texte) for dit in turns(fil)] == [
        ("dit", "Est-ce assez long ?"),
        ("dit", "Peut-être."),
        ("resout", "Oui."),
        ("rouvre", ""),
    ]
    assert Fil.objects.get(pk=fil.pk).statut == StatutFil.OUVERT


def test_an_answer_sent_twice_is_said_once(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.article)
    sent, editor = {"texte": "Oui.", "id": str(uuid4())}, equipe.browser()
    for _ in range(2):
        assert editor.post(act_url("reply", fil), sent, headers=HTMX).status_code == 200
    assert len(turns(fil)) == 2
    other = equipe.browser("editeur", "autre").post(act_url("reply", fil), sent, headers=HTMX)
    assert other.status_code == 409


def test_a_blocking_objection_is_closed_with_an_answer_only(equipe):
    fil = comment_on(
        equipe.browser("commentateur"),
        equipe.article,
        "Ce label est réservé.",
        genre=GenreFil.OBJECTION,
    )
    assert Fil.objects.get(pk=fil.pk).bloque
    refused = equipe.browser().post(act_url("resolve", fil), {"texte": " "}, headers=HTMX)
    assert (refused.status_code, refused.json()["erreur"]) == (
        400,
        "Une objection se lève avec une réponse\u202f: écrivez-la.",
    )
    assert Fil.objects.get(pk=fil.pk).bloque
    equipe.browser().post(
        act_url("resolve", fil), {"texte": "« ou équivalent » ajouté."}, headers=HTMX
    )
    assert not Fil.objects.get(pk=fil.pk).bloque


@pytest.mark.parametrize(
    ("closed", "verb", "said"),
    [(True, "reply", "résolu"), (True, "resolve", "résolu"), (False, "reopen", "déjà ouvert")],
)
def test_what_is_done_already_is_not_done_again(equipe, closed, verb, said):
    fil, editor = comment_on(equipe.browser("commentateur"), equipe.article), equipe.browser()
    if closed:
        editor.post(act_url("resolve", fil), {"texte": "Fait."}, headers=HTMX)
    before = len(turns(fil))
    answer = editor.post(act_url(verb, fil), {"texte": "Encore."}, headers=HTMX)
    assert answer.status_code == 409
    assert said in answer.json()["erreur"]
    assert len(turns(fil)) == before


# ── Correcting, masking ─────────────────────────────────────────────────────────────────────────


def of_comment(verb, dit):
    return reverse(f"wikimarche:commentaire_{verb}", args=[dit.pk])


def test_one_corrects_what_one_said_oneself(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.article, "Trente our ?")
    (dit,) = turns(fil)
    url = of_comment("correct", dit)
    assert (
        equipe.browser("gestionnaire").post(url, {"texte": "Autre"}, headers=HTMX).status_code
        == 403
    )
    answer = equipe.browser("commentateur").post(url, {"texte": "Trente jours ?"}, headers=HTMX)
    assert answer.status_code == 200
    (dit,) = turns(fil)
    assert (dit.texte, bool(dit.corrige_le)) == ("Trente jours ?", True)


@pytest.mark.attaque("E04")
def test_a_commentateur_takes_no_comment_away(equipe):
    fil = comment_on(
        equipe.browser(),
        equipe.article,
        on=passage(equipe.article, 3, 8),
    )
    (dit,) = turns(fil)
    browser, before = equipe.browser("commentateur"), state_of(equipe.piece)
    assert browser.post(of_comment("mask", dit), {"motif": "Non"}, headers=HTMX).status_code == 403
    mark = {"stepType": "removeMark", "mark": comment(str(fil.pk)), "from": 4, "to": 9}
    answer = browser.send_json(commits_url(equipe.article), commit(1, mark))
    assert (answer.status_code, answer.json()["erreur"]) == (
        403,
        "Ce commentaire est celui d’une autre personne.",
    )
    assert state_of(equipe.piece) == before
    assert where(fil).ancrage == Ancrage.PASSAGE


def test_a_masked_comment_is_read_by_nobody_and_comes_back(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.article, "Propos déplacé")
    (dit,) = turns(fil)
    moderator = equipe.browser("moderateur")
    empty = moderator.post(of_comment("mask", dit), {"motif": " "}, headers=HTMX)
    assert empty.status_code == 400
    answer = moderator.post(of_comment("mask", dit), {"motif": "Hors sujet"}, headers=HTMX)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f"Masqué par {equipe.person('moderateur')}" in page
    assert "Hors sujet" in page
    for role in ("commentateur", "editeur", "gestionnaire", "observateur"):
        url = reverse("wikimarche:fil_detail", args=[fil.pk])
        assert "Propos déplacé" not in equipe.browser(role).get(url).content.decode()
    # Its author does not get round it, and it is not masked twice.
    fixed = equipe.browser("commentateur").post(
        of_comment("correct", dit), {"texte": "x"}, headers=HTMX
    )
    assert fixed.status_code == 409
    assert (
        moderator.post(of_comment("mask", dit), {"motif": "Encore"}, headers=HTMX).status_code
        == 409
    )
    assert moderator.post(of_comment("unmask", dit), headers=HTMX).status_code == 200
    assert turns(fil)[0].texte == "Propos déplacé"
    assert moderator.post(of_comment("unmask", dit), headers=HTMX).status_code == 409


# ── Anchors follow their words ──────────────────────────────────────────────────────────────────


def anchored(equipe, de=16, a=28):
    return comment_on(
        equipe.browser("commentateur"), equipe.article, on=passage(equipe.article, de, a)
    )


def test_words_all_gone_leave_a_thread_without_passage(equipe):
    fil = anchored(equipe)
    editor = equipe.browser()
    editor.send_json(commits_url(equipe.article), commit(1, delete(17, 20)))
    assert where(fil).ancrage == Ancrage.PASSAGE
    editor.send_json(commits_url(equipe.article), commit(2, delete(10, 26)))
    lost = where(fil)
    assert (lost.ancrage, lost.article) == (Ancrage.ORPHELIN, equipe.article.pk)
    page = editor.get(reverse("wikimarche:fil_detail", args=[fil.pk])).content.decode()
    assert "n’est plus dans le texte" in page
    assert "trente jours" in page
    past = reverse("wikimarche:version_detail", args=[equipe.piece.pk, fil.version])
    assert past in page
    assert "trente jours" in editor.get(past).content.decode()


def test_a_retired_article_keeps_its_threads_for_its_return(equipe):
    fil = anchored(equipe)
    gestion = equipe.browser("gestionnaire")
    gestion.post(
        reverse("wikimarche:article_retire", args=[equipe.article.pk]), {"motif": "Doublon"}
    )
    assert where(fil).ancrage == Ancrage.RETIRE
    gestion.post(reverse("wikimarche:article_reinstate", args=[equipe.article.pk]))
    assert where(fil).ancrage == Ancrage.PASSAGE


def test_a_thread_follows_its_words_through_a_cut_and_a_join(equipe):
    fil = anchored(equipe)
    editor = equipe.browser()
    editor.post(reverse("wikimarche:article_split", args=[equipe.article.pk]), {"position": 14})
    new = Article.objects.filter(piece=equipe.piece).latest("created_at")
    assert (where(fil).ancrage, where(fil).article) == (Ancrage.PASSAGE, new.pk)
    editor.post(reverse("wikimarche:article_merge", args=[new.pk]))
    assert (where(fil).ancrage, where(fil).article) == (Ancrage.PASSAGE, equipe.article.pk)


def test_a_restoration_leaves_the_anchors_of_what_stays(equipe):
    """What is stored is what open pages were told, mark for mark."""
    before = Article.objects.get(pk=equipe.article.pk).numero
    fil = anchored(equipe)
    equipe.browser().send_json(commits_url(equipe.article), words("Ici, ", base=before + 1))
    first = Version.objects.filter(piece=equipe.piece, article=equipe.article).earliest("numero")
    restored = {"version": str(first.numero)}
    url = reverse("wikimarche:article_restore", args=[equipe.article.pk])
    assert equipe.browser("gestionnaire").post(url, restored).status_code == 302
    article = Article.objects.get(pk=equipe.article.pk)
    assert text_of(article) == "Le délai est de trente jours."
    assert where(fil).ancrage == Ancrage.PASSAGE
    born = {
        "type": "doc",
        "content": doc(p("Le délai est de trente jours.", id=blocs_of(article)[0]))["content"],
    }
    steps = [
        step
        for commit in Commit.objects.filter(article=article).order_by("numero")
        for step in commit.pas
    ]
    assert replay_steps(born, steps) == article.corps


def test_a_thread_hung_on_other_words_stays_where_it_was(equipe):
    """A mark under its name, without words it quotes, ties it to nothing."""
    whole = comment_on(equipe.browser("editeur"), equipe.second)
    sent = commit(0, add_mark(1, 5, comment(str(whole.pk))))
    assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 200
    assert (where(whole).ancrage, where(whole).article) == (Ancrage.ARTICLE, equipe.second.pk)
    own = anchored(equipe)
    numero = Article.objects.get(pk=equipe.article.pk).numero
    moved = commit(numero, add_mark(1, 5, comment(str(own.pk))))
    answer = equipe.browser("commentateur").send_json(commits_url(equipe.article), moved)
    assert answer.status_code == 403
    assert "ne change pas de place" in answer.json()["erreur"]


def test_words_that_are_not_those_of_the_page_are_refused(equipe):
    sent = {"genre": "question", "texte": "Oui ?"} | passage(equipe.article, 16, 28)
    for dit, status in (("soixante jours", 409), (" trente\u00a0jours ", 200)):
        answer = equipe.browser("commentateur").post(
            open_url(equipe.article), sent | {"dit": dit}, headers=HTMX
        )
        assert answer.status_code == status, dit
    assert Fil.objects.get().citation == "trente jours"


def test_the_identifier_of_a_save_names_no_thread(equipe):
    taken = words("Ici, ")
    equipe.browser().send_json(commits_url(equipe.article), taken)
    sent = {"id": taken["id"], "genre": "question", "texte": "Oui ?"}
    answer = equipe.browser("commentateur").post(open_url(equipe.article), sent, headers=HTMX)
    assert (answer.status_code, answer.json()["erreur"]) == (409, "Cet identifiant a déjà servi.")


def test_other_words_under_one_identifier_are_not_said_to_be_kept(equipe):
    browser = equipe.browser("commentateur")
    sent = {"id": str(uuid4()), "genre": "question", "texte": "Oui ?"}
    assert browser.post(open_url(equipe.article), sent, headers=HTMX).status_code == 200
    again = browser.post(open_url(equipe.article), sent | {"texte": "Non ?"}, headers=HTMX)
    assert again.status_code == 409
    assert "déjà enregistré" in again.json()["erreur"]


def test_a_quoted_passage_is_taken_away_for_a_reason(equipe):
    fil = anchored(equipe)
    url = act_url("unquote", fil)
    assert equipe.browser("commentateur").post(url, {"motif": "x"}, headers=HTMX).status_code == 403
    moderator = equipe.browser("moderateur")
    assert moderator.post(url, {"motif": " "}, headers=HTMX).status_code == 400
    answer = moderator.post(url, {"motif": "Donnée personnelle"}, headers=HTMX)
    assert answer.status_code == 200
    assert "trente jours" not in answer.content.decode()
    assert Fil.objects.get(pk=fil.pk).citation == "Passage retiré"
    assert moderator.post(url, {"motif": "Encore"}, headers=HTMX).status_code == 409


def test_nobody_unmasks_what_was_masked_of_herself(equipe):
    fil = comment_on(equipe.browser(), equipe.article, "Propos déplacé")
    (dit,) = turns(fil)
    equipe.browser("moderateur").post(
        of_comment("mask", dit), {"motif": "Hors sujet"}, headers=HTMX
    )
    refused = equipe.browser().post(of_comment("unmask", dit), headers=HTMX)
    assert refused.status_code == 403
    assert turns(fil)[0].masque


def test_near_identical_lots_never_take_the_threads_of_one_another(equipe):
    piece = PieceFactory(marche=equipe.marche)
    texte = "Le titulaire du lot {} nettoie les locaux deux fois par semaine."
    lots = [
        ArticleFactory(piece=piece, titre=f"Lot {n}", texte=texte.format(n)) for n in range(1, 9)
    ]
    browser = equipe.browser("commentateur")
    fils = [comment_on(browser, lot, on=passage(lot, 24, 40)) for lot in lots for _ in range(3)]
    editor = equipe.browser()
    gone = lots[3]
    gone.refresh_from_db()
    editor.send_json(commits_url(gone), commit(gone.numero, delete(1, len(texte.format(4)) + 1)))
    views = {view.fil.pk: view for view in list_fils(piece).fils}
    for fil in fils:
        lost = fil.article_id == gone.pk
        assert views[fil.pk].ancrage == (Ancrage.ORPHELIN if lost else Ancrage.PASSAGE)
        assert views[fil.pk].article == fil.article_id


def test_no_words_of_a_text_pass_for_an_anchor(equipe):
    fil = comment_on(equipe.browser("commentateur"), equipe.second)
    forged = f'"fil": "{fil.pk}"'
    equipe.browser().send_json(commits_url(equipe.article), words(forged))
    assert where(fil).article == equipe.second.pk


def test_the_anchor_of_another_piece_does_not_enter(equipe):
    elsewhere = ArticleFactory(piece=PieceFactory(marche=equipe.marche))
    fil = comment_on(equipe.browser(), elsewhere, on=passage(elsewhere, 0, 2))
    before = state_of(equipe.piece)
    sent = commit(0, add_mark(1, 5, comment(str(fil.pk))))
    answer = equipe.browser().send_json(commits_url(equipe.article), sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalide")
    assert state_of(equipe.piece) == before


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────


def test_threads_come_in_the_order_of_the_text(equipe):
    browser = equipe.browser("commentateur")
    second = comment_on(browser, equipe.second, on=passage(equipe.second, 0, 3))
    late = comment_on(browser, equipe.article, on=passage(equipe.article, 16, 20))
    early = comment_on(browser, equipe.article, on=passage(equipe.article, 3, 8))
    assert [view.fil.pk for view in list_fils(equipe.piece).fils] == [early.pk, late.pk, second.pk]


def test_threads_are_chosen(equipe):
    browser, editor = equipe.browser("commentateur"), equipe.browser()
    open_one = comment_on(browser, equipe.article, genre=GenreFil.OBJECTION)
    closed = comment_on(browser, equipe.second)
    editor.post(act_url("resolve", closed), {"texte": "Fait."}, headers=HTMX)

    def chosen(**asked):
        return [view.fil.pk for view in list_fils(equipe.piece, Choix(**asked)).fils]

    assert chosen() == [open_one.pk]
    assert chosen(statut=StatutFil.RESOLU) == [closed.pk]
    assert chosen(statut=None) == [open_one.pk, closed.pk]
    assert chosen(statut=None, auteur=equipe.person("editeur").pk) == [closed.pk]
    assert chosen(statut=None, article=equipe.second.pk) == [closed.pk]
    assert chosen(statut=None, genre=GenreFil.OBJECTION) == [open_one.pk]
    said = tally_fils(equipe.piece)
    assert (said.ouverts, said.resolus, said.objections) == (1, 1, 1)
    page = browser.get(reverse("wikimarche:fil_list", args=[equipe.piece.pk]), {"statut": "tous"})
    assert f"fil-{closed.pk}" in page.content.decode()


def test_a_list_asks_as_many_questions_for_one_thread_as_for_many(equipe):
    browser = equipe.browser("commentateur")

    def count():
        with CaptureQueriesContext(connection) as asked:
            list_fils(equipe.piece)
        return len(asked)

    comment_on(browser, equipe.article, on=passage(equipe.article, 3, 8))
    one = count()
    for _ in range(6):
        comment_on(browser, equipe.second)
    assert count() == one <= 5


# ── Evidence ────────────────────────────────────────────────────────────────────────────────────


def test_every_act_is_in_the_journal_and_in_evidence(equipe):
    browser = equipe.browser("commentateur")
    fil = comment_on(browser, equipe.article, on=passage(equipe.article, 3, 8))
    (dit,) = turns(fil)
    equipe.browser().post(act_url("resolve", fil), {"texte": "Oui."}, headers=HTMX)
    equipe.browser("moderateur").post(
        of_comment("mask", dit), {"motif": "Hors sujet"}, headers=HTMX
    )
    told = {entry.action for entry in list_entries(chain=equipe.marche.pk)}
    assert told >= {
        "wikimarche:article:commented",
        "wikimarche:fil:opened",
        "wikimarche:fil:resolved",
        "wikimarche:commentaire:masked",
    }
    assert verify_evidence(chain=equipe.marche.pk).ok


def test_a_comment_makes_a_version_that_changes_nothing_to_read(equipe):
    fil = comment_on(
        equipe.browser("commentateur"), equipe.article, on=passage(equipe.article, 3, 8)
    )
    last = Version.objects.filter(piece=equipe.piece).latest("numero")
    assert last.numero == fil.version
    url = reverse("wikimarche:piece_compare", args=[equipe.piece.pk])
    page = equipe.browser().get(url, {"de": last.numero - 1, "a": last.numero}).content.decode()
    assert "<ins" not in page
    assert "<del" not in page


def test_who_comments_is_nobody_who_wrote(equipe):
    """Neither in a comparison, nor in the list of versions, nor for a page that is open."""
    first = Version.objects.filter(piece=equipe.piece).latest("numero").numero
    equipe.browser().send_json(commits_url(equipe.article), words("Ici, "))
    anchored(equipe, 21, 33)
    last = Version.objects.filter(piece=equipe.piece).latest("numero").numero
    who, wrote = str(equipe.person("commentateur")), str(equipe.person())
    reader = equipe.browser("observateur")
    url = reverse("wikimarche:piece_compare", args=[equipe.piece.pk])
    compared = reader.get(url, {"de": first, "a": last}).content.decode()
    assert wrote in compared
    assert who not in compared
    versions = reader.get(reverse("wikimarche:version_list", args=[equipe.piece.pk]))
    assert who not in versions.content.decode()
    news = reader.get(
        reverse("wikimarche:piece_changes", args=[equipe.piece.pk]), {"version": last - 1}
    ).json()
    assert [article["auteur"] for article in news["articles"]] == [""]


def test_a_page_of_many_threads_asks_no_more_questions(equipe):
    browser = equipe.browser("commentateur")
    url = reverse("wikimarche:fil_list", args=[equipe.piece.pk])

    def count():
        browser.get(url, headers=HTMX)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(url, headers=HTMX).status_code == 200
        return len(asked)

    fil = comment_on(browser, equipe.article, on=passage(equipe.article, 3, 8))
    one = count()
    for _ in range(5):
        equipe.browser().post(act_url("reply", fil), {"texte": "Oui."}, headers=HTMX)
        comment_on(browser, equipe.second)
    assert count() == one
