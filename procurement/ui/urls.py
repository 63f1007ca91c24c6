"""Addresses of the page of components: included with DEBUG only."""

from django.urls import path

from procurement.ui import views


app_name = "ui"
urlpatterns = [
    path("", views.composants, name="composants"),
    path("exemples/<slug:nom>/", views.exemple, name="exemple"),
    path("progression/<int:fait>/", views.progression_exemple, name="progression_exemple"),
]
