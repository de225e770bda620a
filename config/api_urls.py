"""The REST API, its schema and the page to try it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
