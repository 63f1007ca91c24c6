"""A small history with real commits, and connections as every role of the database."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg2
import pytest

from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.organisations.models import Direction, Organisation
from tests.services import services


@dataclass
class Histoire:
    """One organisation and one direction, edited three times by Ana."""

    database: str
    ana: User
    organisation: Organisation
    direction: Direction
    opened: list = field(default_factory=list)

    def edit(self, **fields: object) -> None:
        """Change the direction as a service would."""
        for name, value in fields.items():
            setattr(self.direction, name, value)
        with recording(by=self.ana, tag="organisations:direction:edited", obj=self.direction):
            self.direction.save()

    def connect(self, role: str):
        """Open a connection as a role; statements commit one by one."""
        connection = psycopg2.connect(services.postgres.url(role, self.database))
        connection.autocommit = True
        self.opened.append(connection)
        return connection

    def force(self, *statements: str) -> None:
        """What a database administrator can do who takes the guards away first."""
        with self.connect("postgres").cursor() as cursor:
            for table in (
                "journal", "chaine_tete", "reversion_version", "reversion_revision", "sceau",
                "recu", "organisations_direction", "organisations_organisation", "accounts_user",
            ):  # fmt: skip
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                cursor.execute(statement)


def make_user(nom: str) -> User:
    """A person, without the services of the layer above."""
    return User.objects.create_user(
        f"{uuid.uuid4().hex[:10]}@region.example", None, prenom="Ana", nom=nom
    )


@pytest.fixture
def histoire(cloned_database) -> Iterator[Histoire]:
    """Five entries in the platform chain, really committed."""
    ana = make_user("Berthier")
    organisation = Organisation(nom="Région Exemple", type="collectif")
    direction = Direction(organisation=organisation, nom="Achats")
    with recording(by=ana, tag="organisations:organisation:created", obj=organisation):
        organisation.save()
        direction.save()
    histoire = Histoire(cloned_database, ana, organisation, direction)
    for sigle in ("DA", "DAJ", "DCP"):
        histoire.edit(sigle=sigle)
    yield histoire
    for connection in histoire.opened:
        connection.close()
