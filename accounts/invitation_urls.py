"""The one page of accounts that belongs to no tenant yet."""

from django.urls import path

from accounts.views.invitations import invitation

app_name = "invitations"
urlpatterns = [path("<str:token>/", invitation, name="accept")]
