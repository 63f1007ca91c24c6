"""The whole table of rights again, by a gestionnaire made observateur in a session already open.

What the role gave is gone at the next request; what she asked or kept for herself stays hers.
"""

from dataclasses import replace

import pytest

from procurement.access import registry
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Participation
from procurement.marches.services import change_role
from tests.house.test_rights import OWN
from tests.procurement.marches.factories import ParticipationFactory
from tests.support.cells import (
    check_cell,
    play,
    scene,
    stored_files,
    undone,
    without_second_factor,
)
from tests.support.droits import Row, table
from tests.support.scene import Scene


__all__ = ["scene", "stored_files", "without_second_factor"]

HERS = ("travail", "export", "recherche", "ligne")
"""What the gestionnaire of the scene asked, kept or did herself (the receipt of her act): no role takes it back."""


def rows() -> list[Row]:
    """The table as she now reads it: the column of who only reads."""
    return [
        replace(row, expected={**row.expected, "observateur": row.expected["gestionnaire"]})
        if row.objet in HERS or row.envoi in HERS
        else row
        for row in table()
        if not row.route.startswith(OWN)
    ]


def lower_the_gestionnaire(scene: Scene) -> Participation:
    """Make her observateur. Another gestionnaire comes first, and does it: there is always one."""
    gestionnaire = scene.people["gestionnaire"]
    held = gestionnaire.participations.get(marche=scene.objets["marche"])
    other = ParticipationFactory(marche=held.marche, role=RoleParticipation.GESTIONNAIRE).user
    return change_role(by=other, participation=held, role=RoleParticipation.OBSERVATEUR)


def faults_once_lowered(scene: Scene) -> list[str]:
    """Read everything as gestionnaire, be lowered, then play the whole table in the same session."""
    lowered = scene.lowered("gestionnaire", "observateur")
    read = 0
    for row in table():
        if row.method == "GET" and row.expected["gestionnaire"] == 200 and row.objet != "-":
            answer = play(scene, row, "gestionnaire", scene.objets[row.objet])
            read += answer.status_code == 200
    assert read > 20
    lower_the_gestionnaire(scene)
    faults = []
    for row in rows():
        with undone():
            fault = check_cell(lowered, row, "observateur")
        if fault:
            faults.append(f"{row}: {fault}")
    return faults


@pytest.mark.attaque("D06")
def test_a_lowered_role_counts_at_once_in_a_session_already_open(scene):
    with undone(outermost=True), scene.oracle.reading_the_log():
        faults = faults_once_lowered(scene)
    assert not faults, "\n".join(faults)


def test_a_role_kept_as_long_as_the_session_is_seen(scene, monkeypatch):
    """Positive control: what a person was on the marché is read once, and remembered."""
    known, kept = registry._registry.resources["marches:marche"], {}

    def remember(user, marche):
        return kept.setdefault((user.pk, marche.pk), known.roles(user, marche))

    wide = replace(known, roles=remember, read=None)
    monkeypatch.setitem(registry._registry.resources, "marches:marche", wide)
    with undone(outermost=True):
        faults = faults_once_lowered(scene)
    assert "GET marches:history_read (-): 200, not 403" in "\n".join(faults)
