"""Pages of members, under /t/<slug>/."""

from django.urls import URLPattern

app_name = "members"
urlpatterns: list[URLPattern] = []
