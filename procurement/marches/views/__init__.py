"""Pages of the marché, one file per noun."""

from procurement.marches.views.acces import acces_close, acces_list
from procurement.marches.views.history import history_export, history_read, history_verify
from procurement.marches.views.home import home
from procurement.marches.views.invitations import (
    invitation_accept,
    invitation_create,
    invitation_open,
    invitation_revoke,
)
from procurement.marches.views.marches import (
    criteres_set,
    lots_set,
    marche_create,
    marche_detail,
    marche_list,
    marche_list_export,
    marche_share,
    marche_update,
)
from procurement.marches.views.participations import participation_change, participation_end
from procurement.marches.views.receipts import receipt_list
from procurement.marches.views.redactions import history_redact
from procurement.marches.views.searches import filter_delete, filter_save
from procurement.marches.views.steps import marche_move


__all__ = [
    "acces_close",
    "acces_list",
    "criteres_set",
    "filter_delete",
    "filter_save",
    "history_export",
    "history_read",
    "history_redact",
    "history_verify",
    "home",
    "invitation_accept",
    "invitation_create",
    "invitation_open",
    "invitation_revoke",
    "lots_set",
    "marche_create",
    "marche_detail",
    "marche_list",
    "marche_list_export",
    "marche_move",
    "marche_share",
    "marche_update",
    "participation_change",
    "participation_end",
    "receipt_list",
]
