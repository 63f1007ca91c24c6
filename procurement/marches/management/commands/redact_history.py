"""Empty a passage from the history of a marché: two persons, a motive."""

from django.core.management.base import CommandError
from django.db import IntegrityError

from procurement.access.services.commands import ActingCommand
from procurement.audit.services import find_passage, redact_entries
from procurement.marches.permissions import Action
from procurement.marches.services import refuse_redaction


NOT_REACHED = (
    "Le caviardage n’atteint pas\u202f: les fichiers exportés ou reçus, les sauvegardes, les courriels partis, "
    "les journaux du serveur, les exports de chaîne déjà remis, ni un début du passage enregistré avant "
    "qu’il ne soit entier."
)


class Command(ActingCommand):
    help = (
        "Cherche un passage dans l’histoire d’un marché et dit qui le tient encore\u202f; avec --confirmer,"
        " le caviarde partout\u202f: deux personnes, un motif."
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--avec", required=True, metavar="E-MAIL", help="La seconde personne.")
        parser.add_argument("--marche", required=True, metavar="UUID")
        parser.add_argument("--passage", default="", help="Le passage à retirer de l’histoire.")
        parser.add_argument(
            "--ligne", type=int, action="append", default=[], metavar="N",
            help="Une ligne du journal de plus\u202f; peut se répéter.",
        )  # fmt: skip
        parser.add_argument("--motif", default="", help="Reste lisible dans l’histoire.")
        parser.add_argument("--confirmer", action="store_true", help="Sans retour.")

    def handle(self, *args, **options):
        first = self.person(options)
        second = self.person({"par": options["avec"]})
        marche = self.fetch(first, Action.HISTORY_REDACT, options["marche"])
        self.fetch(second, Action.HISTORY_REDACT, options["marche"])
        passage = " ".join(options["passage"].split())
        if not passage and not options["ligne"]:
            raise CommandError("Donnez le passage à chercher, ou une ligne du journal.")
        held = find_passage(chain=marche.pk, passage=passage) if passage else []
        seqs = sorted({each.seq for each in held} | set(options["ligne"]))
        said = {
            "lignes": [
                {"ligne": each.seq, "libelle": each.libelle, "tient": each.places, "texte_actuel": each.present}
                for each in held
            ],
            "a_caviarder": seqs,
            "hors_de_portee": NOT_REACHED,
        }  # fmt: skip
        if options["confirmer"]:
            if passage and passage.casefold() in options["motif"].casefold():
                raise CommandError("Le motif reste lisible\u202f: n’y écrivez pas le passage.")
            if refusal := refuse_redaction(held):
                raise CommandError(refusal)
            try:
                said["caviarde_par"] = redact_entries(
                    chain=marche.pk, seqs=seqs, motif=options["motif"], asked_by=first, approved_by=second
                )  # fmt: skip
            except IntegrityError as error:
                raise CommandError(str(error).splitlines()[0]) from error
        self.answer(said)
