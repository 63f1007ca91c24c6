"""Reads shaped for the pages of a marché, one file per noun."""

from procurement.marches.selectors.acces import ShownAcces, list_acces, standing_acces
from procurement.marches.selectors.donnees import (
    criteres_of,
    donnees_of,
    lost_of,
    name_variables,
    read_variables,
    say_criteres,
    say_variables,
    shares_of,
)
from procurement.marches.selectors.history import History, read_history
from procurement.marches.selectors.marches import (
    lots_of,
    marches_visible_to,
    organisations_buying_for,
    parts_held_by,
    parts_visible_to,
)
from procurement.marches.selectors.past import marche_at
from procurement.marches.selectors.people import (
    Person,
    find_invitation,
    find_joined,
    find_participation,
    invitations_for,
    list_invitations,
    list_people,
)
from procurement.marches.selectors.points import fiche_points
from procurement.marches.selectors.redactions import RedactionAsk, list_redactions, place_now
from procurement.marches.selectors.searches import filters_of
from procurement.marches.selectors.steps import (
    LastMove,
    Step,
    last_move,
    next_step,
    read_passage,
    steps_back,
    steps_of,
)
from procurement.marches.selectors.waiting import next_point, waiting_answers, waiting_dates


__all__ = [
    "History",
    "LastMove",
    "Person",
    "RedactionAsk",
    "ShownAcces",
    "Step",
    "criteres_of",
    "donnees_of",
    "fiche_points",
    "filters_of",
    "find_invitation",
    "find_joined",
    "find_participation",
    "invitations_for",
    "last_move",
    "list_acces",
    "list_invitations",
    "list_people",
    "list_redactions",
    "lost_of",
    "lots_of",
    "marche_at",
    "marches_visible_to",
    "name_variables",
    "next_point",
    "next_step",
    "organisations_buying_for",
    "parts_held_by",
    "parts_visible_to",
    "place_now",
    "read_history",
    "read_passage",
    "read_variables",
    "say_criteres",
    "say_variables",
    "shares_of",
    "standing_acces",
    "steps_back",
    "steps_of",
    "waiting_answers",
    "waiting_dates",
]
