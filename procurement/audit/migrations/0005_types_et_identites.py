"""Amounts, weights and instants are compared too; identities of a row never change."""

from importlib import import_module

from django.db import migrations


# Two prints of one value. Instants to the millisecond, as versions print them.
EGAL = """
CREATE FUNCTION public.preuve_egal(sorte text, a text, b text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(CASE sorte
        WHEN 'numeric' THEN a::numeric = b::numeric
        WHEN 'timestamptz' THEN date_trunc('milliseconds', a::timestamptz)
            = date_trunc('milliseconds', b::timestamptz)
    END, false);
$$;
CREATE FUNCTION public.preuve_ecart(ligne jsonb, champs jsonb, colonnes jsonb, sortes jsonb)
RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT min(c.key) FROM jsonb_each_text(colonnes) AS c
    WHERE CASE WHEN ligne -> c.key IS NOT DISTINCT FROM champs -> c.value THEN false
        ELSE NOT public.preuve_egal(sortes ->> c.key, ligne ->> c.key, champs ->> c.value) END;
$$;
DROP FUNCTION public.preuve_ecart(jsonb, jsonb, jsonb);
"""

LIGNE = """
-- (b) and (c). Arguments: column of the key, 'version' or 'ligne', {column: field} that must be
-- equal, columns that may change without evidence, app and model of the content type, {column:
-- type} of those compared by value, and the values of a new row that needs no evidence.
CREATE OR REPLACE FUNCTION public.preuve_ligne() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    nouvelle jsonb := to_jsonb(NEW);
    cle text := nouvelle ->> TG_ARGV[0];
    nom text := TG_TABLE_NAME || ':' || cle;
    ligne jsonb;
    champs jsonb;
    ecart text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> TG_ARGV[0] IS DISTINCT FROM cle THEN
        RAISE EXCEPTION 'L’identifiant de « % » ne change pas.', TG_TABLE_NAME
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_ARGV[1] = 'version' THEN
        -- From the journal of this transaction, newest first, to the version it names by its key,
        -- and to the first that fits (OFFSET holds the planner to it): the other way round reads
        -- the whole history of the row. One text is parsed, the last.
        SELECT derniere.texte::jsonb -> 0 -> 'fields' INTO champs FROM (
            SELECT v.serialized_data AS texte
            FROM (
                SELECT j.version_id FROM public.journal j
                WHERE j.objet = nom AND j.xid = pg_current_xact_id()
                    AND j.instant >= transaction_timestamp() AND j.version_id IS NOT NULL
                ORDER BY j.version_id DESC OFFSET 0
            ) AS ici
            CROSS JOIN LATERAL (
                SELECT * FROM public.reversion_version w WHERE w.id = ici.version_id OFFSET 0
            ) AS v
            JOIN public.django_content_type t ON t.id = v.content_type_id
            WHERE v.object_id = cle AND v.db = 'default'
                AND t.app_label = TG_ARGV[4] AND t.model = TG_ARGV[5]
            ORDER BY ici.version_id DESC LIMIT 1
        ) AS derniere;
    ELSE
        SELECT j.corps::jsonb -> 'etat' INTO champs FROM public.journal j
            WHERE j.xid = pg_current_xact_id() AND j.objet = nom
                AND j.instant >= transaction_timestamp() AND j.corps::jsonb ? 'etat'
            ORDER BY j.seq DESC LIMIT 1;
    END IF;
    IF champs IS NOT NULL THEN
        -- Each change has its own event, the last one included: when this event's row agrees,
        -- there is no need to read the table.
        SELECT min(c.key) INTO ecart FROM jsonb_each_text(TG_ARGV[2]::jsonb) AS c
            WHERE CASE WHEN nouvelle -> c.key IS NOT DISTINCT FROM champs -> c.value THEN false
                ELSE NOT public.preuve_egal(
                    TG_ARGV[6]::jsonb ->> c.key, nouvelle ->> c.key, champs ->> c.value) END;
        IF ecart IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    IF champs IS NULL AND TG_OP = 'INSERT' AND nouvelle @> TG_ARGV[7]::jsonb THEN
        RETURN NULL;
    END IF;
    -- Nothing but columns free of evidence: asked last, for it prints the row twice.
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV[3]::text[] = nouvelle - TG_ARGV[3]::text[] THEN
        RETURN NULL;
    END IF;
    IF champs IS NULL THEN
        RAISE EXCEPTION 'La modification de % n’a pas sa ligne au journal.', nom
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    -- Otherwise an earlier state of a row saved twice: the row as it stands at commit decides.
    EXECUTE format('SELECT to_jsonb(t) FROM %I.%I t WHERE t.%I = %L',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0], cle) INTO ligne;
    ecart := public.preuve_ecart(ligne, champs, TG_ARGV[2]::jsonb, TG_ARGV[6]::jsonb);
    IF ecart IS NOT NULL THEN
        RAISE EXCEPTION 'La colonne % de % ne dit pas ce que dit sa dernière version.', ecart, nom
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

IDENTITE = """
-- Arguments: columns that never change, column of the state, {column: states in which it may
-- still change}. The state that counts is the one the row leaves.
CREATE FUNCTION public.preuve_identite() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    avant jsonb := to_jsonb(OLD);
    apres jsonb := to_jsonb(NEW);
    colonne text;
BEGIN
    SELECT min(c) INTO colonne FROM unnest(TG_ARGV[0]::text[]) AS c
        WHERE avant -> c IS DISTINCT FROM apres -> c;
    IF colonne IS NULL THEN
        SELECT min(c.key) INTO colonne FROM jsonb_each(TG_ARGV[2]::jsonb) AS c
            WHERE avant -> c.key IS DISTINCT FROM apres -> c.key
                AND NOT c.value ? (avant ->> TG_ARGV[1]);
    END IF;
    IF colonne IS NOT NULL THEN
        RAISE EXCEPTION 'UPDATE refusé sur « % » : la colonne % ne change plus.',
            TG_TABLE_NAME, colonne USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""

UNDO = """
DROP FUNCTION public.preuve_identite() CASCADE;
DROP FUNCTION public.preuve_ecart(jsonb, jsonb, jsonb, jsonb);
DROP FUNCTION public.preuve_egal(text, text, text);
CREATE FUNCTION public.preuve_ecart(ligne jsonb, champs jsonb, colonnes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(c.key) FROM jsonb_each_text(colonnes) AS c
    WHERE ligne -> c.key IS DISTINCT FROM champs -> c.value;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_ligne")]

    operations = [
        migrations.RunSQL(
            [EGAL, LIGNE, IDENTITE],
            reverse_sql=[import_module("procurement.audit.migrations.0004_ligne").LIGNE, UNDO],
        )
    ]
