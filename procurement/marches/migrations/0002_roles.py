"""Roles of a person on a marché: asked at each request, so planned once per connection."""

from django.db import migrations


FUNCTION = """
CREATE FUNCTION public.marches_roles(
    le_marche uuid, la_personne uuid, l_organisation uuid, OUT fonction text, OUT roles text[]
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT m.fonction, ARRAY(
               SELECT p.role FROM public.marches_participation p
               WHERE p.marche_id = le_marche AND p.user_id = m.user_id AND p.is_active)
        INTO fonction, roles FROM public.organisations_membership m
        WHERE m.user_id = la_personne AND m.organisation_id = l_organisation AND m.is_active;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("marches", "0001_initial"), ("organisations", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.marches_roles(uuid, uuid, uuid)")
    ]
