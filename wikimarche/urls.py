"""Addresses of the pièces, of their articles and of their versions."""

from django.urls import path

from wikimarche import views


app_name = "wikimarche"
urlpatterns = [
    path("recherche/", views.search_read, name="search_read"),
    path("marches/<uuid:pk>/pieces/ajouter/", views.piece_create, name="piece_create"),
    path("pieces/<uuid:pk>/", views.piece_detail, name="piece_detail"),
    path("pieces/<uuid:pk>/plan/", views.piece_outline, name="piece_outline"),
    path("pieces/<uuid:pk>/traces/", views.piece_traces, name="piece_traces"),
    path("pieces/<uuid:pk>/nouveautes/", views.piece_changes, name="piece_changes"),
    path("pieces/<uuid:pk>/titre/", views.piece_rename, name="piece_rename"),
    path("pieces/<uuid:pk>/deplacer/", views.piece_move, name="piece_move"),
    path("pieces/<uuid:pk>/relire/", views.piece_submit, name="piece_submit"),
    path("pieces/<uuid:pk>/rouvrir/", views.piece_reopen, name="piece_reopen"),
    path("pieces/<uuid:pk>/retirer/", views.piece_withdraw, name="piece_withdraw"),
    path("pieces/<uuid:pk>/retablir/", views.piece_reinstate, name="piece_reinstate"),
    path("pieces/<uuid:pk>/versions/", views.version_list, name="version_list"),
    path(
        "pieces/<uuid:pk>/versions/<int:seance>/detail/", views.seance_detail, name="seance_detail"
    ),
    path("pieces/<uuid:pk>/versions/nommer/", views.version_name, name="version_name"),
    path("pieces/<uuid:pk>/versions/<int:numero>/", views.version_detail, name="version_detail"),
    path(
        "pieces/<uuid:pk>/versions/<int:numero>/restaurer/",
        views.piece_restore,
        name="piece_restore",
    ),
    path("pieces/<uuid:pk>/comparer/", views.piece_compare, name="piece_compare"),
    path("pieces/<uuid:pk>/importer/", views.piece_import, name="piece_import"),
    path("pieces/<uuid:pk>/exporter/", views.piece_export, name="piece_export"),
    path("pieces/<uuid:pk>/articles/ajouter/", views.article_add, name="article_add"),
    path("articles/<uuid:pk>/", views.article_detail, name="article_detail"),
    path("articles/<uuid:pk>/commits/", views.article_commits, name="article_commits"),
    path("articles/<uuid:pk>/ajouter/", views.article_add_after, name="article_add_after"),
    path("articles/<uuid:pk>/deplacer/", views.article_move, name="article_move"),
    path("articles/<uuid:pk>/indenter/", views.article_indent, name="article_indent"),
    path("articles/<uuid:pk>/desindenter/", views.article_outdent, name="article_outdent"),
    path("articles/<uuid:pk>/numeroter/", views.article_number, name="article_number"),
    path("articles/<uuid:pk>/scinder/", views.article_split, name="article_split"),
    path("articles/<uuid:pk>/fusionner/", views.article_merge, name="article_merge"),
    path("articles/<uuid:pk>/retirer/", views.article_retire, name="article_retire"),
    path("articles/<uuid:pk>/retablir/", views.article_reinstate, name="article_reinstate"),
    path("articles/<uuid:pk>/restaurer/", views.article_restore, name="article_restore"),
    path("articles/<uuid:pk>/commenter/", views.fil_open, name="fil_open"),
    path("pieces/<uuid:pk>/commenter/", views.fil_open_on_piece, name="fil_open_on_piece"),
    path("pieces/<uuid:pk>/commentaires/", views.fil_list, name="fil_list"),
    path("fils/<uuid:pk>/", views.fil_detail, name="fil_detail"),
    path("fils/<uuid:pk>/repondre/", views.fil_reply, name="fil_reply"),
    path("fils/<uuid:pk>/resoudre/", views.fil_resolve, name="fil_resolve"),
    path("fils/<uuid:pk>/rouvrir/", views.fil_reopen, name="fil_reopen"),
    path("fils/<uuid:pk>/retirer-le-passage/", views.fil_unquote, name="fil_unquote"),
    path("commentaires/<uuid:pk>/corriger/", views.commentaire_correct, name="commentaire_correct"),
    path("commentaires/<uuid:pk>/masquer/", views.commentaire_mask, name="commentaire_mask"),
    path("commentaires/<uuid:pk>/montrer/", views.commentaire_unmask, name="commentaire_unmask"),
    path("importations/<uuid:pk>/", views.importation_detail, name="importation_detail"),
    path(
        "importations/<uuid:pk>/document/",
        views.importation_download,
        name="importation_download",
    ),
    path("importations/<uuid:pk>/corriger/", views.importation_correct, name="importation_correct"),
    path("importations/<uuid:pk>/annuler/", views.importation_undo, name="importation_undo"),
    path("importations/<uuid:pk>/accepter/", views.importation_accept, name="importation_accept"),
    path(
        "importations/<uuid:pk>/abandonner/", views.importation_abandon, name="importation_abandon"
    ),
    path("pieces/<uuid:pk>/images/", views.image_add, name="image_add"),
    path("images/<uuid:pk>/", views.image, name="image"),
]
