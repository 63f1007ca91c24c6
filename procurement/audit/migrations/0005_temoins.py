"""Witnesses: a seal reads the heads itself, a receipt says what its line says. Nobody else writes them.

Nor may anyone else write the lines that say so, or a verdict. Each announces itself in the chain of the platform, so that one that is taken away, changed or dated
again no longer agrees with its line.
"""

from django.db import migrations

from procurement.audit.domain.chaines import PLATFORM_CHAIN


# One line in the chain of the platform, for the three functions below alone.
ECRIRE = """
CREATE FUNCTION public.plateforme_ecrire(qui text, action text, objet text, corps text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (public.journal_ecrire(
        ARRAY['{PLATFORM_CHAIN}'::uuid], ARRAY[qui], ARRAY[action], ARRAY[objet],
        ARRAY[NULL::uuid], ARRAY[NULL::bigint], ARRAY[corps]
    ))[1];
$$;
REVOKE ALL ON FUNCTION public.plateforme_ecrire(text, text, text, text) FROM PUBLIC;
"""

# The root is that of RFC 6962, as domain/merkle.py computes it again.
SCEAU = """
CREATE FUNCTION public.sceau_poser(qui text, acteur text, publication text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    noeuds bytea[];
    tetes text;
    nombre integer;
    racine bytea;
    numero bigint;
BEGIN
    PERFORM public.journal_refus_vider(true);
    SELECT array_agg(sha256('\\x00'::bytea || uuid_send(t.chaine) || int8send(t.seq) || t.empreinte)
            ORDER BY t.chaine),
        '{' || coalesce(string_agg(format('"%s":[%s,"%s"]', t.chaine, t.seq,
            encode(t.empreinte, 'hex')), ',' ORDER BY t.chaine), '') || '}',
        count(*)
        INTO noeuds, tetes, nombre FROM public.chaine_tete t;
    WHILE cardinality(noeuds) > 1 LOOP
        SELECT array_agg(p.noeud ORDER BY p.rang) INTO noeuds FROM (
            SELECT (u.rang + 1) / 2 AS rang, CASE count(*)
                WHEN 1 THEN string_agg(u.noeud, ''::bytea)
                ELSE sha256('\\x01'::bytea || string_agg(u.noeud, ''::bytea ORDER BY u.rang)) END AS noeud
            FROM unnest(noeuds) WITH ORDINALITY AS u(noeud, rang) GROUP BY 1
        ) AS p;
    END LOOP;
    racine := coalesce(noeuds[1], sha256(''::bytea));
    INSERT INTO public.sceau (instant, racine, n, tetes, publication)
        VALUES (clock_timestamp(), racine, nombre, tetes, publication) RETURNING id INTO numero;
    PERFORM public.plateforme_ecrire(qui, 'audit:evidence:sealed', 'sceau:' || numero,
        jsonb_build_object('acteur', acteur::jsonb, 'details', jsonb_build_object(
            'racine', encode(racine, 'hex'), 'n', nombre, 'publication', publication))::text);
    RETURN numero;
END $$;
REVOKE ALL ON FUNCTION public.sceau_poser(text, text, text) FROM PUBLIC;
"""

# The name of the buyer and that of the marché are those of the day: its own line keeps them.
RECU = """
CREATE FUNCTION public.recu_delivrer(
    la_chaine uuid, le_seq bigint, acheteur text, marche text, qui text, acteur text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    dite public.journal%ROWTYPE;
    numero uuid := gen_random_uuid();
    contenu text;
BEGIN
    SELECT * INTO dite FROM public.journal j WHERE j.chaine = la_chaine AND j.seq = le_seq;
    IF NOT FOUND OR dite.corps IS NULL THEN
        RAISE EXCEPTION 'Cette ligne du journal n’a pas de reçu.' USING ERRCODE = '23514';
    END IF;
    contenu := jsonb_build_object(
        'acte', dite.action, 'objet', dite.objet,
        'libelle', coalesce(dite.corps::jsonb ->> 'libelle', ''),
        'auteur', coalesce(dite.corps::jsonb -> 'acteur' ->> 'nom', ''),
        'horodatage_interne',
        to_char(dite.instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'acheteur', acheteur, 'marche', marche)::text;
    INSERT INTO public.recu (id, instant, chaine, seq, empreinte, contenu)
        VALUES (numero, clock_timestamp(), la_chaine, le_seq, dite.empreinte, contenu);
    PERFORM public.plateforme_ecrire(qui, 'audit:receipt:issued', 'recu:' || numero,
        jsonb_build_object('acteur', acteur::jsonb, 'details', jsonb_build_object(
            'chaine', la_chaine, 'ligne', le_seq,
            'contenu', encode(sha256(convert_to(contenu, 'UTF8')), 'hex')))::text);
    RETURN numero;
END $$;
REVOKE ALL ON FUNCTION public.recu_delivrer(uuid, bigint, text, text, text, text) FROM PUBLIC;
"""

# A verdict says under which sign-in it was written: that of the site does not end an alert on everything.
VERDICT = """
CREATE FUNCTION public.verdict_inscrire(
    qui text, acteur text, la_chaine uuid, ecritures bigint, ruptures bigint,
    chaines uuid[], lignes bigint[], genres text[], dits text[]
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.plateforme_ecrire(
        qui, 'audit:evidence:verified', 'chaine:' || coalesce(la_chaine, '{PLATFORM_CHAIN}'),
        jsonb_build_object('acteur', acteur::jsonb, 'details', jsonb_strip_nulls(jsonb_build_object(
            'résultat', CASE ruptures WHEN 0 THEN 'intègre' ELSE 'rompue' END,
            'écritures', ecritures, 'ruptures', ruptures, 'sous', session_user::text,
            'chaîne', la_chaine, 'trouvé', (
                SELECT jsonb_agg(jsonb_build_object('chaîne', u.chaine, 'n°', u.ligne,
                    'genre', coalesce(u.genre, ''), 'dit', coalesce(u.dit, '')) ORDER BY u.rang)
                FROM unnest(chaines, lignes, genres, dits)
                    WITH ORDINALITY AS u(chaine, ligne, genre, dit, rang)))))::text);
$$;
REVOKE ALL ON FUNCTION public.verdict_inscrire(
    text, text, uuid, bigint, bigint, uuid[], bigint[], text[], text[]) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION IF EXISTS public.verdict_inscrire(
    text, text, uuid, bigint, bigint, uuid[], bigint[], text[], text[]);
DROP FUNCTION IF EXISTS public.recu_delivrer(uuid, bigint, text, text, text, text);
DROP FUNCTION IF EXISTS public.sceau_poser(text, text, text);
DROP FUNCTION IF EXISTS public.plateforme_ecrire(text, text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_caviarder")]

    operations = [
        migrations.RunSQL(
            [
                sql.replace("{PLATFORM_CHAIN}", str(PLATFORM_CHAIN))
                for sql in (ECRIRE, SCEAU, RECU, VERDICT)
            ],
            UNDO,
        )
    ]
