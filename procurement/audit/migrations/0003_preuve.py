"""What holds rows to their evidence: functions of the triggers that `migrate` puts on each table.

Two more are made of what the apps declare, and put there with the triggers: which chain tells the
story of a row, preuve_chaine, and which chains there may be, preuve_connue (services/installation.py).
"""

from django.db import migrations


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

-- Legal time is the clock of the database, whatever the caller says. Argument: its column.
CREATE FUNCTION public.preuve_instant() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], clock_timestamp()));
END $$;

-- Rows that are never changed, and removed once they are old. Arguments: column of the instant that a
-- row is about, time for which it is kept.
CREATE FUNCTION public.preuve_notee() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND (to_jsonb(OLD) ->> TG_ARGV[0])::timestamptz
        < clock_timestamp() - TG_ARGV[1]::interval
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% refusé sur « % » : une ligne ne change pas, et part à son heure.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
END $$;

-- A row says what was seen at an instant, at once. Arguments: column of that instant, time that it may
-- take to be written, {column: the only value that may be written later}.
CREATE FUNCTION public.preuve_aussitot() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    vu timestamptz := (to_jsonb(NEW) ->> TG_ARGV[0])::timestamptz;
BEGIN
    IF vu > clock_timestamp() THEN
        RAISE EXCEPTION 'INSERT refusé sur « % » : rien n’est encore vu de ce qui est à venir.',
            TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    IF vu < clock_timestamp() - TG_ARGV[1]::interval AND NOT to_jsonb(NEW) @> TG_ARGV[2]::jsonb THEN
        RAISE EXCEPTION 'INSERT refusé sur « % » : noté trop tard pour le dire.',
            TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
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

-- (a) each version has its journal row, for the same object and the same author, in a revision of
-- this transaction, after every version of that object and in the chain that tells its story: that of
-- the version before, or for the first one that of its row (preuve_chaine). A
-- revision may be numbered long before it is committed, on purpose or not: what a version says would
-- then be read in the past. The head of the chain is held since the journal row was written, so that
-- no other version of the object can be committed between this look and our commit.
-- A plan made while the table was a page long is kept as it grows: it goes by the index from the first.
CREATE FUNCTION public.preuve_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
    j record;
    avant integer;
    apres integer;
BEGIN
    SELECT l.objet, l.acteur, l.operation, l.chaine, r.user_id, r.comment,
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
    -- Its neighbours in the order of revisions, one row each: those of this transaction are judged
    -- in their turn, so that the first of others is met by one of them.
    SELECT w.revision_id INTO apres FROM public.reversion_version w
        WHERE w.db = NEW.db AND w.content_type_id = NEW.content_type_id
            AND w.object_id = NEW.object_id AND w.revision_id > NEW.revision_id
        ORDER BY w.revision_id LIMIT 1;
    SELECT w.id INTO avant FROM public.reversion_version w
        WHERE w.db = NEW.db AND w.content_type_id = NEW.content_type_id
            AND w.object_id = NEW.object_id AND w.revision_id < NEW.revision_id
        ORDER BY w.revision_id DESC LIMIT 1;
    IF apres IS NOT NULL AND NOT public.preuve_revision_courante(apres)
        OR avant IS NOT NULL AND j.chaine IS DISTINCT FROM (
            SELECT l.chaine FROM public.journal l WHERE l.version_id = avant)
    THEN
        RAISE EXCEPTION 'La version % se glisserait parmi les versions passées de son objet.', NEW.id
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    IF avant IS NULL AND j.chaine IS DISTINCT FROM
        public.preuve_chaine(split_part(j.objet, ':', 1), NEW.object_id)
    THEN
        RAISE EXCEPTION 'La version % n’est pas dans la chaîne qui raconte son objet.', NEW.id
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

-- A revision that holds no version (what an act set aside is kept beside it) is told by a line of its
-- transaction all the same, by its author; one that holds some is judged by each of them.
CREATE FUNCTION public.preuve_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.reversion_version v WHERE v.revision_id = NEW.id)
        AND NOT EXISTS (
            SELECT FROM public.journal j
            WHERE j.xid = pg_current_xact_id() AND j.instant >= transaction_timestamp()
                AND j.operation::text = NEW.comment
                AND CASE WHEN NEW.user_id IS NULL THEN split_part(j.acteur, ':', 1) = 'systeme'
                    ELSE split_part(j.acteur, ':', 2) = NEW.user_id::text END)
    THEN
        RAISE EXCEPTION 'La révision % n’est dite par aucune ligne du journal.', NEW.id
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

-- Rows of meta tables belong to a revision of this transaction, and the entry of the same act, about
-- the same object, in its chain, announces them by its mark; a row that says when was written then. Arguments: the
-- column, and for an annex {"marque": detail, "objet": [[column, table], …]}.
CREATE FUNCTION public.preuve_meta() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    nouvelle jsonb := to_jsonb(NEW);
    numero bigint := nouvelle ->> TG_ARGV[0];
    dit jsonb := TG_ARGV[1];
    sujet text[];
    annonce timestamptz;
BEGIN
    IF numero IS NOT NULL AND NOT public.preuve_revision_courante(numero) THEN
        RAISE EXCEPTION 'Une ligne de « % » s’ajoute avec sa révision, pas après.', TG_TABLE_NAME
            USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    IF dit IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT ARRAY[o.value ->> 1, nouvelle ->> (o.value ->> 0)] INTO sujet
        FROM jsonb_array_elements(dit -> 'objet') WITH ORDINALITY AS o
        WHERE nouvelle ->> (o.value ->> 0) IS NOT NULL ORDER BY o.ordinality LIMIT 1;
    SELECT j.instant INTO annonce FROM public.journal j
        WHERE j.xid = pg_current_xact_id() AND j.instant >= transaction_timestamp()
            AND j.objet = sujet[1] || ':' || sujet[2]
            AND j.chaine = public.preuve_chaine(sujet[1], sujet[2])
            AND j.operation::text = (
                SELECT r.comment FROM public.reversion_revision r WHERE r.id = numero)
            AND j.corps::jsonb -> 'details' ? (dit ->> 'marque')
        LIMIT 1;
    IF NOT FOUND OR nouvelle ? 'instant'
        AND abs(extract(epoch FROM (nouvelle ->> 'instant')::timestamptz - annonce)) > 300
    THEN
        RAISE EXCEPTION 'Une ligne de « % » n’est pas annoncée au journal, ou pas à cette heure.',
            TG_TABLE_NAME USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

# Two prints of one value: amounts and weights by value, instants to the millisecond, as versions
# print them. Then the declared columns of a row against the fields of its version: the first that
# differs, or NULL.
ECART = """
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
"""

LIGNE = """
-- (b) and (c). Arguments: column of the key, 'version' or 'ligne', {column: field} that must be
-- equal, columns that may change without evidence, app and model of the content type, {column:
-- type} of those compared by value, and the values of a new row that needs no evidence.
CREATE FUNCTION public.preuve_ligne() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    nouvelle jsonb := to_jsonb(NEW);
    cle text := nouvelle ->> TG_ARGV[0];
    nom text := TG_TABLE_NAME || ':' || cle;
    -- The only chain that tells its story: a line anywhere else tells nobody.
    histoire uuid := public.preuve_chaine(TG_TABLE_NAME, cle);
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
                WHERE j.objet = nom AND j.xid = pg_current_xact_id() AND j.chaine = histoire
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
            WHERE j.xid = pg_current_xact_id() AND j.objet = nom AND j.chaine = histoire
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

DITE = """
-- A row in a state that others rely on is told by an event of this transaction, which holds its
-- digest and never its words. Arguments: table and column of the one it is about, {column: value} of
-- the state, columns that are hashed after it, detail of the event, chain of the event.
CREATE FUNCTION public.preuve_dite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    apres jsonb := to_jsonb(NEW);
    sujet text := apres ->> TG_ARGV[1];
    dite text;
BEGIN
    SELECT encode(sha256(convert_to(
            string_agg(apres ->> c.nom, ':' ORDER BY c.rang), 'UTF8')), 'hex') INTO dite
        FROM unnest(array_prepend(TG_ARGV[1], TG_ARGV[3]::text[])) WITH ORDINALITY AS c(nom, rang);
    IF NOT apres @> TG_ARGV[2]::jsonb OR TG_OP = 'UPDATE' AND to_jsonb(OLD) @> TG_ARGV[2]::jsonb
        AND NOT EXISTS (
            SELECT FROM unnest(array_prepend(TG_ARGV[1], TG_ARGV[3]::text[])) AS c(nom)
            WHERE apres -> c.nom IS DISTINCT FROM to_jsonb(OLD) -> c.nom)
    THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.journal j
        WHERE j.xid = pg_current_xact_id() AND j.objet = TG_ARGV[0] || ':' || sujet
            AND j.instant >= transaction_timestamp() AND j.chaine = TG_ARGV[5]::uuid
            AND j.corps::jsonb -> 'details' ->> TG_ARGV[4] = dite)
    THEN
        RAISE EXCEPTION 'La modification de %:% n’a pas sa ligne au journal.',
            TG_TABLE_NAME, apres ->> 'id' USING ERRCODE = '23001', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

INDEXES = """
-- Versions are asked for by object: the unique index holds them in order. Two indexes of
-- django-reversion begin with less than that; each version was written in them, and a table that
-- nobody has analysed yet was read through them, whole.
DROP INDEX IF EXISTS public.reversion_v_content_f95daf_idx;
DROP INDEX IF EXISTS public.reversion_version_content_type_id_7d0ff25c;
"""

INDEXES_AGAIN = """
CREATE INDEX reversion_v_content_f95daf_idx ON public.reversion_version (content_type_id, db);
CREATE INDEX reversion_version_content_type_id_7d0ff25c ON public.reversion_version (content_type_id);
"""

RIGHTS = """
REVOKE ALL ON FUNCTION public.preuve_revision_courante(bigint) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION IF EXISTS public.preuve_connue() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_chaine(text, text);
DROP FUNCTION IF EXISTS public.preuve_dite() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_identite() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_ligne() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_ecart(jsonb, jsonb, jsonb, jsonb);
DROP FUNCTION IF EXISTS public.preuve_egal(text, text, text);
DROP FUNCTION IF EXISTS public.preuve_meta() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_revision() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_version() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_revision_courante(bigint) CASCADE;
DROP FUNCTION IF EXISTS public.preuve_aussitot() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_notee() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_instant() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_version_figee() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_journal() CASCADE;
DROP FUNCTION IF EXISTS public.preuve_caviardage(uuid, bigint, oid) CASCADE;
DROP FUNCTION IF EXISTS public.preuve_refuser() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_journal")]

    operations = [
        migrations.RunSQL([TRIGGERS, ECART, LIGNE, IDENTITE, DITE, RIGHTS], UNDO),
        migrations.RunSQL(INDEXES, INDEXES_AGAIN),
    ]
