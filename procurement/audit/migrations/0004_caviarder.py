"""Redaction of an entry, and of what a product keeps beside it: steps, titles, names of versions.

What may be emptied stands in the trigger of its table, the only door: journal_caviarder empties it
because the trigger says so, and the trigger lets nobody else do it.
"""

from django.db import migrations


# One argument, {"marque": detail, "objet": [[column, table], …], "vide": {column: what is left}}.
ANNEXE = """
-- Which entry of the journal announced this row: same operation, same object, and its mark.
CREATE FUNCTION public.preuve_annonce(ligne jsonb, dit jsonb, OUT chaine uuid, OUT seq bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT j.chaine, j.seq
    FROM public.reversion_revision r
    JOIN public.journal j ON j.operation::text = r.comment AND j.objet = (
        SELECT o.value ->> 1 || ':' || (ligne ->> (o.value ->> 0))
        FROM jsonb_array_elements(dit -> 'objet') WITH ORDINALITY AS o
        WHERE ligne ->> (o.value ->> 0) IS NOT NULL ORDER BY o.ordinality LIMIT 1)
    WHERE r.id = (ligne ->> 'revision_id')::bigint
        AND j.corps::jsonb -> 'details' ? (dit ->> 'marque')
    LIMIT 1;
$$;

-- What is left of a row once emptied: what was empty stays so.
CREATE FUNCTION public.preuve_reste(ligne jsonb, vide jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM jsonb_each(vide) AS c
    WHERE ligne -> c.key NOT IN ('null', '""', '[]');
$$;

CREATE FUNCTION public.preuve_annexe() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    dit jsonb := TG_ARGV[0];
    annonce record;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) = to_jsonb(OLD)
        || public.preuve_reste(to_jsonb(OLD), dit -> 'vide')
    THEN
        SELECT a.chaine, a.seq INTO annonce FROM public.preuve_annonce(to_jsonb(OLD), dit) AS a;
        IF public.preuve_caviardage(annonce.chaine, annonce.seq, TG_RELID) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% refusé sur « % » : cette table fait preuve, ses lignes restent.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
END $$;
"""

# Two persons and a motive. The entry that says so is written first; the triggers then let the
# redacted columns, and no other, be emptied.
CAVIARDER = """
CREATE FUNCTION public.journal_caviarder(
    la_chaine uuid, le_seq bigint, motif text, demandeur text, approbateur text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cible public.journal%ROWTYPE;
    numero bigint;
    annexe record;
    objet text;
BEGIN
    IF coalesce(btrim(motif), '') = '' THEN
        RAISE EXCEPTION 'Un caviardage porte son motif.' USING ERRCODE = '23514';
    END IF;
    IF coalesce(demandeur, '') = '' OR coalesce(approbateur, '') = '' OR demandeur = approbateur
    THEN
        RAISE EXCEPTION 'Un caviardage se décide à deux personnes.' USING ERRCODE = '23514';
    END IF;
    IF (SELECT count(*) FROM public.accounts_user u
        WHERE u.is_active AND 'acheteur:' || u.id IN (demandeur, approbateur)) <> 2
    THEN
        RAISE EXCEPTION 'Un caviardage se décide à deux personnes dont le compte est ouvert.'
            USING ERRCODE = '23514';
    END IF;
    SELECT * INTO cible FROM public.journal j WHERE j.chaine = la_chaine AND j.seq = le_seq;
    IF NOT FOUND OR cible.corps IS NULL OR cible.action = 'audit:entry:redacted' THEN
        RAISE EXCEPTION 'Cette ligne du journal ne peut pas être caviardée.'
            USING ERRCODE = '23514';
    END IF;
    -- An emptied version vouches for nothing: the row would be free of its evidence, words and all.
    IF EXISTS (SELECT FROM public.reversion_version v
        WHERE v.id = cible.version_id AND v.db = 'default' AND NOT EXISTS (
            SELECT FROM public.reversion_version w WHERE w.db = 'default' AND w.id > v.id
                AND w.content_type_id = v.content_type_id AND w.object_id = v.object_id))
    THEN
        RAISE EXCEPTION 'C’est la dernière version de son objet : retirez d’abord le passage du texte actuel.'
            USING ERRCODE = '23514';
    END IF;
    numero := public.journal_ajouter(
        la_chaine, approbateur, 'audit:entry:redacted',
        'journal:' || la_chaine || ':' || le_seq, NULL, NULL,
        jsonb_build_object('details', jsonb_build_object(
            'motif', motif, 'demandeur', demandeur, 'approbateur', approbateur))::text);
    -- Before the body, which says what stands beside it.
    FOR annexe IN
        SELECT t.tgrelid::regclass AS nom,
            convert_from(substring(t.tgargs FOR octet_length(t.tgargs) - 1), 'UTF8')::jsonb AS dit
        FROM pg_trigger t
        WHERE t.tgfoid = 'public.preuve_annexe()'::regprocedure AND t.tgname = 'preuve_figee'
    LOOP
        CONTINUE WHEN cible.operation IS NULL
            OR NOT coalesce(cible.corps::jsonb -> 'details' ? (annexe.dit ->> 'marque'), false);
        SELECT 'coalesce(' || string_agg(
                format('%L || a.%I', (o.value ->> 1) || ':', o.value ->> 0), ', '
                ORDER BY o.ordinality) || ')' INTO objet
            FROM jsonb_array_elements(annexe.dit -> 'objet') WITH ORDINALITY AS o;
        EXECUTE format(
            'UPDATE %s a SET %s WHERE a.revision_id IN (SELECT r.id'
            ' FROM public.reversion_revision r WHERE r.comment = $1) AND %s = $2',
            annexe.nom,
            (SELECT string_agg(format(
                '%1$I = CASE WHEN to_jsonb(a.%1$I) IN (''null'', ''""'', ''[]'') THEN a.%1$I ELSE %2$L END',
                c.key, c.value), ', ')
             FROM jsonb_each_text(annexe.dit -> 'vide') AS c),
            objet) USING cible.operation::text, cible.objet;
    END LOOP;
    UPDATE public.journal j SET corps = NULL, sel = NULL
        WHERE j.chaine = la_chaine AND j.seq = le_seq;
    IF cible.version_id IS NOT NULL THEN
        UPDATE public.reversion_version v SET serialized_data = '', object_repr = ''
            WHERE v.id = cible.version_id;
    END IF;
    RETURN numero;
END $$;
REVOKE ALL ON FUNCTION public.journal_caviarder(uuid, bigint, text, text, text) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION IF EXISTS public.journal_caviarder(uuid, bigint, text, text, text);
DROP FUNCTION IF EXISTS public.preuve_annexe() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_reste(jsonb, jsonb);
DROP FUNCTION IF EXISTS public.preuve_annonce(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_preuve")]

    operations = [migrations.RunSQL([ANNEXE, CAVIARDER], UNDO)]
