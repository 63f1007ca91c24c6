"""Addresses of the probes, and of the page of who runs the platform."""

from django.urls import path

from procurement.operations import views


app_name = "operations"
urlpatterns = [
    path("sante/", views.sante_read, name="sante_read"),
    path("sante/vie/", views.sante_live, name="sante_live"),
    path("plateforme/attestation/", views.attestation_create, name="attestation_create"),
    path("plateforme/", views.plateforme_read, name="plateforme_read"),
]
