"""The evidence of a changed row, looked for from the journal: the same rule, by a shorter way."""

from django.db import migrations


LIGNE = """
-- (b) and (c). Arguments: column of the key, 'version' or 'ligne', {column: field} that must be
-- equal, columns that may change without evidence, app and model of the content type.
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
            WHERE nouvelle -> c.key IS DISTINCT FROM champs -> c.value;
        IF ecart IS NULL THEN
            RETURN NULL;
        END IF;
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
    ecart := public.preuve_ecart(ligne, champs, TG_ARGV[2]::jsonb);
    IF ecart IS NOT NULL THEN
        RAISE EXCEPTION 'La colonne % de % ne dit pas ce que dit sa dernière version.', ecart, nom
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

BEFORE = """
-- (b) and (c). Arguments: column of the key, 'version' or 'ligne', {column: field} that must be
-- equal, columns that may change without evidence, app and model of the content type.
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
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) ->> TG_ARGV[0] IS DISTINCT FROM cle THEN
            RAISE EXCEPTION 'L’identifiant de « % » ne change pas.', TG_TABLE_NAME
                USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
        END IF;
        IF to_jsonb(OLD) - TG_ARGV[3]::text[] = nouvelle - TG_ARGV[3]::text[] THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_ARGV[1] = 'version' THEN
        SELECT v.serialized_data::jsonb -> 0 -> 'fields' INTO champs
            FROM public.journal j
            JOIN public.reversion_version v ON v.id = j.version_id
            JOIN public.django_content_type t ON t.id = v.content_type_id
            WHERE j.xid = pg_current_xact_id() AND j.objet = nom
                AND j.instant >= transaction_timestamp()
                AND v.object_id = cle AND v.db = 'default'
                AND t.app_label = TG_ARGV[4] AND t.model = TG_ARGV[5]
            ORDER BY v.id DESC LIMIT 1;
    ELSE
        SELECT j.corps::jsonb -> 'etat' INTO champs FROM public.journal j
            WHERE j.xid = pg_current_xact_id() AND j.objet = nom
                AND j.instant >= transaction_timestamp() AND j.corps::jsonb ? 'etat'
            ORDER BY j.seq DESC LIMIT 1;
    END IF;
    IF champs IS NULL THEN
        RAISE EXCEPTION 'La modification de % n’a pas sa ligne au journal.', nom
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    -- Each change has its own event, the last one included: when this event's row agrees, there
    -- is no need to read the table.
    SELECT min(c.key) INTO ecart FROM jsonb_each_text(TG_ARGV[2]::jsonb) AS c
        WHERE nouvelle -> c.key IS DISTINCT FROM champs -> c.value;
    IF ecart IS NULL THEN
        RETURN NULL;
    END IF;
    -- Otherwise an earlier state of a row saved twice: the row as it stands at commit decides.
    EXECUTE format('SELECT to_jsonb(t) FROM %I.%I t WHERE t.%I = %L',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0], cle) INTO ligne;
    ecart := public.preuve_ecart(ligne, champs, TG_ARGV[2]::jsonb);
    IF ecart IS NOT NULL THEN
        RAISE EXCEPTION 'La colonne % de % ne dit pas ce que dit sa dernière version.', ecart, nom
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_enregistrer")]

    operations = [migrations.RunSQL([LIGNE], reverse_sql=[BEFORE])]
