"""Searching the words of articles: an index computed from the text itself, so that it never differs.

The words are kept without case nor accent, by their French stem. Nodes come in the order of the
text; a text cut by marks is one word again, a block begins a new line. « prix/qualité » and
« auto-laveuse » are two words. What ``to_tsvector`` would refuse (a megabyte of words) is cut: an
article is hardly that long, and saving must never fail here.
"""

from django.db import migrations


TEXTE = """
CREATE FUNCTION public.wikimarche_texte(titre text, corps jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT titre || coalesce(string_agg(
               CASE node ->> 'type'
                   WHEN 'text' THEN node ->> 'text'
                   WHEN 'image' THEN E'\\n' || coalesce(node #>> '{attrs,alt}', '')
                   WHEN 'hard_break' THEN ' '
                   WHEN 'note_bas_de_page' THEN ' ' || coalesce(node #>> '{attrs,texte}', '') || ' '
                   ELSE E'\\n' END,
               '' ORDER BY rank), '')
      FROM jsonb_path_query(corps,
               'strict $.** ? (@.type == "text" || @.type == "paragraph" || @.type == "heading"
                               || @.type == "image" || @.type == "hard_break"
                               || @.type == "note_bas_de_page")',
               '{}', true) WITH ORDINALITY AS found (node, rank)
$$
"""

# Accents are signs of their own once decomposed; ligatures are not: « œuvre » is found by « oeuvre ».
NU = """
CREATE FUNCTION public.wikimarche_nu(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(replace(
               regexp_replace(normalize(lower(translate(words, '/-_', '   ')), NFD), '[\\u0300-\\u036f]', '', 'g'),
               'œ', 'oe'), 'æ', 'ae')
$$
"""

MOTS = """
CREATE FUNCTION public.wikimarche_mots(titre text, corps jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT setweight(to_tsvector('pg_catalog.french', public.wikimarche_nu(titre)), 'A')
        || to_tsvector('pg_catalog.french',
               left(public.wikimarche_nu(public.wikimarche_texte('', corps)), 200000))
$$
"""

INDEX = """
CREATE INDEX article_mots ON public.wikimarche_article
    USING gin (public.wikimarche_mots(titre, corps))
"""


class Migration(migrations.Migration):
    dependencies = [("wikimarche", "0004_fils")]

    operations = [
        migrations.RunSQL(TEXTE, "DROP FUNCTION public.wikimarche_texte(text, jsonb)"),
        migrations.RunSQL(NU, "DROP FUNCTION public.wikimarche_nu(text)"),
        migrations.RunSQL(MOTS, "DROP FUNCTION public.wikimarche_mots(text, jsonb)"),
        migrations.RunSQL(INDEX, "DROP INDEX public.article_mots"),
    ]
