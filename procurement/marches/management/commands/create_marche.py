"""Open a marché from the command line."""

from procurement.access.services.commands import ActingCommand
from procurement.marches.permissions import Action
from procurement.marches.selectors import organisations_buying_for
from procurement.marches.services import create_marche


class Command(ActingCommand):
    help = 'Ouvre un marché. Réponse\u202f: {"uuid": …, "reference": …}'

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--objet", required=True)

    def handle(self, *args, **options):
        user = self.person(options)
        self.may(user, Action.MARCHE_CREATE)
        organisation = organisations_buying_for(user).first()
        marche = create_marche(by=user, organisation=organisation, objet=options["objet"])
        self.answer({"uuid": marche.pk, "reference": marche.reference})
