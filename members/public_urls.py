"""The one page of members that belongs to nobody signed in: a tablet for check-in."""

from django.urls import path

from members.views.kiosks import kiosk_in, kiosk_look, kiosk_page

app_name = "kiosks"
urlpatterns = [
    path("<str:token>/", kiosk_page, name="page"),
    path("<str:token>/look/", kiosk_look, name="look"),
    path("<str:token>/in/", kiosk_in, name="in"),
]
