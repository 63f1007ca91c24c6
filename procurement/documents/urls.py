"""Addresses of downloads."""

from django.urls import path

from procurement.documents import views


app_name = "documents"
urlpatterns = [
    path("travaux/<uuid:pk>/fichier/", views.job_download, name="job_download"),
]
