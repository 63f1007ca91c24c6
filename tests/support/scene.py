"""One marché with a person of every kind around it, and an object of every kind in it."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from procurement.accounts.models import User
from procurement.accounts.services import deactivate_user
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue, run_job
from procurement.marches.enums import RoleParticipation
from procurement.marches.services import save_filter
from procurement.organisations.enums import Fonction
from procurement.organisations.services import end_membership
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.documents.builders import png
from tests.procurement.marches.factories import (
    InvitationFactory,
    MarcheFactory,
    ParticipationFactory,
)
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.client import Browser
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.enums import FormatExport
from wikimarche.services import add_image, ask_export, receive_document


ROLES = ("observateur", "commentateur", "moderateur", "editeur", "gestionnaire")
ACTORS = (
    "anonyme",
    "etranger",
    "collegue",
    *ROLES,
    "juriste",
    "juriste_sans_partage",
    "administrateur",
    "retire_du_marche",
    "parti",
    "desactive",
)


@dataclass
class Scene:
    """objets: name → primary key. people: actor → person. sessions: actor → cookies."""

    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    objets: dict[str, UUID] = field(default_factory=dict)

    def browser(self, actor: str) -> Browser:
        """A browser signed in as an actor; without session for « anonyme »."""
        browser = Browser()
        if actor in self.sessions:
            browser.cookies["seance"] = self.sessions[actor]
        return browser


def make_scene() -> Scene:
    """Everything through the services. The étranger is gestionnaire elsewhere: nobody has more."""
    scene = Scene()
    people = scene.people
    people["gestionnaire"] = _person("gestionnaire")
    marche = MarcheFactory(
        by=people["gestionnaire"],
        objet="Objet secret du marché",
        shared_with_the_legal_department=True,
        with_criteres=True,
    )
    for role in ROLES[:-1]:
        people[role] = _person(role)
        ParticipationFactory(marche=marche, user=people[role], role=role)
    for name, fonction in (("collegue", Fonction.AGENT), ("juriste", Fonction.JURISTE)):
        people[name] = _person(name)
        MembershipFactory(organisation=marche.organisation, user=people[name], fonction=fonction)
    people["juriste_sans_partage"] = people["juriste"]
    people["etranger"] = _person("etranger")
    MarcheFactory(by=people["etranger"])
    people["administrateur"] = UserFactory(without_password=True, is_administrateur=True)
    MembershipFactory(
        organisation=marche.organisation,
        user=people["administrateur"],
        fonction=Fonction.ADMINISTRATEUR,
    )
    people["retire_du_marche"] = _person("retire")
    participation = ParticipationFactory(
        marche=marche,
        user=people["retire_du_marche"],
        role=RoleParticipation.EDITEUR,
        who_left_the_marche=True,
    )
    for name in ("parti", "desactive"):
        people[name] = _person(name)
        ParticipationFactory(marche=marche, user=people[name])
    for name, user in people.items():
        browser = Browser(user)
        scene.sessions[name] = browser.cookies["seance"].value
    end_membership(by=None, membership=people["parti"].memberships.get())
    deactivate_user(by=None, user=people["desactive"], motif="Départ")
    participation = people["commentateur"].participations.get()
    invitation = InvitationFactory(marche=marche, email=people["collegue"].email)
    scene.objets |= {
        "marche": marche.pk,
        "participation": participation.pk,
        "invitation": invitation.pk,
        "recherche": save_filter(
            by=people["gestionnaire"], nom="Recherche secrète", asked=[("nature", "services")]
        ).pk,
    }
    _fill(scene, marche)
    return scene


def _person(name: str) -> User:
    return UserFactory(without_password=True, email=f"{name}-{uuid4().hex[:8]}@region.example")


def _fill(scene: Scene, marche) -> None:
    by = scene.people["gestionnaire"]
    piece = PieceFactory(marche=marche, titre="Titre secret de la pièce")
    premier, second = (ArticleFactory(piece=piece, texte="Texte secret") for _ in range(2))
    enfant = ArticleFactory(piece=piece, parent=second)
    retire = ArticleFactory(piece=piece, out_of_the_text=True)
    type_words(by, second, "Un mot secret. ")
    importation, lecture = receive_document(
        by=by, piece=piece, content=b"# Article importe\n\nTexte.\n", nom="secret.md"
    )
    run_job(lecture.pk)
    export = ask_export(by=by, piece=piece, format=FormatExport.MD)
    run_job(export.pk)
    assert Job.objects.get(pk=export.pk).statut == "fait", Job.objects.get(pk=export.pk).raison
    waiting = enqueue("wikimarche:export_piece", by=by, titre="Export qui attend")
    scene.objets |= {
        "piece": piece.pk,
        "piece_en_relecture": PieceFactory(marche=marche, sent_to_review=True).pk,
        "piece_retiree": PieceFactory(marche=marche, frozen=True).pk,
        "premier": premier.pk,
        "article": second.pk,
        "enfant": enfant.pk,
        "article_retire": retire.pk,
        "importation": importation.pk,
        "image": add_image(by=by, piece=piece, content=png(40, 20), nom="plan.png").pk,
        "travail": waiting.pk,
        "export": export.pk,
    }
