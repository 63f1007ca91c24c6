"""SHA-256 of a whole pièce, computed where its articles are."""

from django.db import migrations


FUNCTION = """
CREATE FUNCTION public.wikimarche_empreinte_piece(piece uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
               concat_ws(' ', a.id::text, coalesce(a.parent_id::text, '-'), a.rang, a.statut,
                         CASE WHEN a.numerote THEN 'n' ELSE '-' END, a.empreinte),
               E'\\n' ORDER BY a.id), ''), 'UTF8')), 'hex')
      FROM public.wikimarche_article a
     WHERE a.piece_id = piece
$$
"""


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.wikimarche_empreinte_piece(uuid)")
    ]
