"""Address of the demonstration's own page. It answers 404 wherever DEMO is off."""

from django.urls import path

from procurement.demo import views


app_name = "demo"
urlpatterns = [path("", views.mail_list, name="mail_list")]
