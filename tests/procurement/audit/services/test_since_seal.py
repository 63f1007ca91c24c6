"""Since a trusted seal: what was written after it is read again, what came before is not, and that is said."""

import json

import pytest
from django.core.management import CommandError, call_command

from procurement.audit.services import PLATFORM_CHAIN, seal_evidence, verify_evidence
from tests.support.chaines import open_chain


pytestmark = pytest.mark.attaque("G02")
OTHER = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def seal(histoire):
    """Two chains, a seal, then more on one of them and a third chain."""
    open_chain(histoire.organisation, OTHER)
    seal = seal_evidence()
    histoire.edit(sigle="APRES")
    open_chain(histoire.organisation, OTHER.replace("1", "2"))
    return seal


def test_only_what_came_after_is_read(seal):
    whole, since = verify_evidence(), verify_evidence(since=seal.pk)
    assert (whole.ok, since.ok) == (True, True), since.breaks
    # The event of the seal itself, the edit, and the third chain.
    assert (whole.entries, since.entries) == (9, 3)
    assert verify_evidence(since=seal.pk, chain=PLATFORM_CHAIN).entries == 2


def test_a_line_rewritten_after_the_seal_is_found(histoire, seal):
    histoire.force("UPDATE journal SET corps = corps || ' ' WHERE seq = 7")
    found = verify_evidence(since=seal.pk).breaks
    assert [(one.seq, one.kind) for one in found] == [(7, "contenu")]


def test_a_body_rewritten_before_it_is_not_and_the_whole_sees_it(histoire, seal):
    """What is gained is what is not read: the command says so."""
    histoire.force("UPDATE journal SET corps = replace(corps, 'Ana', 'Eva') WHERE seq = 3")
    assert verify_evidence(since=seal.pk).ok
    assert not verify_evidence().ok


@pytest.mark.parametrize(
    "forgery",
    [
        "DELETE FROM journal WHERE chaine = '11111111-1111-4111-8111-111111111111'",
        "DELETE FROM chaine_tete WHERE chaine = '11111111-1111-4111-8111-111111111111'",
        "UPDATE journal SET empreinte = sha256('x') WHERE seq = 5",
        "UPDATE sceau SET tetes = replace(tetes, '[1,', '[2,')",
        "DELETE FROM journal WHERE seq = 6",
    ],
)  # fmt: skip
def test_the_line_it_starts_from_must_still_be_there(histoire, seal, forgery):
    histoire.force(forgery)
    assert not verify_evidence(since=seal.pk).ok


def test_the_command_says_since_when_and_refuses_a_seal_that_is_not(seal, capsys):
    call_command("verify_evidence", f"--depuis-sceau={seal.pk}")
    said = capsys.readouterr().out
    assert f"Depuis le sceau n°\u00a0{seal.pk}" in said
    assert "n’a pas été relu" in said
    assert bytes(seal.racine).hex() in said
    call_command("verify_evidence", f"--depuis-sceau={seal.pk}", "--json")
    assert json.loads(capsys.readouterr().out)["depuis_sceau"] == seal.pk
    with pytest.raises(CommandError, match="aucun sceau ne porte le n°\u00a0999") as stop:
        call_command("verify_evidence", "--depuis-sceau=999")
    assert stop.value.returncode == 2
