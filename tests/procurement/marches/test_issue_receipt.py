"""The receipt of an act of a marché, for who reads its history."""

import json

import pytest
from django.core.management import CommandError, call_command

from procurement.audit.selectors import chain_head
from procurement.audit.services import verify_receipt
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import MarcheFactory, gestionnaire_of


def test_it_says_who_what_for_whom_and_when_with_the_hash_of_the_line(db, tmp_path):
    marche = MarcheFactory()
    path = tmp_path / "recu.json"
    call_command(
        "issue_receipt", par=gestionnaire_of(marche).email, marche=str(marche.pk), sortie=path
    )
    said = json.loads(path.read_text())
    assert (said["seq"], said["empreinte"]) == chain_head(marche.pk)
    assert said["contenu"]["marche"] == marche.objet
    assert said["contenu"]["acheteur"] == marche.organisation.nom
    assert said["contenu"]["horodatage_interne"]
    assert verify_receipt(said) == []


def test_a_stranger_gets_none_and_a_missing_line_has_none(db, tmp_path):
    marche, path = MarcheFactory(), tmp_path / "recu.json"
    stranger = UserFactory()
    with pytest.raises(CommandError):
        call_command("issue_receipt", par=stranger.email, marche=str(marche.pk), sortie=path)
    with pytest.raises(SystemExit):
        call_command(
            "issue_receipt", par=gestionnaire_of(marche).email, marche=str(marche.pk), sortie=path,
            ligne=9999,
        )  # fmt: skip
    assert not path.exists()
