"""The page of the components, shown in development only."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from procurement.ui.etats import ETATS
from procurement.ui.frise import Version


EXEMPLES = ("accueil", "marche", "piece", "comparer")


class ExempleForm(forms.Form):
    """One field of each kind."""

    objet = forms.CharField(
        label="Objet du marché",
        max_length=120,
        help_text="Une phrase que comprend un fournisseur qui ne vous connaît pas.",
    )
    procedure = forms.ChoiceField(
        label="Procédure",
        choices=[("", "Choisir"), ("aoo", "Appel d’offres ouvert"), ("mapa", "Procédure adaptée")],
    )
    montant = forms.DecimalField(label="Montant estimé", help_text="Hors taxes, toutes périodes.")
    remise = forms.DateField(
        label="Date limite", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    forme = forms.ChoiceField(
        label="Lots",
        widget=forms.RadioSelect,
        choices=[("un", "Un seul lot"), ("plusieurs", "Plusieurs lots")],
    )
    besoin = forms.CharField(
        label="Besoin", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    piece = forms.FileField(label="Document Word à reprendre", required=False)
    reserve = forms.BooleanField(label="Lot réservé à l’insertion", required=False)


class Person(SimpleNamespace):
    """Stand-in for a user: a name, initials, a function."""

    is_authenticated = True
    email = "n.belkacem@armor-loire.example"

    def __str__(self) -> str:
        return self.nom


def _person(pk: int, nom: str, initiales: str, fonction: str) -> Person:
    return Person(pk=pk, nom=nom, initiales=initiales, fonction=fonction)


def _entry(numero: str, titre: str, *enfants: object, marques: tuple = ()) -> dict:
    return {
        "id": f"a{numero}",
        "numero": numero,
        "titre": titre,
        "href": f"#a{numero}",
        "enfants": enfants,
        "marques": marques,
    }


def _mark(ton: str, icone: str, mot: str, n: int = 0) -> dict:
    return {"ton": ton, "icone": icone, "mot": mot, "n": n}


def _versions() -> list[Version]:
    """Thirty-seven versions between 2 February and 12 March, of uneven size."""
    start = datetime.datetime(2026, 2, 2, 9, 3, tzinfo=datetime.UTC)
    names = {
        1: "Import de nettoyage-cctp.md",
        8: "Première écriture",
        12: "Envoi aux directions",
        21: "Retour des achats durables",
        29: "Relecture juridique",
    }
    return [
        Version(
            numero=n,
            instant=start + datetime.timedelta(hours=25 * (n - 1)),
            mots=(n * 37) % 90 if n % 3 else 0,
            nom=names.get(n, ""),
        )
        for n in range(1, 38)
    ]


def _sample() -> dict:
    return {
        "nadia": _person(1, "Nadia Belkacem", "NB", "gestionnaire · achats"),
        "herve": _person(2, "Hervé Tanguy", "HT", "éditeur · moyens généraux"),
        "aminata": _person(3, "Aminata Diallo", "AD", "commentatrice, juriste"),
        "claire": _person(4, "Claire Morvan", "CM", "éditrice · achats durables"),
        "etats": ETATS,
        "maintenant": timezone.now(),
        "jour": datetime.datetime(2026, 3, 12, 13, 5, tzinfo=datetime.UTC),
        "montant": Decimal(1240000),
        "versions": _versions(),
        "entrees": [
            _entry("1", "Objet et périmètre"),
            _entry(
                "2",
                "Organisation des prestations",
                _entry("2.1", "Horaires en journée"),
                _entry("2.2", "Fréquences par local"),
            ),
            _entry(
                "3",
                "Personnel",
                _entry(
                    "3.1",
                    "Reprise du personnel",
                    marques=(_mark("sapin", "patch-check", "visé"),),
                ),
                _entry("3.2", "Formation aux gestes"),
            ),
            _entry(
                "4",
                "Produits et consommables",
                _entry(
                    "4.1",
                    "Produits d’entretien",
                    marques=(
                        _mark("rouge", "exclamation-octagon", "objection, commentaires\u202f: ", 2),
                    ),
                ),
                _entry(
                    "4.2",
                    "Dosage et dilution",
                    marques=(_mark("ocre", "pencil", "Hervé Tanguy écrit ici"),),
                ),
                _entry(
                    "4.3",
                    "Consommables sanitaires",
                    marques=(_mark("bleu", "chat-left-text", "commentaires\u202f: ", 1),),
                ),
            ),
            _entry(
                "5",
                "Contrôle de la qualité",
                _entry("5.1", "Contrôles contradictoires"),
                _entry("5.2", "Indicateurs et seuils"),
            ),
            _entry("6", "Hygiène et sécurité"),
            _entry("7", "Bilan annuel"),
        ],
        "rapport_sain": SimpleNamespace(ok=True, chains=6, entries=12480, redacted=2, breaks=[]),
        "rapport_rompu": SimpleNamespace(
            ok=False,
            chains=6,
            entries=12480,
            breaks=[
                SimpleNamespace(
                    quoi="l’article 3.2 «\u202fDélais\u202f» de la pièce «\u202fCCTP\u202f»",
                    href="#t-preuve",
                    words="ne dit pas ce que dit sa dernière version.",
                ),
                SimpleNamespace(
                    words="L’acte 311 du marché «\u202fNettoyage des locaux\u202f», inscrit le 9 mars 2026 "
                    "à 15 h 41, ne porte plus l’empreinte qu’il avait."
                ),
            ],
        ),
        "page": Paginator(range(1240), 25).page(4),
        "form": ExempleForm(initial={"objet": "Nettoyage des locaux du siège"}),
        "form_refuse": ExempleForm({"objet": "Nettoyage", "montant": "douze"}, prefix="r"),
    }


def composants(request: HttpRequest) -> HttpResponse:
    """Show every component in every variant."""
    return render(request, "components/galerie.html", _sample())


def exemple(request: HttpRequest, nom: str) -> HttpResponse:
    """Show a whole screen made of the components, with invented content."""
    if nom not in EXEMPLES:
        raise Http404
    sample = _sample()
    sample["user"] = sample["nadia"]
    return render(request, f"components/exemples/{nom}.html", sample)


def progression_exemple(request: HttpRequest, fait: int) -> HttpResponse:
    """Answer the poll of the sample job: one more step each time, then done."""
    return render(
        request, "components/exemples/_progression.html", {"fait": fait, "suite": fait + 1}
    )
