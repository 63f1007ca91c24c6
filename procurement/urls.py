"""Every address of the site, by app."""

from django.urls import include, path


urlpatterns = [
    path("compte/", include("procurement.accounts.urls")),
]
