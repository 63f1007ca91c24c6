"""A work session is closed by what is done to the pièce itself: an export, sending to review, a restoration."""

from django.db import migrations


# The one rule of work sessions. seance: the one to join, NULL to open another.
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
        -- The session goes on: same author, same article, no silence, nothing marked since (a
        -- name, a restoration, an import), nothing done to the pièce since (export, review).
        SELECT v.numero, v.seance, v.instant INTO avant FROM public.wikimarche_version v
            WHERE v.article_id = l_article AND v.auteur_id = l_auteur AND v.genre = 'auto'
                AND NOT v.structure
            ORDER BY v.numero DESC LIMIT 1;
        IF FOUND AND avant.instant > clock_timestamp() - silence AND NOT EXISTS (
            SELECT FROM public.wikimarche_version n
            WHERE n.piece_id = la_piece AND n.genre <> 'auto' AND n.numero > avant.numero)
        AND NOT EXISTS (
            SELECT FROM public.journal j
            WHERE j.objet = 'wikimarche_piece:' || la_piece AND j.instant > avant.instant
                AND j.action LIKE 'wikimarche:piece:%')
        THEN
            seance := avant.seance;
        END IF;
    END IF;
END $$;
"""

WITHOUT_JOURNAL = """
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


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0004_tenir")]

    operations = [migrations.RunSQL(SITUER, reverse_sql=WITHOUT_JOURNAL)]
