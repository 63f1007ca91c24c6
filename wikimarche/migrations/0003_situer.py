"""Where the next version of a pièce stands: asked at each save, so planned once per connection."""

from django.db import migrations


FUNCTION = """
CREATE FUNCTION public.wikimarche_situer(
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
    empreinte := public.wikimarche_empreinte_piece(la_piece);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0002_empreinte_piece")]

    operations = [
        migrations.RunSQL(
            FUNCTION, "DROP FUNCTION public.wikimarche_situer(uuid, uuid, uuid, interval)"
        )
    ]
