"""Forms of a marché, one file per noun. They read what people type; services write."""

from procurement.marches.forms.acces import AccesForm
from procurement.marches.forms.fiche import FicheForm, MarcheCreateForm
from procurement.marches.forms.fields import read_number
from procurement.marches.forms.people import InvitationForm, RoleForm, list_choices
from procurement.marches.forms.redactions import RedactionForm
from procurement.marches.forms.rows import RowsForm, criteres_form, lots_form
from procurement.marches.forms.searches import SavedFilterForm
from procurement.marches.forms.steps import AskForm, MoveForm


__all__ = [
    "AccesForm",
    "AskForm",
    "FicheForm",
    "InvitationForm",
    "MarcheCreateForm",
    "MoveForm",
    "RedactionForm",
    "RoleForm",
    "RowsForm",
    "SavedFilterForm",
    "criteres_form",
    "list_choices",
    "lots_form",
    "read_number",
]
