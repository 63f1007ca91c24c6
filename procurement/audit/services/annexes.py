"""Annexes: tables written beside the evidence (``registry.annex``), read again against the journal."""

# ruff: noqa: S608 - built from declared names, quoted

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Field, JSONField

from procurement.audit import registry
from procurement.audit.domain.canonique import canonical_json, json_digest
from procurement.audit.domain.roles import quote
from procurement.audit.domain.verification import Break


# Entries that announce a row of the table, beside the rows; each side may miss. OFFSET 0 holds the
# planner to reading the JSON of an entry once, and not at each comparison.
_COMPARED = """
SELECT CASE WHEN j.chaine <> t.histoire THEN t.histoire ELSE coalesce(j.chaine, %(chain)s::uuid) END,
    CASE WHEN j.chaine <> t.histoire THEN NULL ELSE j.seq END, j.libelle, t.{key}::text,
    CASE WHEN j.seq IS NULL THEN 'inconnu'
         WHEN j.corps IS NULL THEN 'vide'
         WHEN t.{key} IS NULL THEN 'disparu'
         WHEN j.chaine <> t.histoire THEN 'ailleurs'
         WHEN split_part(j.acteur, ':', 2) <> t.{author}::text THEN {author_name}
         {instant}{cases} END AS flaw{texts}
FROM (
    SELECT e.chaine, e.seq, e.instant, e.acteur, e.objet, e.operation::text AS operation, e.corps,
        said.details, said.libelle
    FROM journal e
    CROSS JOIN LATERAL (SELECT e.corps::jsonb AS content OFFSET 0) c
    CROSS JOIN LATERAL (
        SELECT c.content -> 'details' AS details, c.content ->> 'libelle' AS libelle OFFSET 0
    ) said
    WHERE (%(chain)s::uuid IS NULL OR e.chaine = %(chain)s::uuid)
        AND (e.corps IS NULL OR strpos(e.corps, %(mark)s) > 0)
) j
FULL JOIN (
    SELECT a.*, r.comment AS operation_dite, {subject} AS objet_dit, h.chaine AS histoire
    FROM public.{table} a JOIN reversion_revision r ON r.id = a.revision_id
        CROSS JOIN LATERAL (SELECT {story} AS chaine OFFSET 0) h
    WHERE %(chain)s::uuid IS NULL
        OR a.{key} IN ({near}) AND (h.chaine = %(chain)s::uuid OR r.comment IN ({operations}))
) t ON t.operation_dite = j.operation AND t.objet_dit = j.objet
WHERE j.seq IS NULL OR j.corps IS NOT NULL OR {left_over} AND NOT EXISTS (
    SELECT FROM journal o WHERE o.objet = j.objet AND o.operation::text = j.operation
        AND strpos(o.corps, %(mark)s) > 0)
"""
_OPERATIONS = "SELECT e.operation::text FROM journal e WHERE e.chaine = %(chain)s::uuid"
# Nothing may be said of an empty column, or that it is empty (null).
_CASE = (
    " WHEN nullif(coalesce(j.details -> {detail}, {empty}), 'null')"
    " IS DISTINCT FROM to_jsonb(t.{column}) THEN {name}"
)
# Both are written by the clock of the database, in one transaction.
_INSTANT = " WHEN abs(extract(epoch FROM t.instant - j.instant)) > 300 THEN 'instant'"
_TEXT = ", j.details ->> {detail}, t.{column}::text"


def compare_annex(annex: registry.Annex) -> str:
    """Write the query that gives (chain, seq, label, key, flaw, then detail and text to hash).

    flaw: « inconnu » (no entry speaks of the row), « disparu », « ailleurs » (told in another chain), « vide » (redacted there, and not here) or the name of the column that
    differs; NULL when only digests are left to compare, and those rows stay only if there are some.
    """
    cases = "".join(
        _CASE.format(
            detail=_literal(detail),
            empty=_empty(annex, column),
            column=quote(column),
            name=_literal(annex.label_of(column)),
        )
        for detail, column in annex.values.items()
    )
    sql = _COMPARED.format(
        table=quote(annex.table),
        key=quote(str(annex.model._meta.pk.column)),
        author=quote(annex.author),
        author_name=_literal(annex.label_of(annex.author)),
        subject=subject_of(annex, "a"),
        story=story_of(annex, "a"),
        near=_near(annex),
        operations=_OPERATIONS,
        instant=_INSTANT if "instant" in _columns(annex) else "",
        cases=cases,
        left_over=_left_over(annex),
        texts="".join(
            _TEXT.format(detail=_literal(detail), column=quote(column))
            for detail, column in annex.digests.items()
        ),
    )
    return sql if annex.digests else f"SELECT * FROM ({sql}) c WHERE flaw IS NOT NULL"


def _left_over(annex: registry.Annex) -> str:
    """SQL: a row whose entry was redacted still says something."""
    kept = (
        f"coalesce(to_jsonb(t.{quote(column)}), 'null')"
        f" NOT IN ('null', '[]', '\"\"', {_literal(canonical_json(left))})"
        for column, left in annex.emptied.items()
    )
    return f"({' OR '.join(kept) or 'false'})"


def _near(annex: registry.Annex) -> str:
    """SQL of the rows that may be of a chain: those of what it speaks of, those of its operations.

    What stands in other chains is not looked at further: finding whose story a row is costs more.
    """
    key, table = quote(str(annex.model._meta.pk.column)), quote(annex.table)
    ways = [
        f"SELECT x.{key} FROM public.{table} x WHERE {_literal(told + ':')} || x.{quote(column)}"
        " IN (SELECT e.objet FROM journal e WHERE e.chaine = %(chain)s::uuid)"
        for column, told in annex.subject
    ]
    ways.append(
        f"SELECT x.{key} FROM public.{table} x JOIN reversion_revision y ON y.id = x.revision_id"
        f" WHERE y.comment IN ({_OPERATIONS})"
    )
    return " UNION ".join(ways)


def subject_of(annex: registry.Annex, alias: str) -> str:
    """SQL of the object an annex speaks of, as the journal names it: table:key."""
    parts = (
        f"{_literal(table + ':')} || {alias}.{quote(column)}" for column, table in annex.subject
    )
    return f"coalesce({', '.join(parts)})"


def story_of(annex: registry.Annex, alias: str) -> str:
    """SQL of the chain that tells the story of that object."""
    told = {each.table: each for each in registry.protections.values()}
    parts = (
        f"(SELECT {told[table].chain_sql('o')} FROM public.{quote(table)} o"
        f" WHERE o.{quote(told[table].key)} = {alias}.{quote(column)})"
        for column, table in annex.subject
    )
    return f"coalesce({', '.join(parts)})"


def _empty(annex: registry.Annex, column: str) -> str:
    """What a missing detail stands for: the empty value of the column."""
    field = next(f for f in annex.model._meta.local_fields if f.column == column)
    if field.null or _is_number(field):
        return "NULL"
    if isinstance(field, BooleanField):
        return "'false'::jsonb"
    return "'[]'::jsonb" if isinstance(field, JSONField) else "'\"\"'::jsonb"


def _columns(annex: registry.Annex) -> set[str]:
    return {str(field.column) for field in annex.model._meta.local_fields}


def _is_number(field: "Field[Any, Any]") -> bool:
    return "Integer" in field.get_internal_type()


def _literal(text: str) -> str:
    """Quote a text of the declarations for SQL run with parameters.

    >>> _literal("l'état à 50 %")
    "'l''état à 50 %%'"
    """
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def export_annex(annex: registry.Annex, alias: str) -> tuple[str, str]:
    """Write what the export of a chain adds to its query: a JSON column, and the join it needs.

    The column is NULL for an entry without row, else {"valeurs": {detail: value}, "empreintes":
    {detail: what must hash to it}}. j is the entry.
    """
    values = ", ".join(
        f"{_literal(detail)}, t.{quote(column)}" for detail, column in annex.values.items()
    )
    digests = ", ".join(
        f"{_literal(detail)}, t.{quote(column)}" for detail, column in annex.digests.items()
    )
    content = (
        f"jsonb_build_object('valeurs', jsonb_build_object({values}),"
        f" 'empreintes', jsonb_build_object({digests}),"
        f" 'auteur', t.{quote(annex.author)})"
    )
    join = (
        f" LEFT JOIN (SELECT r.comment AS operation, {subject_of(annex, 't')} AS objet,"
        f" {content} AS contenu FROM public.{quote(annex.table)} t"
        f" JOIN reversion_revision r ON r.id = t.revision_id) {alias}"
        f" ON {alias}.operation = j.operation::text AND {alias}.objet = j.objet"
    )
    return f"{alias}.contenu::text", join


def judge_rows(annex: registry.Annex, rows: list[tuple[Any, ...]]) -> Iterator[Break]:
    """Name what a batch of compare_annex shows to be broken."""
    columns = [annex.label_of(column) for column in annex.digests.values()]
    for chain, seq, label, key, found, *texts in rows:
        flaw = found
        if flaw is None:
            pairs = zip(columns, texts[::2], texts[1::2], strict=True)
            flaw = next((c for c, said, text in pairs if not same_digest(said, text)), None)
        if flaw is not None:
            yield Break(chain, seq, "annexe", _words(annex, seq, label, key, flaw))


def same_digest(said: str | None, text: str) -> bool:
    """Tell whether a JSON text hashes to what the journal says; nothing said stands for empty."""
    return text == "[]" if said is None else json_digest(text) == said


def _words(annex: registry.Annex, seq: int | None, label: str, key: str, flaw: str) -> str:
    if flaw == "inconnu":
        return f"{annex.nom[:1].upper()}{annex.nom[1:]} {key} n’a pas de ligne au journal."
    if flaw == "vide":
        return f"Ligne {seq}\u202f: {annex.nom} {key} n’est pas caviardée comme sa ligne."
    if flaw == "ailleurs":
        return f"{annex.nom[:1].upper()}{annex.nom[1:]} {key} a sa ligne dans une autre chaîne."
    place = f"Ligne {seq}, «\u202f{label}\u202f»\u202f: {annex.nom}"
    if flaw == "disparu":
        return f"{place} a disparu."
    return f"{place} ne dit plus ce que le journal en a gardé ({flaw})."


def first_breaks(breaks: Iterator[Break]) -> list[Break]:
    """Keep the first break of each chain, those without line after the others."""
    found: dict[UUID | None, Break] = {}
    for each in breaks:
        known = found.get(each.chain)
        if known is None or _order(each) < _order(known):
            found[each.chain] = each
    return list(found.values())


def _order(found: Break) -> tuple[bool, int]:
    return found.seq is None, found.seq or 0
