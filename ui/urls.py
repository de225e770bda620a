"""The gallery of components; config includes it only while DEBUG is on."""

from django.urls import path

from ui import gallery

app_name = "ui"
urlpatterns = [
    path("", gallery.show, name="gallery"),
    path("errors/<int:code>/", gallery.error, name="error"),
]
