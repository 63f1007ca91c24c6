"""Addresses of « Mes travaux »."""

from django.urls import path

from procurement.jobs import views


app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="job_list"),
    path("<uuid:pk>/", views.job_detail, name="job_detail"),
    path("<uuid:pk>/annuler/", views.job_cancel, name="job_cancel"),
]
