"""Saving in two round trips: hold an article under the lock of its pièce, then record what it became.

Functions, so that each statement is planned once per connection. They run with the rights of their
caller, and every trigger judges what they write. A bound that only one value can give (« after this
version ») is guessed at a third of the table and planned anew each time: said between two bounds,
such a statement is served by an index whatever the values, and its plan is kept.
"""

from django.db import migrations


# SHA-256 of a whole pièce, computed where its articles are.
EMPREINTE = """
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

# What is done to a pièce itself: a handful of rows, apart from those of its articles.
INDEX = """
CREATE INDEX journal_de_la_piece ON public.journal (objet, instant)
    WHERE action LIKE 'wikimarche:piece:%';
"""

# Where the next version stands, and the one rule of work sessions. empreinte: of the last version,
# not of the articles as they are. seance: the one to join, NULL to open another. Sorting is off: a
# plan guessed before anybody has analysed the table would read a whole history to sort it.
SITUER = """
CREATE FUNCTION public.wikimarche_situer(
    la_piece uuid, l_article uuid, l_auteur uuid, silence interval,
    OUT dernier integer, OUT seance integer, OUT empreinte text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
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
            WHERE n.piece_id = la_piece AND n.numero BETWEEN avant.numero + 1 AND dernier
                AND (n.genre NOT IN ('auto', 'commentaire') OR (n.structure AND n.article_id = l_article)))
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

# Volatile: what follows the lock is read after the wait for it, each statement with its own eyes.
# suite: a commit follows a commit of its own article, or none. depuis: a version whose articles the
# caller knows; autres: lines, as in wikimarche_empreinte_piece, of the articles that later versions
# name. fonction, roles: of the author on the pièce, as marches_roles says them. The marché is held,
# as by hold_marche: its step (etape) and the roles stand until the end of the transaction.
TENIR = """
CREATE FUNCTION public.wikimarche_tenir(
    la_piece uuid, l_article uuid, l_auteur uuid, le_commit uuid, le_precedent uuid,
    silence interval, depuis integer,
    OUT etat text, OUT etape text, OUT partage boolean,
    OUT article public.wikimarche_article, OUT deja boolean, OUT suite boolean,
    OUT dernier integer, OUT seance integer, OUT empreinte text, OUT autres text[],
    OUT fonction text, OUT roles text[]
)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    le_marche uuid;
    l_organisation uuid;
BEGIN
    SELECT p.statut, p.marche_id INTO etat, le_marche FROM public.wikimarche_piece p
        WHERE p.id = la_piece FOR NO KEY UPDATE;
    SELECT m.statut, m.partage_juridique, m.organisation_id INTO etape, partage, l_organisation
        FROM public.marches_marche m WHERE m.id = le_marche FOR SHARE;
    SELECT r.fonction, r.roles INTO fonction, roles
        FROM public.marches_roles(le_marche, l_auteur, l_organisation, la_piece) AS r;
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
                WHERE v.piece_id = la_piece AND v.numero BETWEEN depuis + 1 AND dernier));
    END IF;
END $$;
"""

# The rows of a version, with its revision. articles: those whose new state is still to be written,
# one by one through their key: joined to a list whose length is guessed, all articles were read.
CONSIGNER = """
CREATE FUNCTION public.wikimarche_consigner(
    la_revision integer, la_version jsonb, les_commits jsonb, les_articles jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    e record;
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
    FOR e IN SELECT * FROM jsonb_to_recordset(les_articles) AS r(id uuid, titre text, corps jsonb,
        empreinte text, numero integer)
    LOOP
        UPDATE public.wikimarche_article a
            SET titre = e.titre, corps = e.corps, empreinte = e.empreinte,
                numero = e.numero
            WHERE a.id = e.id;
    END LOOP;
END $$;
"""

UNDO = """
DROP FUNCTION public.wikimarche_consigner(integer, jsonb, jsonb, jsonb);
DROP FUNCTION public.wikimarche_tenir(uuid, uuid, uuid, uuid, uuid, interval, integer);
DROP FUNCTION public.wikimarche_situer(uuid, uuid, uuid, interval);
DROP FUNCTION public.wikimarche_empreinte_piece(uuid);
DROP INDEX public.journal_de_la_piece;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("wikimarche", "0001_initial"),
        ("marches", "0002_roles"),
        ("audit", "0001_initial"),
    ]

    operations = [migrations.RunSQL([EMPREINTE, INDEX, SITUER, TENIR, CONSIGNER], UNDO)]
