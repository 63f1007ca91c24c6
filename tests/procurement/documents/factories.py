import factory

from procurement.accounts.models import User


class PersonFactory(factory.django.DjangoModelFactory):
    """A person who receives or makes files."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"personne{n}@exemple.test")
    prenom = "Claire"
    nom = "Ménard"
