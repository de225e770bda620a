"""Every address of the product. A tenant's pages live under /t/<slug>/, so two tabs can't be confused."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

handler400 = "home.views.errors.bad_request"
handler403 = "home.views.errors.forbidden"
handler404 = "home.views.errors.not_found"
handler429 = "home.views.errors.too_many"  # allauth's rate limits
handler500 = "home.views.errors.server_error"

urlpatterns = [
    path("t/<slug:tenant>/members/", include("members.urls")),
    path("t/<slug:tenant>/messages/", include("messaging.urls")),
    path("t/<slug:tenant>/settings/", include("accounts.urls")),
    path("u/", include("messaging.public_urls")),
    path("k/", include("members.public_urls")),
    path("invitations/", include("accounts.invitation_urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", include("config.api_urls")),
    path("admin/", admin.site.urls),
    path("", include("home.urls")),
]

if settings.DEBUG:
    urlpatterns.insert(0, path("ui/", include("ui.urls")))  # every component on one page
