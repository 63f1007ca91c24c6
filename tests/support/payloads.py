"""What is sent to each address, by the name that the table of rights gives it (tests/house/droits.txt)."""

import json
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from procurement.marches.models import Lot, Marche
from tests.procurement.documents.builders import png
from tests.support.fils import ends
from tests.support.scene import Scene
from tests.wikimarche.domain.factories import add_mark, comment, insert
from wikimarche.models import Article, Importation


def commit(article: UUID, **said):
    base = Article.objects.values_list("numero", flat=True).get(pk=article)
    said = {"id": str(uuid4()), "prev": None, "base": base, "steps": [], **said}
    return {"data": json.dumps(said), "content_type": "application/json"}


def rows_of(*rows):
    data = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    for rank, row in enumerate(rows):
        data |= {f"form-{rank}-{name}": value for name, value in row.items()}
    return {"data": data}


FICHE = {"objet": "Autre objet", "reference": "R-1", "technique": "aucune", "reconductions": 0}
PRICE = {"intitule": "Prix", "nature": "prix", "poids": "100"}
PAYLOADS = {
    "-": lambda scene, actor: {"data": {}},
    "vide": lambda scene, actor: {"data": {}},
    "nom_personne": lambda scene, actor: {"data": {"prenom": "Autre", "nom": "Nom"}},
    "marche": lambda scene, actor: {
        "data": {"objet": "Nouveau marché", "organisation": employer(scene, actor)}
    },
    "fiche": lambda scene, actor: {"data": FICHE},
    "lots": lambda scene, actor: rows_of({"intitule": "Lot un"}),
    "criteres": lambda scene, actor: rows_of(PRICE),
    "invitation": lambda scene, actor: {
        "data": {"email": "autre@region.example", "role": "editeur"}
    },
    "etape": lambda scene, actor: {"data": {"vers": "redaction", "depuis": "besoin"}},
    "caviardage": lambda scene, actor: {"data": {"etape": "chercher", "passage": "Un passage"}},
    "ligne": lambda scene, actor: {"data": {"ligne": "1"}},
    "periode": lambda scene, actor: {
        "data": {
            "jour_depuis": "2026-01-01",
            "heure_depuis": 8,
            "jour_jusqua": "2026-01-01",
            "heure_jusqua": 10,
        }
    },
    "recherche": lambda scene, actor: {"data": {"nom": "Travaux", "requete": "nature=travaux"}},
    "acces": lambda scene, actor: {"data": access_elsewhere(scene)},
    "role": lambda scene, actor: {"data": {"role": "editeur"}},
    "piece": lambda scene, actor: {"data": {"type": "CCAP", "titre": ""}},
    "titre": lambda scene, actor: {"data": {"titre": "Autre titre"}},
    "nom": lambda scene, actor: {"data": {"nom": "Autre nom"}},
    "format": lambda scene, actor: {"data": {"format": "md"}},
    "format_ancien": lambda scene, actor: {"data": {"format": "md", "version": "1"}},
    "motif": lambda scene, actor: {"data": {"motif": "Doublon"}},
    "version": lambda scene, actor: {"data": {"version": "3"}},
    "haut": lambda scene, actor: {"data": {"sens": "haut"}},
    "bas": lambda scene, actor: {"data": {"sens": "bas"}},
    "sans_numero": lambda scene, actor: {"data": {"numerote": "non"}},
    "coupure": lambda scene, actor: {"data": {"position": 5}},
    "document": lambda scene, actor: {
        "data": {"fichier": SimpleUploadedFile("a.md", b"# Titre\n")}
    },
    "image": lambda scene, actor: {"data": {"fichier": SimpleUploadedFile("a.png", png(20, 20))}},
    "decoupage": lambda scene, actor: {"data": {"numero": 1}},
    "correction": lambda scene, actor: {
        "data": {"numero": 1, "op": "renommer", "article": first_draft(scene), "titre": "Autre"}
    },
    "mots": lambda scene, actor: commit(scene.objets["article"], steps=[insert(1, "Mot ")]),
    "donnee_lot": lambda scene, actor: commit(scene.objets["article"], steps=[cite_lot(scene)]),
    "titre_article": lambda scene, actor: commit(scene.objets["article"], titre="Autre titre"),
    "commentaire": lambda scene, actor: commit(
        scene.objets["article"], steps=[add_mark(1, 4, comment(own_fil(scene, actor)))]
    ),
    "avis": lambda scene, actor: {"data": {"genre": "question", "texte": "Est-ce assez ?"}},
    "avis_passage": lambda scene, actor: {
        "data": {"genre": "question", "texte": "Est-ce assez ?"} | first_words(scene)
    },
    "texte": lambda scene, actor: {"data": {"texte": "Une réponse."}},
}


def employer(scene: Scene, actor: str) -> UUID | str:
    user = scene.people.get(actor)
    member = user and user.memberships.filter(is_active=True).first()
    return member.organisation_id if member else ""


def access_elsewhere(scene: Scene) -> dict[str, object]:
    marche = Marche.objects.get(pk=scene.objets["marche_ailleurs"])
    return {
        "organisation": marche.organisation_id,
        "reference": marche.reference,
        "motif": "Le juge demande à lire ce dossier.",
        "duree": 30,
    }


def own_fil(scene: Scene, actor: str) -> str:
    """A thread of the actor's own, or anybody's for who opens none."""
    return str(scene.objets.get(f"fil_de_{actor}", scene.objets["fil"]))


def first_words(scene: Scene) -> dict[str, object]:
    article = Article.objects.get(pk=scene.objets["article"])
    bloc = article.corps["content"][0]["attrs"]["id"]
    return {"passage": ends((bloc, 0, 0), (bloc, 0, 4)), "base": article.numero}


def cite_lot(scene: Scene) -> dict[str, object]:
    lot = Lot.objects.filter(marche=scene.objets["marche"]).earliest("numero")
    node = {"type": "variable", "attrs": {"chemin": f"lot.{lot.pk.hex}.intitule"}}
    return {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [node]}}


def first_draft(scene: Scene) -> str:
    draft = Importation.objects.get(pk=scene.objets["importation"]).decoupage
    return draft["articles"][0]["id"]
