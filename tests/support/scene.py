"""One marché with a person of every kind around it, and an object of every kind in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID, uuid4

from procurement.accounts.models import User
from procurement.accounts.services import deactivate_user
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue, run_job
from procurement.marches.enums import DureeAcces, NatureCritere, RoleParticipation
from procurement.marches.services import save_filter, set_criteres, set_lots
from procurement.organisations.enums import Fonction
from procurement.organisations.services import end_membership
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.documents.builders import png
from tests.procurement.marches.factories import (
    AccesFactory,
    InvitationFactory,
    MarcheFactory,
    ParticipationFactory,
)
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.canary import OUTSIDE, READER, Oracle
from tests.support.client import Browser
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.domain.anchors import Bord, Passage
from wikimarche.enums import FormatExport, GenreFil
from wikimarche.models import Fil
from wikimarche.services import (
    add_image,
    ask_export,
    mask_commentaire,
    name_version,
    open_fil,
    receive_document,
    resolve_fil,
)


ROLES = ("observateur", "commentateur", "moderateur", "editeur", "gestionnaire")
INSIDE = (*ROLES, "juriste", "acces_exceptionnel")
"""Who reads the marché: on it, a juriste with whom it is shared, who holds an exceptional access."""
LIMITED = "limite"
"""Éditeur of another pièce, and of that one only: she reads the fiche and not the pièce of the table."""
AROUND = (*INSIDE, LIMITED)
"""Who reads the page of the marché."""
PROOF = ("gestionnaire", "juriste")
"""Who reads its journal."""
KEEPERS = ("editeur", "gestionnaire", "juriste")
"""Who reads a document as it was received."""
INVITED = "collegue"
ACTORS = (
    "anonyme",
    "etranger",
    "collegue",
    *ROLES,
    "juriste",
    "juriste_sans_partage",
    "administrateur",
    "acces_exceptionnel",
    LIMITED,
    "retire_du_marche",
    "parti",
    "desactive",
)


@dataclass
class Scene:
    """objets: name → primary key. people: actor → person. sessions: actor → cookies.

    oracle: knows the mark of every secret of the scene, and hears every answer to its browsers.
    queued: work that waited when the scene was done. browse: opens their browsers.
    """

    people: dict[str, User] = field(default_factory=dict)
    oracle: Oracle = field(default_factory=Oracle)
    queued: set[UUID] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)
    objets: dict[str, UUID] = field(default_factory=dict)
    browse: Callable[..., Browser] = Browser

    def browser(self, actor: str) -> Browser:
        """A browser signed in as an actor; without session for « anonyme »."""
        browser = self.browse(listener=lambda answer: self.oracle.listen(actor, answer))
        if actor in self.sessions:
            browser.cookies["seance"] = self.sessions[actor]
        return browser

    def lowered(self, actor: str, to: str) -> "Scene":
        """The same scene, where the person and the session of an actor bear the name of a lower role.

        What is hers alone (her work, her searches) stays hers, and is hers to see.
        """
        marks = [
            replace(mark, seen_by=mark.seen_by | {to}) if mark.seen_by == {actor} else mark
            for mark in self.oracle.marks
        ]
        return replace(
            self,
            people={**self.people, to: self.people[actor]},
            sessions={**self.sessions, to: self.sessions[actor]},
            oracle=replace(self.oracle, marks=marks, leaks=[]),
        )


def make_scene(browse: Callable[..., Browser] = Browser) -> Scene:
    """Everything through the services. The étranger is gestionnaire elsewhere: nobody has more."""
    scene = Scene(browse=browse)
    people, can = scene.people, scene.oracle.can
    people["gestionnaire"] = _person("gestionnaire")
    marche = MarcheFactory(
        by=people["gestionnaire"],
        objet=f"Objet secret du marché {can('marche', 'objet', AROUND, INVITED, OUTSIDE, READER)}",
        reference=can("fiche", "ref", AROUND, READER, short=True),
        lieu_execution=can("fiche", "lieu", AROUND, READER),
        shared_with_the_legal_department=True,
    )
    set_lots(
        by=people["gestionnaire"],
        marche=marche,
        lots=[{"intitule": can("lot", "intitule", AROUND, READER)}],
    )
    for criteres in (
        [_critere(can("critere_retire", "intitule", PROOF), 50)],
        [_critere(can("critere", "intitule", AROUND, READER), 60), _critere("Valeur", 40)],
    ):
        set_criteres(by=people["gestionnaire"], marche=marche, criteres=criteres)
    for role in ROLES[:-1]:
        people[role] = _person(role)
        ParticipationFactory(marche=marche, user=people[role], role=role)
    hers = PieceFactory(marche=marche, titre=can("piece_limitee", "titre", AROUND))
    people[LIMITED] = _person(LIMITED)
    ParticipationFactory(
        marche=marche, user=people[LIMITED], role=RoleParticipation.EDITEUR, portee=hers.pk
    )
    for name, fonction in (("collegue", Fonction.AGENT), ("juriste", Fonction.JURISTE)):
        people[name] = _person(name)
        MembershipFactory(organisation=marche.organisation, user=people[name], fonction=fonction)
    people["juriste_sans_partage"] = people["juriste"]
    people["etranger"] = _person("etranger")
    _fill_elsewhere(scene)
    people["administrateur"] = UserFactory(without_password=True, is_administrateur=True)
    MembershipFactory(
        organisation=marche.organisation,
        user=people["administrateur"],
        fonction=Fonction.ADMINISTRATEUR,
    )
    people["acces_exceptionnel"] = UserFactory(without_password=True, is_administrateur=True)
    acces = AccesFactory(
        marche=marche,
        by=people["acces_exceptionnel"],
        motif=f"Le juge demande à lire ce dossier {can('acces', 'motif', AROUND, 'administrateur')}",
        duree=DureeAcces.UN_JOUR,
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
    scene.oracle.addresses |= {user.email: name for name, user in people.items()}
    InvitationFactory(
        marche=marche,
        email=f"{can('invitation', 'email', INSIDE, OUTSIDE)}@region.example",
        mot=can("invitation", "mot", OUTSIDE),
    )
    invitation = InvitationFactory(
        marche=marche,
        email=people["collegue"].email,
        mot=can("invitation_collegue", "mot", INVITED),
    )
    scene.objets |= {
        "marche": marche.pk,
        "piece_limitee": hers.pk,
        "participation": participation.pk,
        "acces": acces.pk,
        "invitation": invitation.pk,
        "recherche": save_filter(
            by=people["gestionnaire"],
            nom=can("recherche", "nom", "gestionnaire"),
            asked=[("nature", "services")],
        ).pk,
    }
    _fill(scene, marche)
    scene.queued = set(Job.objects.filter(statut="en_file").values_list("pk", flat=True))
    return scene


def _person(name: str) -> User:
    return UserFactory(without_password=True, email=f"{name}-{uuid4().hex[:8]}@region.example")


def _critere(intitule: str, poids: int) -> dict[str, object]:
    return {"intitule": intitule, "nature": NatureCritere.TECHNIQUE, "poids": Decimal(poids)}


def _fill_elsewhere(scene: Scene) -> None:
    """The étranger has secrets too, and nobody here may see them."""
    by, can = scene.people["etranger"], scene.oracle.can
    marche = MarcheFactory(by=by, objet=can("ailleurs", "objet", "etranger"))
    piece = PieceFactory(marche=marche, titre=can("ailleurs", "piece", "etranger"))
    article = ArticleFactory(
        piece=piece,
        titre=can("ailleurs", "article", "etranger"),
        texte=can("ailleurs", "texte", "etranger"),
    )
    scene.objets |= {
        "marche_ailleurs": marche.pk,
        "piece_ailleurs": piece.pk,
        "article_ailleurs": article.pk,
    }


def _fill(scene: Scene, marche) -> None:
    by, can = scene.people["gestionnaire"], scene.oracle.can
    piece = PieceFactory(
        marche=marche, titre=f"Titre secret de la pièce {can('piece', 'titre', INSIDE, READER)}"
    )
    image = add_image(
        by=by, piece=piece, content=png(40, 20), nom=can("image", "nom", INSIDE) + ".png"
    )
    corps = doc(
        p(f"Texte secret {can('article', 'texte', INSIDE, READER)}", id="aaaaaaaaa"),
        p(
            "Lieu : ",
            {"type": "variable", "attrs": {"chemin": "marche.lieu_execution"}},
            {
                "type": "note_bas_de_page",
                "attrs": {"texte": can("article", "note", INSIDE, READER)},
            },
            id="bbbbbbbbb",
        ),
        {
            "type": "image",
            "attrs": {
                "id": "ccccccccc",
                "fichier": str(image.pk),
                "alt": can("image", "alt", INSIDE, READER),
            },
        },
    )
    premier = ArticleFactory(
        piece=piece, titre=can("article", "titre", INSIDE, READER), corps=corps
    )
    second = ArticleFactory(piece=piece, texte="Texte secret")
    enfant = ArticleFactory(piece=piece, parent=second)
    retire = ArticleFactory(
        piece=piece,
        titre=can("article_retire", "titre", INSIDE),
        texte=can("article_retire", "texte", INSIDE),
        out_of_the_text=True,
        out_of_the_text__motif=can("article_retire", "motif", INSIDE),
    )
    type_words(by, second, f"Un mot secret. {can('commit', 'mots', INSIDE, READER)} ")
    name_version(by=by, piece=piece, nom=can("version", "nom", INSIDE, READER))
    importation, lecture = receive_document(
        by=by,
        piece=piece,
        content=f"# Article importe\n\n{can('importation', 'texte', KEEPERS)}.\n".encode(),
        nom=can("importation", "fichier", INSIDE) + ".md",
    )
    run_job(lecture.pk)
    export = ask_export(by=by, piece=piece, format=FormatExport.MD)
    run_job(export.pk)
    assert Job.objects.get(pk=export.pk).statut == "fait", Job.objects.get(pk=export.pk).raison
    waiting = enqueue(
        "wikimarche:export_piece", by=by, titre=can("travail", "titre", "gestionnaire")
    )
    retiree = PieceFactory(marche=marche, titre=can("piece_retiree", "titre", INSIDE), frozen=True)
    _discuss(scene, second)
    scene.objets |= {
        "piece": piece.pk,
        "piece_en_relecture": PieceFactory(marche=marche, sent_to_review=True).pk,
        "piece_retiree": retiree.pk,
        "premier": premier.pk,
        "article": second.pk,
        "enfant": enfant.pk,
        "article_retire": retire.pk,
        "importation": importation.pk,
        "image": image.pk,
        "travail": waiting.pk,
        "export": export.pk,
    }


def _discuss(scene: Scene, article) -> None:
    """Comments of the commentateur: one that waits, one that is closed, one that is masked."""
    by, can = scene.people["commentateur"], scene.oracle.can

    def said(place: str, *who) -> Fil:
        article.refresh_from_db()
        bloc = article.corps["content"][0]["attrs"]["id"]
        return open_fil(
            by=by,
            article=article,
            genre=GenreFil.QUESTION,
            texte=can(place, "texte", *who),
            passage=Passage(Bord(bloc, 0, 0), Bord(bloc, 0, 6)),
            base=article.numero,
        )

    fil, resolu, masque = said("fil", INSIDE), said("fil_resolu", INSIDE), said("masque", PROOF)
    answer = can("fil_resolu", "reponse", INSIDE)
    resolve_fil(by=scene.people["gestionnaire"], fil=resolu, texte=answer)
    hidden = masque.commentaires.get()
    motif = can("masque", "motif", INSIDE)
    mask_commentaire(by=scene.people["moderateur"], commentaire=hidden, motif=motif)
    for actor in ("commentateur", "moderateur", "editeur", "gestionnaire", "juriste"):
        own = open_fil(
            by=scene.people[actor], article=article, genre=GenreFil.QUESTION, texte="Une remarque"
        )
        scene.objets[f"fil_de_{actor}"] = own.pk
    scene.objets |= {
        "fil": fil.pk,
        "fil_resolu": resolu.pk,
        "commentaire": fil.commentaires.get().pk,
        "commentaire_masque": hidden.pk,
    }
