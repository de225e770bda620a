"""Pages of accounts, under /t/<slug>/."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
