"""The evidence attacked while the site answers: what the database refuses, what the verification then says to people.

The statements themselves are played one by one in tests/procurement/audit; here, what a reader of the
site sees meanwhile, and the commands in processes of their own.
"""

import psycopg2
import pytest
from django.urls import reverse

from procurement.accounts.services import deactivate_user
from procurement.marches.services import share_marche
from tests.support.client import Browser
from tests.support.equipe import commits_url, make_equipe, words
from wikimarche.selectors import last_version


@pytest.fixture
def site_options():
    """Without second factor: it has its own tests."""
    return {"DEMO": "on"}


@pytest.fixture
def histoire(live_server_process, settings):
    """A team on a site of its own, and a text saved by HTTP: this history is going to be forged."""
    settings.DEMO = True
    equipe = make_equipe(lambda user=None: Browser(user, url=live_server_process.url))
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    answer = equipe.browser().send_json(commits_url(equipe.article), words("Trente. "))
    assert answer.status_code == 200
    equipe.past = reverse(
        "wikimarche:version_detail", args=[equipe.piece.pk, last_version(equipe.piece).numero]
    )
    return equipe


REWRITINGS = (
    "UPDATE wikimarche_version SET resume = 'Quinze'",
    "UPDATE wikimarche_article SET corps = replace(corps::text, 'Trente', 'Quinze')::jsonb",
    "UPDATE wikimarche_commit SET steps = replace(steps::text, 'Trente', 'Quinze')::jsonb",
    "UPDATE reversion_version SET serialized_data = replace(serialized_data, 'Trente', 'Quinze')",
    "DELETE FROM wikimarche_commit",
    "DELETE FROM journal",
    "TRUNCATE journal, reversion_version CASCADE",
)


@pytest.mark.attaque("G01")
@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_the_password_of_the_site_rewrites_no_word_that_it_shows(histoire, connect_as, role):
    """Stolen, and used beside the running site."""
    reader = histoire.browser("observateur")
    shown = reader.get(histoire.past).text
    assert "Trente." in shown
    for statement in REWRITINGS:
        with pytest.raises(psycopg2.Error), connect_as(role).cursor() as cursor:
            cursor.execute(statement)
    assert "Trente." in reader.get(histoire.past).text
    assert "Quinze" not in reader.get(histoire.past).text


@pytest.mark.attaque("G02")
def test_one_word_rewritten_with_every_right_is_named_by_the_command_and_told_on_the_site(
    histoire, cloned_database, rewrite, run_manage
):
    """Whoever holds the database changes « trente »: chain, number and kind are said, and people are warned."""
    assert run_manage("verify_evidence", database=cloned_database).returncode == 0
    rewrite(
        "UPDATE reversion_version SET serialized_data = replace(serialized_data, 'Trente', 'Quinze')"
        " WHERE serialized_data LIKE '%Trente%'"
    )
    found = run_manage("verify_evidence", database=cloned_database)
    assert found.returncode == 1
    said = found.stdout + found.stderr
    assert str(histoire.marche.pk) in said
    assert "version" in said
    assert histoire.browse().get("/sante/").json()["preuve"] == "rompue"
    page = histoire.browser("juriste").get("/").text
    assert "L’histoire ne concorde plus avec sa preuve" in page


@pytest.mark.attaque("G03")
def test_an_author_who_left_is_still_named_and_no_command_empties_the_history(
    histoire, cloned_database, run_manage
):
    author = histoire.person()
    deactivate_user(by=None, user=author, motif="Départ")
    page = histoire.browser("observateur").get(histoire.past).text
    assert str(author) in page
    emptied = run_manage("deleterevisions", "--days=0", database=cloned_database)
    assert emptied.returncode != 0
    assert "Trente." in histoire.browser("observateur").get(histoire.past).text
    assert run_manage("verify_evidence", database=cloned_database).returncode == 0
