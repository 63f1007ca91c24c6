"""What writes the journal: a batch, an entry, a revision with its entries, a refusal, a redaction.

Functions are SECURITY DEFINER with a fixed search_path (a temporary table named journal must not be
mistaken for the journal), and use core functions only.
"""

from django.db import migrations

from procurement.audit.domain.chaines import PLATFORM_CHAIN
from procurement.audit.domain.roles import WEB, WORKER


# The one that writes. It is given to nobody: sceau_poser, recu_delivrer and verdict_inscrire call it
# for what nobody else may announce.
ECRIRE = """
CREATE FUNCTION public.journal_ecrire(
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
        -- What cannot be read as it is written would stop whoever verifies, for ever.
        IF jsonb_typeof(corpus[i]::jsonb) <> 'object' THEN
            RAISE EXCEPTION 'le corps d’une ligne est un objet JSON' USING ERRCODE = '22023';
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

AJOUTER_LOT = """
CREATE FUNCTION public.journal_ajouter_lot(
    chaines uuid[], acteurs text[], actions text[], objets text[],
    operations uuid[], versions bigint[], corpus text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF session_user IN ('{WEB}', '{WORKER}') AND actions
        && ARRAY['audit:evidence:sealed', 'audit:receipt:issued', 'audit:evidence:verified']
    THEN
        RAISE EXCEPTION 'Un sceau, un reçu et un verdict ne s’annoncent qu’en les faisant.'
            USING ERRCODE = '42501';
    END IF;
    RETURN public.journal_ecrire(
        chaines, acteurs, actions, objets, operations, versions, corpus);
END $$;
""".replace("{WEB}", WEB).replace("{WORKER}", WORKER)

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

# A revision, its versions and their journal rows in one round trip. Versions take the current
# transaction, so the deferred triggers judge them like any other. A date asks for a revision, with
# or without versions (what an act set aside is kept beside it, and no object changed); no date, for
# entries of the journal alone.
ENREGISTRER = """
CREATE FUNCTION public.journal_enregistrer(
    auteur uuid, date_revision timestamptz, operation uuid,
    types integer[], cles text[], donnees text[], libelles text[],
    chaines uuid[], acteurs text[], actions text[], objets text[], corpus text[],
    OUT revision integer, OUT numeros bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    versions bigint[] := '{}';
    numero bigint;
BEGIN
    IF date_revision IS NOT NULL THEN
        INSERT INTO public.reversion_revision (date_created, user_id, comment)
            VALUES (date_revision, auteur, operation::text) RETURNING id INTO revision;
    END IF;
    FOR i IN 1 .. cardinality(types) LOOP
        numero := NULL;
        IF types[i] IS NOT NULL THEN
            INSERT INTO public.reversion_version (
                revision_id, object_id, content_type_id, db, format, serialized_data, object_repr
            ) VALUES (
                revision, cles[i], types[i], 'default', 'json', donnees[i], libelles[i]
            ) RETURNING id INTO numero;
        END IF;
        versions := versions || numero;
    END LOOP;
    numeros := public.journal_ajouter_lot(
        chaines, acteurs, actions, objets,
        array_fill(operation, ARRAY[cardinality(types)]), versions, corpus);
END $$;
"""

# Above the ceiling, twenty, refusals are counted, then written as one entry once the minute has
# passed. Neither the chain nor the ceiling is the caller's to choose: nobody reads another chain.
REFUSER = """
CREATE FUNCTION public.journal_refuser(qui text, quoi text, corps text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    plafond CONSTANT integer := 20;
    recents bigint;
BEGIN
    PERFORM public.journal_refus_vider(false);
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
        '{PLATFORM_CHAIN}', qui, 'access:action:refused', quoi, NULL, NULL, corps);
END $$;

CREATE FUNCTION public.journal_refus_vider(tout boolean) RETURNS integer
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
            '{PLATFORM_CHAIN}', r.acteur, 'access:action:refused', 'refus_groupe', NULL, NULL,
            jsonb_build_object('details', jsonb_build_object(
                'nombre', r.nombre, 'premier', r.premier, 'dernier', r.dernier))::text);
        total := total + 1;
    END LOOP;
    RETURN total;
END $$;
""".replace("{PLATFORM_CHAIN}", str(PLATFORM_CHAIN))

RIGHTS = """
REVOKE ALL ON FUNCTION public.journal_ecrire(uuid[], text[], text[], text[], uuid[], bigint[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_ajouter_lot(uuid[], text[], text[], text[], uuid[], bigint[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_ajouter(uuid, text, text, text, uuid, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_refuser(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_refus_vider(boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.journal_enregistrer(
    uuid, timestamptz, uuid, integer[], text[], text[], text[],
    uuid[], text[], text[], text[], text[]) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION IF EXISTS public.journal_enregistrer(
    uuid, timestamptz, uuid, integer[], text[], text[], text[],
    uuid[], text[], text[], text[], text[]);
DROP FUNCTION IF EXISTS public.journal_refuser(text, text, text);
DROP FUNCTION IF EXISTS public.journal_refus_vider(boolean);
DROP FUNCTION IF EXISTS public.journal_ajouter(uuid, text, text, text, uuid, bigint, text);
DROP FUNCTION IF EXISTS public.journal_ajouter_lot(uuid[], text[], text[], text[], uuid[], bigint[], text[]);
DROP FUNCTION IF EXISTS public.journal_ecrire(uuid[], text[], text[], text[], uuid[], bigint[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.RunSQL([ECRIRE, AJOUTER_LOT, AJOUTER, ENREGISTRER, REFUSER, RIGHTS], UNDO)
    ]
