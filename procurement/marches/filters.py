"""Filters of the list of marchés."""

import unicodedata

import django_filters
from django.db.models import Q

from procurement.marches.enums import NatureMarche, RoleParticipation, StatutMarche
from procurement.marches.models import Marche
from procurement.organisations.models import Direction
from procurement.ui.typographie import print_ligne, strip_invisible


class MarcheFilter(django_filters.FilterSet):
    """State, direction, CPV family, year, one's own role, words of the object."""

    q = django_filters.CharFilter(method="by_words", label="Objet ou référence")
    statut = django_filters.ChoiceFilter(
        choices=StatutMarche, label="Étape", empty_label="Toutes les étapes"
    )
    nature = django_filters.ChoiceFilter(
        choices=NatureMarche, label="Nature", empty_label="Toutes les natures"
    )
    direction = django_filters.ModelChoiceFilter(
        queryset=lambda request: Direction.objects.filter(
            organisation__memberships__in=request.user.memberships.filter(is_active=True)
        ).distinct(),
        label="Direction",
        empty_label="Toutes les directions",
    )
    cpv = django_filters.CharFilter(
        field_name="cpv", lookup_expr="startswith", label="Famille CPV", max_length=8
    )
    annee = django_filters.NumberFilter(
        field_name="created_at", lookup_expr="year", label="Année", min_value=1990, max_value=2100
    )
    role = django_filters.ChoiceFilter(
        choices=RoleParticipation, method="by_role", label="Mon rôle", empty_label="Tous mes rôles"
    )
    tri = django_filters.OrderingFilter(
        fields={
            "created_at": "date",
            "objet": "objet",
            "date_limite_offres": "limite",
            "montant_estime": "montant",
        },
        field_labels={
            "created_at": "Date d’ouverture",
            "objet": "Objet",
            "date_limite_offres": "Remise des offres",
            "montant_estime": "Montant",
        },
        label="Trier par",
        empty_label="Les plus récents",
    )

    class Meta:
        model = Marche
        fields = ()

    @property
    def narrowed(self) -> bool:
        """Whether more than words is asked: the choices made stay in sight."""
        return any(name != "q" for name in self.form.changed_data)

    def by_words(self, queryset, name, value):
        """Without the signs that are not seen, in plain letters where they only look alike, and as an object is printed."""
        plain = strip_invisible(value)
        found = Q()
        for words in {plain, print_ligne(plain), unicodedata.normalize("NFKC", plain)}:
            found |= Q(objet__icontains=words) | Q(reference__icontains=words)
        return queryset.filter(found)

    def by_role(self, queryset, name, value):
        return queryset.filter(
            participations__user=self.request.user,
            participations__role=value,
            participations__is_active=True,
        )


def asked_of(filtered):
    """What a list is asked, cleaned of the empty and of what it does not know: (field, value)."""
    if not filtered.form.is_valid():
        return []
    return [
        (name, value)
        for name in filtered.form.fields
        for value in filtered.data.getlist(name)
        if value
    ]
