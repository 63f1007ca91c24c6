"""A commit of which no step found a place: kept with its set-aside text, without making a version."""

from django.db import migrations, models


ECARTER = """
CREATE FUNCTION public.wikimarche_ecarter(la_revision integer, l_auteur text, le_commit jsonb)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.wikimarche_commit (id, revision_id, article_id, numero, precedent, base,
        pas, ecartes, titre, auteur_id)
    SELECT c.id, la_revision, c.article, NULL, c.precedent, c.base, c.pas, c.ecartes, NULL,
        l_auteur::uuid
        FROM jsonb_to_record(le_commit) AS c(id uuid, article uuid, precedent uuid, base integer,
            pas jsonb, ecartes jsonb)
$$
"""
UNDO = "DROP FUNCTION public.wikimarche_ecarter(integer, text, jsonb)"


class Migration(migrations.Migration):
    dependencies = [
        ("wikimarche", "0002_enregistrer"),
        ("audit", "0002_journal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="commit",
            name="numero",
            field=models.PositiveIntegerField(null=True, verbose_name="numéro"),
        ),
        migrations.AddConstraint(
            model_name="commit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("numero__isnull", False), ("titre__isnull", True), _connector="OR"
                ),
                name="commit_sans_numero_sans_titre",
                violation_error_message="Un enregistrement sans numéro n’a rien changé.",
            ),
        ),
        migrations.RunSQL(ECARTER, UNDO),
    ]
