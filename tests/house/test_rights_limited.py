"""The whole table of rights again, by an éditeur whose role is limited to one pièce in a session already open.

On that pièce and all it holds, what her role gives; on the others, nothing: not even that they exist.
"""

from dataclasses import replace
from uuid import UUID

import pytest

from procurement.access import registry
from procurement.marches.models import Marche
from procurement.marches.permissions import roles_on_marche
from procurement.marches.services import change_role
from tests.house.test_rights import (
    OWN,
    Row,
    check_cell,
    play,
    scene,
    stored_files,
    table,
    undone,
    without_second_factor,
)
from tests.support.scene import LIMITED, Scene
from wikimarche.models import Piece
from wikimarche.permissions import roles_on_piece
from wikimarche.selectors import pieces_visible_to


__all__ = ["scene", "stored_files", "without_second_factor"]

WITHIN = {
    *("piece", "premier", "article", "enfant", "article_retire", "importation", "image"),
    *("fil", "fil_resolu", "commentaire", "commentaire_masque"),
}
"""What the pièce of the table holds, itself included."""

AROUND = {"wikimarche:piece:move": 403}
"""What one does to the pièce among the others: she sees it, and works on this one alone."""


def rows(held: set[str]) -> list[Row]:
    """The table as the éditeur now reads it: her column on what is held, that of a limited role elsewhere."""

    def hers(row: Row) -> int:
        if row.objet in held:
            return AROUND.get(row.action, row.expected["editeur"])
        return row.expected[LIMITED]

    return [
        replace(row, expected={**row.expected, "editeur": hers(row)})
        for row in table()
        if not row.route.startswith(OWN)
    ]


def limit(scene: Scene, piece: UUID) -> Scene:
    """Read everything as éditeur, then be limited to a pièce. Returns the scene as she may now see it."""
    read = 0
    for row in table():
        if row.method == "GET" and row.expected["editeur"] == 200 and row.objet != "-":
            answer = play(scene, row, "editeur", scene.objets[row.objet])
            read += answer.status_code == 200
    assert read > 20
    held = scene.people["editeur"].participations.get(marche=scene.objets["marche"])
    by = scene.people["gestionnaire"]
    change_role(by=by, participation=held, role=held.role, portee=piece)
    others = {"piece_retiree", "invitation"} | ({"piece_limitee"} - {_name(scene, piece)})
    marks = [
        replace(mark, seen_by=mark.seen_by - {"editeur"}) if mark.objet in others else mark
        for mark in scene.oracle.marks
    ]
    return replace(scene, oracle=replace(scene.oracle, marks=marks, leaks=[]))


def _name(scene: Scene, piece: UUID) -> str:
    return next(name for name, pk in scene.objets.items() if pk == piece)


def faults_once_limited(scene: Scene, limited: Scene, actor: str, held: set[str]) -> list[str]:
    faults = []
    for row in rows(held):
        with undone():
            fault = check_cell(limited, row, actor)
        if fault:
            faults.append(f"{row}: {fault}")
    return faults


@pytest.mark.attaque("D06")
def test_on_her_piece_the_role_counts_and_nowhere_else(scene):
    with undone(outermost=True), scene.oracle.reading_the_log():
        limited = limit(scene, scene.objets["piece"])
        faults = faults_once_limited(scene, limited, "editeur", WITHIN)
    assert not faults, "\n".join(faults)


@pytest.mark.attaque("D06")
def test_limited_to_another_piece_she_loses_this_one_at_once(scene):
    with undone(outermost=True), scene.oracle.reading_the_log():
        limit(scene, scene.objets["piece_limitee"])
        limited = scene.lowered("editeur", LIMITED)
        faults = faults_once_limited(scene, limited, LIMITED, set())
    assert not faults, "\n".join(faults)


def test_a_limit_that_a_resource_forgets_is_seen(scene, monkeypatch):
    """Positive control: the roles on a pièce are those on its marché, as if none were limited."""
    known = registry._registry.resources["wikimarche:piece"]

    def forgetful(user, piece):
        own = user.participations.get(marche=piece.marche_id)
        return roles_on_marche(user, piece.marche, own.portee)

    wide = replace(known, roles=forgetful)
    monkeypatch.setitem(registry._registry.resources, "wikimarche:piece", wide)
    with undone(outermost=True):
        limit(scene, scene.objets["piece_limitee"])
        limited = scene.lowered("editeur", LIMITED)
        faults = faults_once_limited(scene, limited, LIMITED, set())
    assert "GET wikimarche:piece_detail (-): 200, not 404" in "\n".join(faults)


def test_a_list_of_pieces_shows_what_the_function_of_the_base_gives(scene):
    """``marches_roles`` and its twin in a query agree, for everybody and every pièce.

    An exceptional access opens a page, and lists nothing.
    """
    with undone(outermost=True):
        pieces = Piece.objects.select_related("marche")
        for actor, user in scene.people.items():
            listed = set(pieces_visible_to(user).values_list("pk", flat=True))
            opened = {piece.pk for piece in pieces if roles_on_piece(user, piece)}
            if actor == "acces_exceptionnel":
                assert (len(listed), len(opened)) == (
                    0,
                    Marche.objects.get(pk=scene.objets["marche"]).pieces.count(),
                )
            else:
                assert listed == opened, actor
        assert list(pieces_visible_to(scene.people[LIMITED]).values_list("pk", flat=True)) == [
            scene.objets["piece_limitee"]
        ]
