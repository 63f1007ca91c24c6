"""The seed: what is there already is left alone, so it can be interrupted and run again.

On an empty database of the demonstration it is told in the past, in one transaction (``temps``);
anywhere else in the present, one marché at a time.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from django.db import transaction

from procurement.accounts.models import User
from procurement.accounts.registry import SignIn
from procurement.accounts.services import create_user
from procurement.demo.catalogue import HISTOIRES
from procurement.demo.edition import newer
from procurement.demo.horloge import begin, wait
from procurement.demo.marches import open_marche
from procurement.demo.people import BODIES, PASSWORD, PEOPLE, Body
from procurement.demo.temps import edition_held, journal_is_empty, mark_told, story_time
from procurement.marches.models import Marche
from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.models import Direction, Organisation
from procurement.organisations.services import add_direction, add_member, create_organisation


OPENING = 320
"""Working days before the seeding on which the organisations came to the platform."""


def seed(say: Callable[[str], None]) -> int:
    """Make what is missing; say each thing made. Returns how many marchés were told."""
    known = not journal_is_empty() and Organisation.objects.filter(siret=BODIES[0].siret).exists()
    if known and (sentence := newer(edition_held(), "le contenu de cette base")):
        say(sentence)
    with story_time() as horloge:
        told = _tell(say)
        if told and not horloge and not known:
            mark_told()
    return told


def _tell(say: Callable[[str], None]) -> int:
    begin(OPENING, "plateforme")
    organisations = {body.key: _open(body) for body in BODIES}
    directions = {
        (direction.organisation_id, direction.sigle): direction
        for direction in Direction.objects.filter(organisation__in=organisations.values())
    }
    people = _hire(organisations, directions)
    told = 0
    for histoire in HISTOIRES:
        organisation = organisations[histoire.body]
        if Marche.objects.filter(
            organisation=organisation, reference__endswith=f"-{histoire.numero}"
        ).exists():
            continue
        say(histoire.objet)
        with transaction.atomic():
            open_marche(
                histoire,
                organisation=organisation,
                direction=directions[organisation.pk, histoire.direction],
                people=people,
            )
        told += 1
    return told


@transaction.atomic
def _open(body: Body) -> Organisation:
    with suppress(Organisation.DoesNotExist):
        return Organisation.objects.get(siret=body.siret)
    organisation = create_organisation(
        by=None, nom=body.nom, type=TypeOrganisation.ACHETEUR, siret=body.siret
    )
    for sigle, nom in body.directions.items():
        add_direction(
            by=None,
            organisation=organisation,
            nom=nom,
            sigle=sigle,
            is_juridique=sigle == body.juridique,
        )
    return organisation


def _hire(
    organisations: Mapping[str, Organisation], directions: Mapping[tuple, Direction]
) -> dict[str, User]:
    emails = [person.email for person in PEOPLE]
    known = {user.email: user for user in User.objects.filter(email__in=emails)}
    people = {}
    for person in PEOPLE:
        user = known.get(person.email)
        if user is None:
            organisation = organisations[person.body]
            wait(4, 15)
            with transaction.atomic():
                user = create_user(
                    by=None,
                    email=person.email,
                    prenom=person.prenom,
                    nom=person.nom,
                    password=PASSWORD,
                    is_administrateur=person.is_administrateur,
                )
                add_member(
                    by=None,
                    organisation=organisation,
                    user=user,
                    fonction=person.fonction,
                    direction=directions[organisation.pk, person.direction],
                    intitule=person.intitule,
                )
        people[person.key] = user
    return people


def sign_ins() -> Iterator[SignIn]:
    """Who may sign in, and as what."""
    bodies = {body.key: body.nom for body in BODIES}
    for person in PEOPLE:
        yield SignIn(
            email=person.email,
            password=PASSWORD,
            nom=f"{person.prenom} {person.nom}",
            poste=person.intitule,
            organisation=bodies[person.body],
            montre=person.montre,
        )
