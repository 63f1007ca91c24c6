"""The page that changes the step: what it says before, what it does, who may."""

import pytest
from django.urls import reverse

from procurement.access.registry import all_rules
from procurement.access.services import decide
from procurement.marches.enums import RoleParticipation, StatutMarche as S
from procurement.marches.models import Marche
from procurement.marches.permissions import StepCondition
from procurement.marches.selectors import read_passage, steps_of
from procurement.marches.services import move_marche, share_marche, update_marche
from procurement.marches.workflow import ORDER
from tests.support.equipe import commit, commits_url, text_of, words


CITES = {
    "stepType": "replace",
    "from": 1,
    "to": 1,
    "slice": {"content": [{"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}]},
}
"""A step that cites the duration in the text."""


def url(marche):
    return reverse("marches:marche_move", args=[marche.pk])


def lead(equipe, target):
    for step in ORDER[1 : ORDER.index(target) + 1]:
        move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=step)
    equipe.marche.refresh_from_db()


def send(browser, marche, vers, motif="", depuis=None):
    data = {"vers": vers, "depuis": depuis or marche.statut, "motif": motif}
    return browser.post(url(marche), data)


def test_the_fiche_offers_the_next_step_to_whoever_may(equipe):
    page = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url()).content.decode()
    assert url(equipe.marche) in page
    assert "Passer à l’étape «\u202fRédaction\u202f»" in page


def test_the_others_see_why_not(equipe):
    page = equipe.browser().get(equipe.marche.get_absolute_url()).content.decode()
    assert "Passer à l’étape «\u202fRédaction\u202f»" in page
    assert url(equipe.marche) not in page
    assert "Il faut être gestionnaire pour faire cela." in page


def test_a_move_and_its_undoing(equipe):
    browser, marche = equipe.browser("gestionnaire"), equipe.marche
    assert send(browser, marche, "redaction").url == marche.get_absolute_url()
    marche.refresh_from_db()
    assert marche.statut == S.REDACTION
    assert send(browser, marche, "besoin", "Le besoin n’est pas arrêté.").status_code == 302
    marche.refresh_from_db()
    assert marche.statut == S.BESOIN
    page = browser.get(marche.get_absolute_url()).content.decode()
    assert "Le besoin n’est pas arrêté." in page
    story = browser.get(reverse("marches:history_read", args=[marche.pk])).content.decode()
    assert "a ramené le marché de l’étape «\u202fRédaction\u202f» à «\u202fBesoin\u202f»" in story
    assert "Le besoin n’est pas arrêté." in story


def test_going_back_without_a_reason_keeps_what_was_typed_and_says_why(equipe):
    lead(equipe, S.REDACTION)
    answer = send(equipe.browser("gestionnaire"), equipe.marche, "besoin")
    assert answer.status_code == 200
    assert "Dites pourquoi" in answer.content.decode()
    assert answer.context["passage"].vers == S.BESOIN
    assert "(facultatif)" not in answer.content.decode()
    assert Marche.objects.get(pk=equipe.marche.pk).statut == S.REDACTION


def test_whoever_comes_second_reads_the_page_again_with_her_words_kept(equipe):
    browser = equipe.browser("gestionnaire")
    lead(equipe, S.VISAS)
    answer = send(browser, equipe.marche, "publication", "Prêt ainsi", depuis="redaction")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Une autre personne vient de mener le marché" in page
    assert "Prêt ainsi" in page
    assert Marche.objects.get(pk=equipe.marche.pk).statut == S.VISAS


@pytest.mark.parametrize("vers", ["", "x", "execution", "besoin"])
def test_a_step_no_arrow_leads_to_is_not_shown(equipe, vers):
    answer = equipe.browser("gestionnaire").get(url(equipe.marche), {"vers": vers})
    assert answer.status_code == 200
    assert answer.context["passage"].vers == S.REDACTION


@pytest.mark.parametrize(
    "sent",
    [
        {"vers": "x"},
        {"vers": "", "depuis": ""},
        {"vers": "redaction", "depuis": "\x00"},
        {"vers": "redaction", "depuis": "besoin", "motif": "x" * 501},
    ],
)
def test_an_odd_decision_moves_nothing(equipe, sent):
    answer = equipe.browser("gestionnaire").post(url(equipe.marche), sent)
    assert answer.status_code == 200
    assert Marche.objects.get(pk=equipe.marche.pk).statut == S.BESOIN


def test_a_jump_is_refused(equipe):
    answer = send(equipe.browser("gestionnaire"), equipe.marche, "execution")
    assert answer.status_code == 409
    assert "on ne passe pas à" in answer.content.decode()


# ── What it says before one decides ─────────────────────────────────────────────────────────────


def test_what_is_said_of_rights_is_what_the_gate_does(equipe):
    """For each role, each step-bound action: the page and decide() agree, before and after."""
    people = {
        role: equipe.person(role) for role in RoleParticipation.values if role != "gestionnaire"
    }
    people["gestionnaire"] = equipe.gestionnaire
    objets = {
        "marches:marche": equipe.marche,
        "wikimarche:piece": equipe.piece,
        "wikimarche:article": equipe.article,
    }
    lead(equipe, S.VISAS)
    bound = {
        action: rule
        for action, rule in all_rules().items()
        if rule.resource in objets
        and any(isinstance(condition, StepCondition) for condition in rule.conditions)
    }
    assert len(bound) > 10
    passage = read_passage(equipe.marche, S.PUBLICATION)
    said = {change.qui[0]: set(change.actes) for change in passage.changements}

    def allowed(user):
        for obj in (equipe.marche, equipe.piece, equipe.article):
            obj.refresh_from_db()
        return {
            rule.words
            for action, rule in bound.items()
            if decide(user, action, objets[rule.resource])
        }

    before = {role: allowed(user) for role, user in people.items()}
    move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=S.PUBLICATION)
    for role, user in people.items():
        assert not allowed(user), role
        assert before[role] <= said.get(str(user), set()), role
    assert set(passage.inchanges) == {"Observateur"}


def test_a_passage_inside_writing_changes_nobody_s_rights(equipe):
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    answer = equipe.browser("gestionnaire").get(url(equipe.marche))
    assert answer.context["passage"].changements == []
    assert "Les droits de chacun restent les mêmes." in answer.content.decode()


def test_coming_back_from_publication_gives_the_rights_again(equipe):
    lead(equipe, S.PUBLICATION)
    page = (
        equipe.browser("gestionnaire").get(url(equipe.marche), {"vers": "visas"}).content.decode()
    )
    assert "Pourra de nouveau agir sur" in page
    assert "le texte et le plan des pièces" in page


@pytest.mark.parametrize("step", [S.VISAS, S.PUBLICATION, S.OFFRES, S.ATTRIBUTION, S.EXECUTION])
def test_a_step_never_pretends_to_be_the_act(equipe, step):
    """What a later feature does (visas, publication), no step does."""
    lead(equipe, ORDER[ORDER.index(step) - 1])
    page = equipe.browser("gestionnaire").get(url(equipe.marche)).content.decode()
    assert any(
        words in page for words in ("ne publie rien", "en dehors", "n’attribue ni ne notifie rien")
    )


def test_what_is_missing_warns_and_does_not_forbid(equipe):
    browser = equipe.browser("gestionnaire")
    equipe.browser().send_json(commits_url(equipe.article), commit(0, CITES))
    page = browser.get(url(equipe.marche)).content.decode()
    for words_said in ("Compléter la fiche", "Fixer les critères", "Durée du marché"):
        assert words_said in page
    assert send(browser, equipe.marche, "redaction").status_code == 302
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, duree_mois=12)
    assert "Durée du marché" not in browser.get(url(equipe.marche)).content.decode()


# ── What the step does ──────────────────────────────────────────────────────────────────────────


def test_past_the_visas_the_text_does_not_change_any_more(equipe):
    editeur, before = equipe.browser(), text_of(equipe.article)
    lead(equipe, S.PUBLICATION)
    answer = editeur.send_json(commits_url(equipe.article), words("Tard. "))
    assert answer.status_code == 409
    assert "Le marché est à l’étape" in answer.json()["erreur"]
    assert text_of(equipe.article) == before
    move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=S.REDACTION, motif="Oubli.")
    assert editeur.send_json(commits_url(equipe.article), words("Tôt. ")).status_code == 200
    assert text_of(equipe.article).startswith("Tôt. ")


def test_a_purchase_that_stopped_shows_where(equipe):
    lead(equipe, S.REDACTION)
    browser = equipe.browser("gestionnaire")
    send(browser, equipe.marche, "sans_suite", "Crédits retirés.")
    equipe.marche.refresh_from_db()
    answer = browser.get(equipe.marche.get_absolute_url())
    assert [step.statut for step in answer.context["etapes"]] == [
        "fait",
        "arret",
        "",
        "",
        "",
        "",
        "",
    ]
    assert " : arrêté ici</span>" in answer.content.decode()
    page = browser.get(reverse("marches:marche_list")).content.decode()
    drawn = '<i class="x"></i>' * 7
    assert f'<span class="wm-pas" aria-hidden="true">{drawn}</span>' in page
    assert "Crédits retirés." in answer.content.decode()
    page = browser.get(url(equipe.marche)).content.decode()
    assert "Revenir à l’étape" in page


def test_the_steps_of_a_finished_purchase_are_all_done(equipe):
    equipe.marche.statut = S.CLOS
    assert {step.statut for step in steps_of(equipe.marche)} == {"fait"}
    assert (equipe.marche.etapes_faites, equipe.marche.est_arrete) == (7, False)
