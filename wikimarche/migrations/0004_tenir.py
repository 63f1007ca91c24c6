"""Saving an article in two round trips: hold it under the lock of its pièce, then record it.

Functions, so that each statement is planned once per connection. They run with the rights of their
caller, and every trigger judges what they write.
"""

from django.db import migrations


# Where the next version stands. empreinte: of the last version, not of the articles as they are.
SITUER = """
CREATE OR REPLACE FUNCTION public.wikimarche_situer(
    la_piece uuid, l_article uuid, l_auteur uuid, silence interval,
    OUT dernier integer, OUT seance integer, OUT empreinte text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    avant record;
BEGIN
    SELECT v.numero, v.empreinte INTO dernier, empreinte FROM public.wikimarche_version v
        WHERE v.piece_id = la_piece ORDER BY v.numero DESC LIMIT 1;
    dernier := coalesce(dernier, 0);
    IF l_article IS NOT NULL THEN
        -- The session goes on: same author, same article, no silence, nothing marked since.
        SELECT v.numero, v.seance, v.instant INTO avant FROM public.wikimarche_version v
            WHERE v.article_id = l_article AND v.auteur_id = l_auteur AND v.genre = 'auto'
                AND NOT v.structure
            ORDER BY v.numero DESC LIMIT 1;
        IF FOUND AND avant.instant > clock_timestamp() - silence AND NOT EXISTS (
            SELECT FROM public.wikimarche_version n
            WHERE n.piece_id = la_piece AND n.genre <> 'auto' AND n.numero > avant.numero)
        THEN
            seance := avant.seance;
        END IF;
    END IF;
END $$;
"""

# Volatile: what follows the lock is read after the wait for it, each statement with its own eyes.
# depuis: a version whose articles the caller knows; autres: lines, as in wikimarche_empreinte_piece,
# of the articles that later versions name.
TENIR = """
CREATE FUNCTION public.wikimarche_tenir(
    la_piece uuid, l_article uuid, l_auteur uuid, le_commit uuid, silence interval,
    depuis integer, OUT etat text, OUT article public.wikimarche_article, OUT deja boolean,
    OUT dernier integer, OUT seance integer, OUT empreinte text, OUT autres text[]
)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT p.statut INTO etat FROM public.wikimarche_piece p
        WHERE p.id = la_piece FOR NO KEY UPDATE;
    SELECT a.* INTO article FROM public.wikimarche_article a
        WHERE a.id = l_article AND a.piece_id = la_piece;
    deja := EXISTS (SELECT FROM public.wikimarche_commit c WHERE c.id = le_commit);
    SELECT s.dernier, s.seance, s.empreinte INTO dernier, seance, empreinte
        FROM public.wikimarche_situer(la_piece, l_article, l_auteur, silence) AS s;
    IF dernier > depuis AND dernier <= depuis + 50 THEN
        autres := ARRAY(
            SELECT concat_ws(' ', a.id::text, coalesce(a.parent_id::text, '-'), a.rang, a.statut,
                CASE WHEN a.numerote THEN 'n' ELSE '-' END, a.empreinte)
            FROM public.wikimarche_article a WHERE a.id IN (
                SELECT v.article_id FROM public.wikimarche_version v
                WHERE v.piece_id = la_piece AND v.numero > depuis));
    END IF;
END $$;
"""

# The rows of a version, with its revision. articles: those whose new state is still to be written.
CONSIGNER = """
CREATE FUNCTION public.wikimarche_consigner(
    la_revision integer, la_version jsonb, les_commits jsonb, les_articles jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.wikimarche_version (revision_id, piece_id, numero, genre, nom, resume,
        article_id, structure, seance, empreinte, auteur_id, operation)
    SELECT la_revision, v.piece, v.numero, v.genre, v.nom, v.resume,
        v.article, v.structure, v.seance, v.empreinte, v.auteur, v.operation
        FROM jsonb_to_record(la_version) AS v(piece uuid, numero integer, genre text, nom text,
            resume text, article uuid, structure boolean, seance integer, empreinte text,
            auteur uuid, operation uuid);
    INSERT INTO public.wikimarche_commit (id, revision_id, article_id, numero, precedent, base,
        pas, ecartes, titre, auteur_id)
    SELECT c.id, la_revision, c.article, c.numero, c.precedent, c.base,
        c.pas, c.ecartes, c.titre, (la_version ->> 'auteur')::uuid
        FROM jsonb_to_recordset(les_commits) AS c(id uuid, article uuid, numero integer,
            precedent uuid, base integer, pas jsonb, ecartes jsonb, titre text);
    UPDATE public.wikimarche_article a
        SET titre = e.titre, corps = e.corps, texte = e.texte, empreinte = e.empreinte,
            numero = e.numero
        FROM jsonb_to_recordset(les_articles) AS e(id uuid, titre text, corps jsonb, texte text,
            empreinte text, numero integer)
        WHERE a.id = e.id;
END $$;
"""

WITH_HASH = """
CREATE OR REPLACE FUNCTION public.wikimarche_situer(
    la_piece uuid, l_article uuid, l_auteur uuid, silence interval,
    OUT dernier integer, OUT seance integer, OUT empreinte text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    avant record;
BEGIN
    SELECT coalesce(max(v.numero), 0) INTO dernier
        FROM public.wikimarche_version v WHERE v.piece_id = la_piece;
    IF l_article IS NOT NULL THEN
        SELECT v.numero, v.seance, v.instant INTO avant FROM public.wikimarche_version v
            WHERE v.article_id = l_article AND v.auteur_id = l_auteur AND v.genre = 'auto'
                AND NOT v.structure
            ORDER BY v.numero DESC LIMIT 1;
        IF FOUND AND avant.instant > clock_timestamp() - silence AND NOT EXISTS (
            SELECT FROM public.wikimarche_version n
            WHERE n.piece_id = la_piece AND n.genre <> 'auto' AND n.numero > avant.numero)
        THEN
            seance := avant.seance;
        END IF;
    END IF;
    empreinte := public.wikimarche_empreinte_piece(la_piece);
END $$;
"""
UNDO = """
DROP FUNCTION public.wikimarche_consigner(integer, jsonb, jsonb, jsonb);
DROP FUNCTION public.wikimarche_tenir(uuid, uuid, uuid, uuid, interval, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0003_situer")]

    operations = [
        migrations.RunSQL([SITUER, TENIR, CONSIGNER], reverse_sql=[UNDO, WITH_HASH]),
    ]
