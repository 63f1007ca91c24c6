"""Address of « Qui peut quoi »."""

from django.urls import path

from procurement.access import views


app_name = "access"
urlpatterns = [path("", views.matrix_read, name="matrix_read")]
