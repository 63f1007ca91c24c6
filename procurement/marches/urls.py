"""Addresses of the marché."""

from django.urls import path

from procurement.marches import views


app_name = "marches"
urlpatterns = [
    path("", views.home, name="home"),
    path("marches/", views.marche_list, name="marche_list"),
    path("marches/exporter/", views.marche_list_export, name="marche_list_export"),
    path("marches/ouvrir/", views.marche_create, name="marche_create"),
    path("marches/recherches/garder/", views.filter_save, name="filter_save"),
    path("marches/recherches/<uuid:pk>/oublier/", views.filter_delete, name="filter_delete"),
    path("marches/<uuid:pk>/", views.marche_detail, name="marche_detail"),
    path("marches/<uuid:pk>/fiche/", views.marche_update, name="marche_update"),
    path("marches/<uuid:pk>/lots/", views.lots_set, name="lots_set"),
    path("marches/<uuid:pk>/criteres/", views.criteres_set, name="criteres_set"),
    path("marches/<uuid:pk>/etape/", views.marche_move, name="marche_move"),
    path("marches/<uuid:pk>/partager/", views.marche_share, name="marche_share"),
    path("marches/<uuid:pk>/inviter/", views.invitation_create, name="invitation_create"),
    path("marches/<uuid:pk>/histoire/", views.history_read, name="history_read"),
    path("marches/<uuid:pk>/histoire/verifier/", views.history_verify, name="history_verify"),
    path("marches/<uuid:pk>/histoire/caviarder/", views.history_redact, name="history_redact"),
    path("marches/<uuid:pk>/recus/", views.receipt_list, name="receipt_list"),
    path("marches/<uuid:pk>/histoire/dossier/", views.history_export, name="history_export"),
    path("plateforme/acces/", views.acces_list, name="acces_list"),
    path("acces/<uuid:pk>/fermer/", views.acces_close, name="acces_close"),
    path("participations/<uuid:pk>/role/", views.participation_change, name="participation_change"),
    path("participations/<uuid:pk>/retirer/", views.participation_end, name="participation_end"),
    path("invitations/<uuid:pk>/accepter/", views.invitation_accept, name="invitation_accept"),
    path("invitations/<uuid:pk>/revoquer/", views.invitation_revoke, name="invitation_revoke"),
    path("invitation/<str:jeton>/", views.invitation_open, name="invitation_open"),
]
