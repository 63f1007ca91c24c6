"""Roles of a person on a marché: asked at each request, so planned once per connection.

A role limited to one object (portee) counts on it; on the marché that holds it, it is « limite ».
On any other object it is none.

An exceptional access makes an observateur, of somebody who belongs to the organisation or not; it
counts by the clock of this instant, not by that of a transaction that would last longer.
"""

from django.db import migrations


FUNCTION = """
CREATE FUNCTION public.marches_roles(
    le_marche uuid, la_personne uuid, l_organisation uuid, l_objet uuid,
    OUT fonction text, OUT roles text[]
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT m.fonction, ARRAY(
               SELECT CASE WHEN p.portee IS NULL OR p.portee = l_objet THEN p.role ELSE 'limite' END
               FROM public.marches_participation p
               WHERE p.marche_id = le_marche AND p.user_id = m.user_id AND p.is_active
                   AND (p.portee IS NULL OR l_objet IS NULL OR p.portee = l_objet))
        INTO fonction, roles FROM public.organisations_membership m
        WHERE m.user_id = la_personne AND m.organisation_id = l_organisation AND m.is_active;
    IF EXISTS (
        SELECT FROM public.marches_accesexceptionnel a
            JOIN public.accounts_user u ON u.id = a.user_id
        WHERE a.marche_id = le_marche AND a.user_id = la_personne AND a.fini_le IS NULL
            AND a.ouvert_le <= clock_timestamp() AND a.expire_le > clock_timestamp()
            AND u.is_active AND u.is_administrateur)
    THEN
        fonction := coalesce(fonction, 'administrateur');
        roles := array_append(roles, 'observateur');
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("marches", "0001_initial"), ("organisations", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.marches_roles(uuid, uuid, uuid, uuid)")
    ]
