from django.db import migrations


# Written by hand: functions are SECURITY DEFINER with a fixed search_path (a temporary table named
# journal must not be mistaken for the journal), and use core functions only.

AJOUTER_LOT = """
CREATE FUNCTION public.journal_ajouter_lot(
    chaines uuid[], acteurs text[], actions text[], objets text[],
    operations uuid[], versions bigint[], corpus text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    resultat bigint[] := '{}';
    courante uuid;
    numero bigint;
    lien bytea;
    sel bytea;
    instant timestamptz;
    contenu bytea;
    corps_emp bytea;
    emp bytea;
    acteur bytea;
    action bytea;
    objet bytea;
    donnees text;
    vide bytea := '\\x0000000000000000000000000000000000000000000000000000000000000000';
    transac xid8 := pg_current_xact_id();
BEGIN
    -- Heads are locked in one order, so that two batches never wait for each other.
    IF cardinality(chaines) > 1 THEN
        INSERT INTO public.chaine_tete (chaine, seq, empreinte)
            SELECT c, 0, vide FROM (SELECT DISTINCT u.c FROM unnest(chaines) AS u(c)) AS d
            WHERE NOT EXISTS (SELECT FROM public.chaine_tete t WHERE t.chaine = d.c)
            ORDER BY c ON CONFLICT DO NOTHING;
        PERFORM FROM public.chaine_tete t WHERE t.chaine = ANY (chaines)
            ORDER BY t.chaine FOR UPDATE;
    END IF;
    FOR i IN 1 .. cardinality(chaines) LOOP
        IF courante IS DISTINCT FROM chaines[i] THEN
            IF courante IS NOT NULL THEN
                UPDATE public.chaine_tete t SET seq = numero, empreinte = lien
                    WHERE t.chaine = courante;
            END IF;
            courante := chaines[i];
            SELECT t.seq, t.empreinte INTO numero, lien
                FROM public.chaine_tete t WHERE t.chaine = courante FOR UPDATE;
            IF NOT FOUND THEN
                INSERT INTO public.chaine_tete (chaine, seq, empreinte)
                    VALUES (courante, 0, vide) ON CONFLICT DO NOTHING;
                SELECT t.seq, t.empreinte INTO numero, lien
                    FROM public.chaine_tete t WHERE t.chaine = courante FOR UPDATE;
            END IF;
        END IF;
        numero := numero + 1;
        instant := clock_timestamp();
        sel := uuid_send(gen_random_uuid());
        corps_emp := sha256(sel || convert_to(corpus[i], 'UTF8'));
        contenu := NULL;
        IF versions[i] IS NOT NULL THEN
            SELECT v.serialized_data INTO donnees
                FROM public.reversion_version v WHERE v.id = versions[i];
            IF NOT FOUND THEN
                RAISE EXCEPTION 'version % inconnue', versions[i] USING ERRCODE = '23503';
            END IF;
            contenu := sha256(sel || convert_to(donnees, 'UTF8'));
        END IF;
        acteur := convert_to(acteurs[i], 'UTF8');
        action := convert_to(actions[i], 'UTF8');
        objet := convert_to(objets[i], 'UTF8');
        emp := sha256(
            '\\x01'::bytea || lien || uuid_send(courante) || int8send(numero)
            || int8send((extract(epoch FROM instant) * 1000000)::bigint)
            || int8send(transac::text::bigint)
            || coalesce(uuid_send(operations[i]), substring(vide FOR 16))
            || int8send(coalesce(versions[i], 0))
            || int4send(octet_length(acteur)) || acteur
            || int4send(octet_length(action)) || action
            || int4send(octet_length(objet)) || objet
            || coalesce(contenu, vide) || corps_emp
        );
        INSERT INTO public.journal (
            chaine, seq, instant, acteur, action, objet, operation, version_id,
            contenu_empreinte, corps, corps_empreinte, sel, precedent, empreinte, xid
        ) VALUES (
            courante, numero, instant, acteurs[i], actions[i], objets[i], operations[i],
            versions[i], contenu, corpus[i], corps_emp, sel, lien, emp, transac
        );
        lien := emp;
        resultat := resultat || numero;
    END LOOP;
    UPDATE public.chaine_tete t SET seq = numero, empreinte = lien WHERE t.chaine = courante;
    RETURN resultat;
END $$;
"""

AJOUTER = """
CREATE FUNCTION public.journal_ajouter(
    chaine uuid, acteur text, action text, objet text, operation uuid, version bigint, corps text
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (public.journal_ajouter_lot(
        ARRAY[chaine], ARRAY[acteur], ARRAY[action], ARRAY[objet],
        ARRAY[operation], ARRAY[version], ARRAY[corps]
    ))[1];
$$;
"""

# Above the ceiling refusals are counted, then written as one entry once the minute has passed.
REFUSER = """
CREATE FUNCTION public.journal_refuser(
    platforme uuid, qui text, quoi text, corps text, plafond integer
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    recents bigint;
BEGIN
    PERFORM public.journal_refus_vider(platforme, false);
    SELECT count(*) INTO recents FROM (
        SELECT FROM public.journal j
        WHERE j.acteur = qui AND j.action = 'access:action:refused'
            AND j.instant > clock_timestamp() - interval '1 minute' LIMIT plafond
    ) AS d;
    IF recents >= plafond THEN
        INSERT INTO public.refus_groupe AS g (acteur, premier, dernier, nombre)
            VALUES (qui, clock_timestamp(), clock_timestamp(), 1)
            ON CONFLICT (acteur) DO UPDATE SET dernier = clock_timestamp(), nombre = g.nombre + 1;
        RETURN NULL;
    END IF;
    RETURN public.journal_ajouter(
        platforme, qui, 'access:action:refused', quoi, NULL, NULL, corps);
END $$;

CREATE FUNCTION public.journal_refus_vider(platforme uuid, tout boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    r record;
    total integer := 0;
BEGIN
    FOR r IN
        DELETE FROM public.refus_groupe g
        WHERE tout OR g.premier < clock_timestamp() - interval '1 minute' RETURNING g.*
    LOOP
        PERFORM public.journal_ajouter(
            platforme, r.acteur, 'access:action:refused', 'refus_groupe', NULL, NULL,
            jsonb_build_object('details', jsonb_build_object(
                'nombre', r.nombre, 'premier', r.premier, 'dernier', r.dernier))::text);
        total := total + 1;
    END LOOP;
    RETURN total;
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
BEGIN
    IF coalesce(btrim(motif), '') = '' THEN
        RAISE EXCEPTION 'Un caviardage porte son motif.' USING ERRCODE = '23514';
    END IF;
    IF coalesce(demandeur, '') = '' OR coalesce(approbateur, '') = '' OR demandeur = approbateur
    THEN
        RAISE EXCEPTION 'Un caviardage se décide à deux personnes.' USING ERRCODE = '23514';
    END IF;
    SELECT * INTO cible FROM public.journal j WHERE j.chaine = la_chaine AND j.seq = le_seq;
    IF NOT FOUND OR cible.corps IS NULL OR cible.action = 'audit:entry:redacted' THEN
        RAISE EXCEPTION 'Cette ligne du journal ne peut pas être caviardée.'
            USING ERRCODE = '23514';
    END IF;
    numero := public.journal_ajouter(
        la_chaine, approbateur, 'audit:entry:redacted',
        'journal:' || la_chaine || ':' || le_seq, NULL, NULL,
        jsonb_build_object('details', jsonb_build_object(
            'motif', motif, 'demandeur', demandeur, 'approbateur', approbateur))::text);
    UPDATE public.journal j SET corps = NULL, sel = NULL
        WHERE j.chaine = la_chaine AND j.seq = le_seq;
    IF cible.version_id IS NOT NULL THEN
        UPDATE public.reversion_version v SET serialized_data = '', object_repr = ''
            WHERE v.id = cible.version_id;
    END IF;
    RETURN numero;
END $$;
"""

TRIGGERS = """
-- Rows that are only ever added.
CREATE FUNCTION public.preuve_refuser() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% refusé sur « % » : cette table fait preuve, ses lignes restent.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
END $$;

-- True while journal_caviarder runs for this entry: owner of the table, entry of redaction written
-- by this very transaction.
CREATE FUNCTION public.preuve_caviardage(la_chaine uuid, le_seq bigint, la_table oid)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = la_table)
        AND EXISTS (
            SELECT FROM public.journal j
            WHERE j.xid = pg_current_xact_id()
                AND j.objet = 'journal:' || la_chaine || ':' || le_seq
                AND j.action = 'audit:entry:redacted' AND j.instant >= transaction_timestamp()
        );
$$;

CREATE FUNCTION public.preuve_journal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    attendue public.journal%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        attendue := OLD;
        attendue.corps := NULL;
        attendue.sel := NULL;
        IF attendue IS NOT DISTINCT FROM NEW
            AND public.preuve_caviardage(OLD.chaine, OLD.seq, TG_RELID)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% refusé sur « journal » : le journal ne se réécrit pas.', TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.preuve_version_figee() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    attendue public.reversion_version%ROWTYPE;
    ligne record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        attendue := OLD;
        attendue.serialized_data := '';
        attendue.object_repr := '';
        IF attendue IS NOT DISTINCT FROM NEW THEN
            SELECT j.chaine, j.seq INTO ligne FROM public.journal j WHERE j.version_id = OLD.id;
            IF FOUND AND public.preuve_caviardage(ligne.chaine, ligne.seq, TG_RELID) THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION '% refusé sur « reversion_version » : une version ne se réécrit pas.', TG_OP
        USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
END $$;

-- Legal time is the clock of the database, whatever the caller says.
CREATE FUNCTION public.preuve_instant() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.instant := clock_timestamp();
    RETURN NEW;
END $$;

-- Was this revision created by the current transaction? Otherwise a version slipped into an old
-- revision would change what was true then. xmin may be a subtransaction, hence the status; the
-- difference is modulo 2^32 because xmin has 32 bits.
CREATE FUNCTION public.preuve_revision_courante(numero bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mien bigint := pg_current_xact_id()::text::bigint;
    ecart bigint;
BEGIN
    SELECT (r.xmin::text::bigint - (mien & 4294967295) + 4294967296) & 4294967295 INTO ecart
        FROM public.reversion_revision r WHERE r.id = numero;
    RETURN FOUND AND (ecart = 0 OR (
        ecart < 1000000000
        AND pg_xact_status((mien + ecart)::text::xid8) IS NOT DISTINCT FROM 'in progress'));
END $$;

-- (a) each version has its journal row, for the same object and the same author, and belongs to a
-- revision of this transaction.
CREATE FUNCTION public.preuve_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    j record;
BEGIN
    SELECT l.objet, l.acteur, l.operation, r.user_id, r.comment,
            r.xmin::text::bigint = (pg_current_xact_id()::text::bigint & 4294967295) AS ici
        INTO j FROM public.journal l JOIN public.reversion_revision r ON r.id = NEW.revision_id
        WHERE l.version_id = NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'La version % n’a pas sa ligne au journal.', NEW.id
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    IF right(j.objet, length(NEW.object_id) + 1) <> ':' || NEW.object_id
        OR (j.user_id IS NOT NULL AND split_part(j.acteur, ':', 2) <> j.user_id::text)
        OR (j.user_id IS NULL AND split_part(j.acteur, ':', 1) <> 'systeme')
        OR j.comment IS DISTINCT FROM j.operation::text
        OR NOT (j.ici OR public.preuve_revision_courante(NEW.revision_id))
    THEN
        RAISE EXCEPTION 'La version % ne dit pas ce que dit sa ligne au journal.', NEW.id
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

-- Rows of meta tables belong to a revision of this transaction. Argument: the column.
CREATE FUNCTION public.preuve_meta() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    numero bigint := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF numero IS NOT NULL AND NOT public.preuve_revision_courante(numero) THEN
        RAISE EXCEPTION 'Une ligne de « % » s’ajoute avec sa révision, pas après.', TG_TABLE_NAME
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

-- Declared columns of a row against the fields of its version: the first that differs, or NULL.
CREATE FUNCTION public.preuve_ecart(ligne jsonb, champs jsonb, colonnes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(c.key) FROM jsonb_each_text(colonnes) AS c
    WHERE ligne -> c.key IS DISTINCT FROM champs -> c.value;
$$;

-- (b) and (c). Arguments: column of the key, 'version' or 'ligne', {column: field} that must be
-- equal, columns that may change without evidence, app and model of the content type.
CREATE FUNCTION public.preuve_ligne() RETURNS trigger
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

RIGHTS = """
REVOKE ALL ON FUNCTION public.journal_ajouter_lot(uuid[], text[], text[], text[], uuid[], bigint[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_ajouter(uuid, text, text, text, uuid, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_refuser(uuid, text, text, text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_refus_vider(uuid, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_caviarder(uuid, bigint, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.preuve_revision_courante(bigint) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION IF EXISTS public.preuve_ligne() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_ecart(jsonb, jsonb, jsonb) CASCADE;
DROP FUNCTION IF EXISTS public.preuve_meta() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_version() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_revision_courante(bigint) CASCADE;
DROP FUNCTION IF EXISTS public.preuve_instant() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_version_figee() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_journal() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_caviardage(uuid, bigint, oid) CASCADE;
DROP FUNCTION IF EXISTS public.preuve_refuser() CASCADE;
DROP FUNCTION IF EXISTS public.journal_caviarder(uuid, bigint, text, text, text);
DROP FUNCTION IF EXISTS public.journal_refuser(uuid, text, text, text, integer);
DROP FUNCTION IF EXISTS public.journal_refus_vider(uuid, boolean);
DROP FUNCTION IF EXISTS public.journal_ajouter(uuid, text, text, text, uuid, bigint, text);
DROP FUNCTION IF EXISTS public.journal_ajouter_lot(uuid[], text[], text[], text[], uuid[], bigint[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.RunSQL(
            [AJOUTER_LOT, AJOUTER, REFUSER, CAVIARDER, TRIGGERS, RIGHTS], reverse_sql=UNDO
        )
    ]
