"""Every address of the site, by app."""

from django.conf import settings
from django.urls import include, path


handler500 = "procurement.ui.unavailable.server_error"
urlpatterns = [
    path("", include("procurement.marches.urls")),
    path("", include("wikimarche.urls")),
    path("", include("procurement.documents.urls")),
    path("droits/", include("procurement.access.urls")),
    path("", include("procurement.operations.urls")),
    path("travaux/", include("procurement.jobs.urls")),
    path("compte/", include("procurement.accounts.urls")),
    path("demonstration/messages/", include("procurement.demo.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("composants/", include("procurement.ui.urls"))]
