"""A commit follows a commit of its own article, or none: asked in the trip that holds the article."""

from importlib import import_module

from django.db import migrations


BEFORE = import_module("wikimarche.migrations.0004_tenir").TENIR
DROP_BEFORE = "DROP FUNCTION public.wikimarche_tenir(uuid, uuid, uuid, uuid, interval, integer);"
DROP = "DROP FUNCTION public.wikimarche_tenir(uuid, uuid, uuid, uuid, uuid, interval, integer);"

# Volatile: what follows the lock is read after the wait for it, each statement with its own eyes.
TENIR = """
CREATE FUNCTION public.wikimarche_tenir(
    la_piece uuid, l_article uuid, l_auteur uuid, le_commit uuid, le_precedent uuid,
    silence interval, depuis integer,
    OUT etat text, OUT article public.wikimarche_article, OUT deja boolean, OUT suite boolean,
    OUT dernier integer, OUT seance integer, OUT empreinte text, OUT autres text[]
)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT p.statut INTO etat FROM public.wikimarche_piece p
        WHERE p.id = la_piece FOR NO KEY UPDATE;
    SELECT a.* INTO article FROM public.wikimarche_article a
        WHERE a.id = l_article AND a.piece_id = la_piece;
    deja := EXISTS (SELECT FROM public.wikimarche_commit c WHERE c.id = le_commit);
    suite := le_precedent IS NULL OR EXISTS (
        SELECT FROM public.wikimarche_commit c
        WHERE c.id = le_precedent AND c.article_id = l_article);
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


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0009_noter_l_existant")]

    operations = [
        migrations.RunSQL([DROP_BEFORE, TENIR], reverse_sql=[DROP, BEFORE]),
    ]
