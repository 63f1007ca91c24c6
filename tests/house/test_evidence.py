"""Every table has its place before the evidence, or a reason to be outside it."""

import pytest
from django.apps import apps

from procurement.audit import registry
from procurement.audit.models import ChainHead, JournalEntry, Receipt, RefusalGroup, Seal


# A change has its entry in the journal at commit, and the verification compares the row with it.
PROTECTED = {
    "accounts.User",
    "documents.StoredFile",
    "marches.AccesExceptionnel",
    "marches.Critere",
    "marches.Invitation",
    "marches.Lot",
    "marches.Marche",
    "marches.Participation",
    "organisations.Direction",
    "organisations.Membership",
    "organisations.Organisation",
    "wikimarche.Article",
    "wikimarche.Commentaire",
    "wikimarche.Fil",
    "wikimarche.Image",
    "wikimarche.Importation",
    "wikimarche.Piece",
}
# Rows are only added, with a revision; the verification compares them with the journal.
APPEND_ONLY = {"wikimarche.Commit", "wikimarche.Version"}
# The evidence itself: written by functions of the database, or added and never changed.
EVIDENCE = {
    *(model._meta.label for model in (ChainHead, JournalEntry, Receipt, RefusalGroup, Seal)),
    "reversion.Revision",
    "reversion.Version",
}
# A row in a state that others rely on has its event at commit, with its digest and never its words.
TOLD = {"account.EmailAddress"}
OUTSIDE = {
    "account.EmailConfirmation": "unused: the links are signed, nothing is stored.",
    "auth.Group": "unused: rights are in the matrices; the site reads it and cannot write.",
    "auth.Permission": "unused: rights are in the matrices; the site reads it and cannot write.",
    "contenttypes.ContentType": "names of tables; the site reads it and cannot write.",
    "jobs.Job": "work in progress; the right is asked again when it runs and when its file is taken, "
    "and what it changes passes by the protected tables.",
    "marches.SavedFilter": "one's own searches: they give no right and say nothing to anybody else.",
    "mfa.Authenticator": "secrets, which no journal may copy; added, removed, reset are events. Whoever "
    "writes here as the site can act as a person: seen by events against the access log, not prevented.",
    "operations.MinuteSante": "what was seen of the machine, each minute, by nobody; rows are added, never "
    "changed, and purged by the worker alone; the hash of each hour is an event of the platform's chain.",
    "sessions.Session": "lasts hours; an opened session is an event.",
    "usersessions.UserSession": "lasts hours; an opened session is an event.",
    "wikimarche.Presence": "who is on a page now, forgotten after seconds.",
}


def labels(models):
    return {model._meta.label for model in models}


def test_every_model_has_one_place():
    """Repair: protect() or append_only() it in apps.ready(), or say in OUTSIDE why neither is needed."""
    assert labels(registry.protections) == PROTECTED
    assert labels(registry.append_only_models) == APPEND_ONLY
    assert labels(registry.annexes) == APPEND_ONLY
    every = labels(apps.get_models())
    assert labels(registry.tellings) == TOLD
    assert every == PROTECTED | APPEND_ONLY | EVIDENCE | TOLD | OUTSIDE.keys()
    places = [*PROTECTED, *APPEND_ONLY, *EVIDENCE, *TOLD, *OUTSIDE]
    assert len(places) == len(set(places))


# Columns of protected tables that change without an entry, each with its reason.
FREE = {
    "accounts.User.email": "a datum of a person, which no journal keeps for ever.",
    "accounts.User.is_password_short": "says how long a secret is.",
    "accounts.User.last_login": "an opened session is an event.",
    "accounts.User.password": "a secret; its change is an event.",
    "documents.StoredFile.analysed_at": "when it was last asked; the verdict is compared.",
    "marches.Invitation.jeton_sha256": "opens an invitation, which its address and its state bind.",
    "marches.Invitation.mot": "free words from one person to another.",
    "wikimarche.Fil.rang": "the order of acts on threads, which an open page asks for.",
}


@pytest.mark.parametrize("label", sorted(PROTECTED))
def test_every_column_of_a_protected_table_is_compared_or_free_on_purpose(label):
    """Repair: add the field to columns=, or to exclude= with the reason beside it."""
    protection = registry.protections[apps.get_model(label)]
    fields = {f.name: f for f in protection.model._meta.local_fields if not f.primary_key}
    free = {name for name, field in fields.items() if field.column not in protection.columns}
    free -= {name for name, field in fields.items() if field.column in protection.digests.values()}
    assert free == set(protection.exclude)
    reasons = {column for column in FREE if column.startswith(f"{label}.")}
    assert {f"{label}.{name}" for name in free} == reasons


def test_no_column_of_an_article_is_outside_the_evidence():
    assert registry.protections[apps.get_model("wikimarche.Article")].exclude == ()


def test_each_amount_and_instant_is_compared_by_its_value():
    """A column whose two prints differ and that nothing casts would refuse every commit, or none."""
    for protection in registry.protections.values():
        for field in protection.model._meta.local_fields:
            if field.column in protection.columns:
                kind = field.get_internal_type()
                assert kind in registry.COMPARABLE or field.column in protection.casts
