"""Triggers and grants, installed after each migrate from what the registry declares.

Running it again changes nothing: a trigger carries the hash of its definition as a comment.
"""

# ruff: noqa: S608 - SQL made of declared names, quoted

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.db.models import Model
from reversion.models import Revision, Version

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.roles import WEB, WORKER, quote
from procurement.audit.models import ChainHead, JournalEntry, Receipt, RefusalGroup, Seal


# Tables that the application reads and never writes.
READ_ONLY = (
    "django_content_type", "django_migrations", "auth_permission", "auth_group",
    "auth_group_permissions",
)  # fmt: skip
# Sign-in is the affair of the web process: the worker sees nothing of it.
NOT_FOR_WORKER = ("django_session", "mfa_authenticator", "usersessions_usersession")
JOURNAL_FUNCTIONS = (
    "journal_enregistrer","journal_ajouter_lot", "journal_ajouter", "journal_refuser",
    "journal_refus_vider", "sceau_poser", "recu_delivrer", "verdict_inscrire",
)  # fmt: skip
WEB_FUNCTIONS = ("journal_caviarder",)


@dataclass(frozen=True)
class Trigger:
    """One trigger wanted on one table."""

    table: str
    name: str
    sql: str

    @property
    def mark(self) -> str:
        """SHA-256 of the definition, 64 hexadecimal signs: kept as the comment of the trigger, and compared."""
        return sha256(self.sql.encode()).hexdigest()


def install_after_migrate(using: str = "default", **kwargs: Any) -> None:
    """Install on the default database, once its tables exist."""
    if using == "default":
        install_evidence()


def install_evidence() -> int:
    """Install the missing or changed triggers, then the grants. Returns the number installed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('procurement.audit'))")
        tables = set(connection.introspection.table_names(cursor))
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, t.tgname, coalesce(obj_description(t.oid), ''),"
            " t.tgenabled FROM pg_trigger t WHERE t.tgname LIKE 'preuve\\_%%'"
        )
        present = {(row[0].strip('"'), row[1]): (row[2], row[3]) for row in cursor.fetchall()}
        cursor.execute(chain_functions())
        count = 0
        for trigger in wanted_triggers():
            if trigger.table not in tables:
                continue
            if present.get((trigger.table, trigger.name)) == (trigger.mark, "A"):
                continue
            table, name = quote(trigger.table), quote(trigger.name)
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON public.{table}")
            cursor.execute(trigger.sql)
            cursor.execute(f"ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER {name}")
            cursor.execute(f"COMMENT ON TRIGGER {name} ON public.{table} IS '{trigger.mark}'")
            count += 1
        grant_rights(cursor, tables)
    return count


def chain_functions() -> str:
    """SQL of what triggers ask: which chain tells the story of a row, whether a chain is any of ours."""
    cases = "".join(
        f" WHEN {_literal(each.table)} THEN RETURN (SELECT {each.chain_sql('t')}"
        f" FROM public.{quote(each.table)} t WHERE t.{quote(each.key)} = cle::{each.key_type});"
        for each in registry.protections.values()
    )
    return f"""
CREATE OR REPLACE FUNCTION public.preuve_chaine(nom text, cle text) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    CASE nom {cases} ELSE RETURN NULL; END CASE;
END $$;
CREATE OR REPLACE FUNCTION public.preuve_connue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.chaine <> '{PLATFORM_CHAIN}' AND NOT EXISTS (
        SELECT FROM ({registry.known_chains()}) c (id) WHERE c.id = NEW.chaine)
    THEN
        RAISE EXCEPTION 'La chaîne % ne raconte rien que la plateforme connaisse.', NEW.chaine
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.preuve_chaine(text, text) FROM PUBLIC;
"""


def wanted_triggers() -> Iterator[Trigger]:
    """Yield every trigger that should stand, from the registry and the tables of the evidence."""
    yield from _frozen(JournalEntry, "preuve_journal")
    yield from _frozen(Version, "preuve_version_figee")
    for model in (Revision, Seal, Receipt, *registry.append_only_models):
        annex = registry.annexes.get(model)
        if annex and annex.emptied:
            yield from _frozen(model, "preuve_annexe", _literal(canonical_json(_told(annex))))
        else:
            yield from _frozen(model, "preuve_refuser")
    for model in (Seal, Receipt):
        yield _dated(model, "instant")
    yield _deferred(Version, "preuve_version", "INSERT", "preuve_version()")
    yield _deferred(Revision, "preuve_revision", "INSERT", "preuve_revision()")
    for model in registry.append_only_models:
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is Revision:
                arguments = [str(field.column)]
                if model in registry.annexes:
                    arguments.append(canonical_json(_told(registry.annexes[model])))
                call = f"preuve_meta({', '.join(map(_literal, arguments))})"
                yield _deferred(model, f"preuve_meta_{field.column}", "INSERT", call)
    people: list[type[Model]] = [ChainHead, get_user_model()]
    for model in (*people, *registry.protections, *registry.kept_models):
        yield _row(model, "preuve_garder", "BEFORE DELETE", "preuve_refuser()")
        yield _truncate(model)
    yield _row(ChainHead, "preuve_connue", "BEFORE INSERT", "preuve_connue()")
    for model, noted in registry.noted.items():
        yield _dated(model, noted.written)
        at_once = (noted.instant, _seconds(noted.delay), canonical_json(noted.late))
        call = f"preuve_aussitot({', '.join(map(_literal, at_once))})"
        yield _row(model, "preuve_aussitot", "BEFORE INSERT", call)
        kept = f"{_literal(noted.instant)}, {_literal(_seconds(noted.kept))}"
        yield from _frozen(model, "preuve_notee", kept)
    for protection in registry.protections.values():
        call = f"preuve_ligne({', '.join(map(_literal, _arguments(protection)))})"
        yield _deferred(protection.model, "preuve_ligne", "INSERT OR UPDATE", call)
    for telling in registry.tellings.values():
        told = (
            telling.about,
            telling.subject,
            canonical_json(telling.state),
            "{" + ",".join(quote(name) for name in telling.hashed) + "}",
            telling.detail,
            str(telling.chain),
        )
        call = f"preuve_dite({', '.join(map(_literal, told))})"
        yield _deferred(telling.model, "preuve_dite", "INSERT OR UPDATE", call)
    for freeze in registry.freezes.values():
        columns = "{" + ",".join(quote(name) for name in freeze.columns) + "}"
        until = canonical_json(freeze.until)
        call = f"preuve_identite({', '.join(map(_literal, (columns, freeze.state, until)))})"
        yield _row(freeze.model, "preuve_identite", "BEFORE UPDATE", call)


def _arguments(protection: registry.Protection) -> list[str]:
    meta = protection.model._meta
    columns = dict(protection.columns)
    if not protection.versioned:
        columns = {column: column for column in columns}
    free = [str(f.column) for f in meta.local_fields if f.name in protection.exclude and f.concrete]
    return [
        protection.key,
        "version" if protection.versioned else "ligne",
        canonical_json(columns),
        "{" + ",".join(quote(name) for name in free) + "}",
        meta.app_label,
        str(meta.model_name),
        canonical_json(protection.casts),
        *([] if protection.initial is None else [canonical_json(protection.initial)]),
    ]


def _told(annex: registry.Annex) -> dict[str, object]:
    """What the trigger of an annex knows of it: how its entry is found, and what may be emptied."""
    return {"marque": annex.mark, "objet": annex.subject, "vide": annex.emptied}


def _frozen(model: type[Model], function: str, argument: str = "") -> Iterator[Trigger]:
    yield _row(model, "preuve_figee", "BEFORE UPDATE OR DELETE", f"{function}({argument})")
    yield _truncate(model)


def _dated(model: type[Model], column: str) -> Trigger:
    return _row(model, "preuve_instant", "BEFORE INSERT", f"preuve_instant({_literal(column)})")


def _truncate(model: type[Model]) -> Trigger:
    table = model._meta.db_table
    return Trigger(
        table,
        "preuve_vidage",
        f"CREATE TRIGGER preuve_vidage BEFORE TRUNCATE ON public.{quote(table)}"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.preuve_refuser()",
    )


def _row(model: type[Model], name: str, when: str, call: str) -> Trigger:
    table = model._meta.db_table
    return Trigger(
        table,
        name,
        f"CREATE TRIGGER {quote(name)} {when} ON public.{quote(table)}"
        f" FOR EACH ROW EXECUTE FUNCTION public.{call}",
    )


def _deferred(model: type[Model], name: str, events: str, call: str) -> Trigger:
    table = model._meta.db_table
    return Trigger(
        table,
        name,
        f"CREATE CONSTRAINT TRIGGER {quote(name)} AFTER {events} ON public.{quote(table)}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.{call}",
    )


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.0f} seconds"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def declared_rights(tables: set[str]) -> dict[str, dict[str, frozenset[str]]]:
    """What each role may do on each table: {role: {table: {SELECT, …}}}; nothing else."""
    read, add = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"})
    change, everything = add | {"UPDATE"}, add | {"UPDATE", "DELETE"}
    rights: dict[str, frozenset[str]] = dict.fromkeys(tables, everything)
    for name in READ_ONLY:
        rights[name] = read

    def declare(allowed: frozenset[str], *kinds: type[models.Model]) -> None:
        rights.update({kind._meta.db_table: allowed for kind in kinds})

    declare(change, get_user_model(), *registry.kept_models, *registry.protections)
    declare(add, *registry.append_only_models)
    # Functions of the database write them, from what it holds: sceau_poser, recu_delivrer.
    declare(read, Seal, Receipt)
    # What is numbered by the database alone is added column by column: declared_inserts().
    declare(read, Revision, Version)
    declare(add, *registry.noted)
    # What is frozen is updated column by column: declared_columns().
    declare(add, *registry.freezes)
    declare(read, JournalEntry, ChainHead, RefusalGroup)
    web = {table: allowed for table, allowed in rights.items() if table in tables}
    worker = {table: allowed for table, allowed in web.items() if table not in NOT_FOR_WORKER}
    worker[get_user_model()._meta.db_table] = read
    purged = {model._meta.db_table: read | {"DELETE"} for model in registry.noted}
    worker |= {table: allowed for table, allowed in purged.items() if table in tables}
    return {WEB: web, WORKER: worker}


def declared_columns(tables: set[str]) -> dict[str, tuple[str, ...]]:
    """Columns that the roles may update where the rest of the row is frozen: {table: columns}."""
    frozen = registry.freezes.values()
    return {freeze.table: freeze.changing for freeze in frozen if freeze.table in tables}


def declared_inserts(tables: set[str]) -> dict[str, tuple[str, ...]]:
    """Columns that the roles may write in a new row that the database numbers: {table: columns}.

    The past is read in the order of these numbers: nobody chooses one.
    """
    return {
        model._meta.db_table: tuple(
            str(f.column) for f in model._meta.local_fields if not f.primary_key
        )
        for model in (Revision, Version)
        if model._meta.db_table in tables
    }


def grant_rights(cursor: Any, tables: set[str]) -> bool:
    """Give each role exactly what is declared. Returns False when the roles do not exist."""
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s)", [WEB, WORKER])
    roles = {row[0] for row in cursor.fetchall()}
    cursor.execute("SELECT current_user")
    if roles != {WEB, WORKER} or cursor.fetchone()[0] in roles:
        return False
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {WEB}, {WORKER}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {WEB}, {WORKER}",
        f"GRANT USAGE ON SCHEMA public TO {WEB}, {WORKER}",
    ]
    for role, rights in declared_rights(tables).items():
        by_right: dict[frozenset[str], list[str]] = {}
        for table, allowed in rights.items():
            by_right.setdefault(allowed, []).append(f"public.{quote(table)}")
        statements += [
            f"GRANT {', '.join(sorted(allowed))} ON {', '.join(sorted(names))} TO {role}"
            for allowed, names in by_right.items()
        ]
    statements += [
        f"GRANT UPDATE ({', '.join(map(quote, columns))}) ON public.{quote(table)} TO {WEB}, {WORKER}"
        for table, columns in declared_columns(tables).items()
        if columns
    ]
    statements += [
        f"GRANT INSERT ({', '.join(map(quote, columns))}) ON public.{quote(table)} TO {WEB}, {WORKER}"
        for table, columns in declared_inserts(tables).items()
    ]
    for names, grantees in ((JOURNAL_FUNCTIONS, f"{WEB}, {WORKER}"), (WEB_FUNCTIONS, WEB)):
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p"
            " WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(%s)",
            [list(names)],
        )
        statements += [
            f"GRANT EXECUTE ON FUNCTION {row[0]} TO {grantees}" for row in cursor.fetchall()
        ]
    cursor.execute("; ".join(statements))
    return True
