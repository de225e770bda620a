"""Pages that join the apps."""

from django.urls import path

from home.views import doors, health, mail, today

app_name = "home"
urlpatterns = [
    path("", doors.landing, name="landing"),
    path("start/", doors.start, name="start"),
    path("tenants/", doors.tenants, name="tenants"),
    path("tenants/open/", doors.tenant_open, name="tenant-open"),
    path("terms/", doors.terms, {"kind": "terms"}, name="terms"),
    path("privacy/", doors.terms, {"kind": "privacy"}, name="privacy"),
    path("theme/", doors.theme, name="theme"),
    path("language/", doors.language, name="language"),
    path("facing/", doors.facing, name="facing"),
    path("mail/", mail.mail, name="mail"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("t/<slug:tenant>/", today.today, name="today"),
    path("t/<slug:tenant>/sample-roster/", today.sample_roster, name="sample-roster"),
    path("t/<slug:tenant>/recent/", today.recent, name="recent"),
    path("t/<slug:tenant>/help/hide/", today.help_hide, name="help-hide"),
    path("t/<slug:tenant>/help/toggle/", today.help_toggle, name="help-toggle"),
    path("t/<slug:tenant>/my-phone/", today.my_phone, name="my-phone"),
    path("t/<slug:tenant>/members/<int:pk>/texts/", today.member_texts, name="member-texts"),
]
