"""Addresses of the probes."""

from django.urls import path

from procurement.operations import views


app_name = "operations"
urlpatterns = [
    path("", views.sante_read, name="sante_read"),
    path("vie/", views.sante_live, name="sante_live"),
]
