"""Arguments that commands about members share: whom, and where."""

from django.core.management.base import CommandParser


def add_member_arguments(parser: CommandParser) -> None:
    """Ask for a person by the address, written as accounts keep it, and for an organisation by its SIRET."""
    parser.add_argument("--courriel", required=True, metavar="E-MAIL", type=_read_courriel)
    parser.add_argument("--organisation", required=True, metavar="SIRET")


def _read_courriel(text: str) -> str:
    return text.strip().lower()
