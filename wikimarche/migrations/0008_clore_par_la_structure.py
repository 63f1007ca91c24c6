"""A work session is closed by what changes the order or the cutting of its article, too."""

from importlib import import_module

from django.db import migrations, models


BEFORE = import_module("wikimarche.migrations.0005_clore").SITUER

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
        -- name, a restoration, an import), the article neither cut, joined nor moved since,
        -- nothing done to the pièce since (export, review).
        SELECT v.numero, v.seance, v.instant INTO avant FROM public.wikimarche_version v
            WHERE v.article_id = l_article AND v.auteur_id = l_auteur AND v.genre = 'auto'
                AND NOT v.structure
            ORDER BY v.numero DESC LIMIT 1;
        IF FOUND AND avant.instant > clock_timestamp() - silence AND NOT EXISTS (
            SELECT FROM public.wikimarche_version n
            WHERE n.piece_id = la_piece AND n.numero > avant.numero
                AND (n.genre <> 'auto' OR (n.structure AND n.article_id = l_article)))
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


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0007_importation_refusee_sans_fichier")]

    operations = [
        migrations.RunSQL(SITUER, reverse_sql=BEFORE),
        # The last version of a session is read without the others: lists stand in that order.
        migrations.RemoveIndex(model_name="version", name="version_seances"),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["piece", "seance", "numero"], name="version_des_seances"),
        ),
    ]
