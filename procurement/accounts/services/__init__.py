"""Verbs on people and the mails of accounts."""

from procurement.accounts.services.mails import deliver_mail, write_mail
from procurement.accounts.services.people import (
    create_user,
    deactivate_user,
    edit_profile,
    end_sessions,
    reactivate_user,
    record_account_event,
)


__all__ = [
    "create_user",
    "deactivate_user",
    "deliver_mail",
    "edit_profile",
    "end_sessions",
    "reactivate_user",
    "record_account_event",
    "write_mail",
]
