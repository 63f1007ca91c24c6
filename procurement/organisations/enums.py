"""Kinds of organisations and the functions people hold in them."""

from django.db import models


class TypeOrganisation(models.TextChoices):
    """What kind of body it is."""

    ACHETEUR = "acheteur", "Acheteur public"
    FOURNISSEUR = "fournisseur", "Fournisseur"
    COLLECTIF = "collectif", "Association ou collectif"


class Fonction(models.TextChoices):
    """Function of a person in the organisation, beside the roles held on each marché.

    INVITE: works on the marchés she was invited to, and opens none in the organisation’s name.
    """

    INVITE = "invite", "Personne extérieure"
    AGENT = "agent", "Agent"
    JURISTE = "juriste", "Juriste"
    ADMINISTRATEUR = "administrateur", "Administrateur"
