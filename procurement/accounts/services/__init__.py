"""Verbs on people and the mails of accounts."""

from procurement.accounts.services.factors import renew_factors, vault
from procurement.accounts.services.mails import (
    announce_account,
    deliver_mail,
    password_link,
    send_mail_later,
    write_mail,
)
from procurement.accounts.services.people import (
    create_user,
    deactivate_user,
    edit_profile,
    end_sessions,
    name_administrateur,
    prove_address,
    reactivate_user,
    record_account_event,
)
from procurement.accounts.services.signing_up import (
    keep_destination,
    keep_verified,
    take_destination,
    take_verified,
)


__all__ = [
    "announce_account",
    "create_user",
    "deactivate_user",
    "deliver_mail",
    "edit_profile",
    "end_sessions",
    "keep_destination",
    "keep_verified",
    "name_administrateur",
    "password_link",
    "prove_address",
    "reactivate_user",
    "record_account_event",
    "renew_factors",
    "send_mail_later",
    "take_destination",
    "take_verified",
    "vault",
    "write_mail",
]
