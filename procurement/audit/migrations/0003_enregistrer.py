from django.db import migrations


# A revision, its versions and their journal rows in one round trip. Versions take the current
# transaction, so the deferred triggers judge them like any other.
ENREGISTRER = """
CREATE FUNCTION public.journal_enregistrer(
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
    FOR i IN 1 .. cardinality(types) LOOP
        numero := NULL;
        IF types[i] IS NOT NULL THEN
            IF revision IS NULL THEN
                INSERT INTO public.reversion_revision (date_created, user_id, comment)
                    VALUES (date_revision, auteur, operation::text) RETURNING id INTO revision;
            END IF;
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
REVOKE ALL ON FUNCTION public.journal_enregistrer(
    uuid, timestamptz, uuid, integer[], text[], text[], text[],
    uuid[], text[], text[], text[], text[]) FROM PUBLIC;
"""

UNDO = """
DROP FUNCTION public.journal_enregistrer(
    uuid, timestamptz, uuid, integer[], text[], text[], text[],
    uuid[], text[], text[], text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_functions")]

    operations = [migrations.RunSQL([ENREGISTRER], reverse_sql=UNDO)]
