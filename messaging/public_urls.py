"""The one page of messaging that belongs to no tenant's shell: the link at the end of an ad, short for its bytes."""

from django.urls import path

from messaging.views.refusing import refuse

app_name = "refusing"
urlpatterns = [
    path("<str:code>", refuse, name="refuse"),
    path("<str:code>/", refuse, name="refuse-slash"),  # some phones add one
]
