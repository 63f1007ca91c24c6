"""A revision may hold no version: what an act set aside is kept beside it, and no object changed.

A date asks for a revision, with or without versions; no date, for entries of the journal alone.
"""

from importlib import import_module

from django.db import migrations


ENREGISTRER = """
CREATE OR REPLACE FUNCTION public.journal_enregistrer(
    auteur uuid, date_revision timestamptz, operation uuid,
    types integer[], cles text[], donnees text[], libelles text[],
    chaines uuid[], acteurs text[], actions text[], objets text[], corpus text[],
    OUT revision integer, OUT numeros bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    versions bigint[] := '{}';
    numero bigint;
BEGIN
    IF date_revision IS NOT NULL THEN
        INSERT INTO public.reversion_revision (date_created, user_id, comment)
            VALUES (date_revision, auteur, operation::text) RETURNING id INTO revision;
    END IF;
    FOR i IN 1 .. cardinality(types) LOOP
        numero := NULL;
        IF types[i] IS NOT NULL THEN
            INSERT INTO public.reversion_version (
                revision_id, object_id, content_type_id, db, format, serialized_data, object_repr
            ) VALUES (
                revision, cles[i], types[i], 'default', 'json', donnees[i], libelles[i]
            ) RETURNING id INTO numero;
        END IF;
        versions := versions || numero;
    END LOOP;
    numeros := public.journal_ajouter_lot(
        chaines, acteurs, actions, objets,
        array_fill(operation, ARRAY[cardinality(types)]), versions, corpus);
END $$;
"""

BEFORE = import_module("procurement.audit.migrations.0002_journal").ENREGISTRER


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_caviarder")]

    operations = [
        migrations.RunSQL(
            ENREGISTRER, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        ),
    ]
