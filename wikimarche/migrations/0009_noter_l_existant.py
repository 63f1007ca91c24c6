"""Rows that stood before their evidence was asked: the journal says once what they were then.

Files, images, importations, and the accounts that are more, or less, than an ordinary one.
"""

from django.db import migrations


NOTER = """
SELECT public.journal_ajouter(
    chaine, 'systeme:audit:row:noted', 'audit:row:noted', objet, NULL, NULL,
    jsonb_build_object('details', '{}'::jsonb, 'etat', etat)::text)
FROM (
    SELECT coalesce(
            (SELECT p.marche_id FROM public.wikimarche_image i
                JOIN public.wikimarche_piece p ON p.id = i.piece_id WHERE i.fichier_id = f.id),
            (SELECT p.marche_id FROM public.wikimarche_importation n
                JOIN public.wikimarche_piece p ON p.id = n.piece_id WHERE n.fichier_id = f.id
                ORDER BY n.created_at LIMIT 1),
            '00000000-0000-4000-8000-000000000001') AS chaine,
        'documents_storedfile:' || f.id AS objet,
        jsonb_build_object('sha256', f.sha256, 'nom', f.nom, 'type_mime', f.type_mime,
            'taille', f.taille, 'created_by_id', f.created_by_id, 'created_at', f.created_at,
            'statut', f.statut, 'signature', f.signature)
            AS etat
        FROM public.documents_storedfile f
    UNION ALL
    SELECT p.marche_id, 'wikimarche_image:' || i.fichier_id,
        jsonb_build_object('piece_id', i.piece_id)
        FROM public.wikimarche_image i JOIN public.wikimarche_piece p ON p.id = i.piece_id
    UNION ALL
    SELECT p.marche_id, 'wikimarche_importation:' || n.id,
        jsonb_build_object('piece_id', n.piece_id, 'fichier_id', n.fichier_id, 'nom', n.nom, 'statut', n.statut,
            'rapport', n.rapport, 'raison', n.raison, 'created_by_id', n.created_by_id,
            'created_at', n.created_at)
        FROM public.wikimarche_importation n JOIN public.wikimarche_piece p ON p.id = n.piece_id
    UNION ALL
    SELECT '00000000-0000-4000-8000-000000000001', 'accounts_user:' || u.id,
        jsonb_build_object('is_active', u.is_active, 'is_administrateur', u.is_administrateur,
            'deactivated_at', u.deactivated_at, 'created_at', u.created_at)
        FROM public.accounts_user u WHERE u.is_administrateur OR NOT u.is_active
) AS existant
ORDER BY chaine, objet;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("wikimarche", "0008_clore_par_la_structure"),
        ("documents", "0004_ecartee"),
        ("accounts", "0001_initial"),
        ("audit", "0005_types_et_identites"),
    ]

    operations = [migrations.RunSQL(NOTER, reverse_sql=migrations.RunSQL.noop)]
