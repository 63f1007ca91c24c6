"""Every address of the site, by app."""

from django.conf import settings
from django.urls import include, path


urlpatterns = [
    path("compte/", include("procurement.accounts.urls")),
]
if settings.DEBUG:
    urlpatterns += [path("composants/", include("procurement.ui.urls"))]
