"""Files received before the antivirus was asked were said sound on their header: they wait again."""

from django.db import migrations


def wait_for_the_scanner(apps, schema_editor):
    """Put every received file back among those that the sweep analyses."""
    files = apps.get_model("documents", "StoredFile").objects
    files.filter(statut__in=["deposee", "en_analyse", "saine"], analysed_at=None).update(
        statut="analyse_indisponible"
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_analyse")]

    operations = [migrations.RunPython(wait_for_the_scanner, migrations.RunPython.noop)]
