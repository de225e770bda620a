"""Pages of accounts, under /t/<slug>/settings/."""

from django.urls import path

from accounts.views import basics, files, keys, staff, trail

app_name = "accounts"
urlpatterns = [
    path("", basics.basics, name="basics"),
    path("tenant/", basics.tenant_save, name="tenant-save"),
    path("help/", basics.help_tenant, name="help-tenant"),
    path("help/mine/", basics.help_own, name="help-own"),
    path("help/restore/", basics.help_restore, name="help-restore"),
    path("me/", basics.me, name="me"),
    path("staff/", staff.people, name="staff"),
    path("staff/invite/", staff.invite, name="staff-invite"),
    path("staff/invitations/<int:pk>/revoke/", staff.invitation_revoke, name="invitation-revoke"),
    path("staff/<int:pk>/role/", staff.role, name="staff-role"),
    path("staff/<int:pk>/rights/", staff.rights, name="staff-rights"),
    path("staff/<int:pk>/remove/", staff.remove, name="staff-remove"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="key-revoke"),
    path("audit/", trail.trail, name="audit"),
    path("exports/", files.export_list, name="exports"),
    path("exports/<str:token>/", files.export_download, name="export-download"),
    path("files/<str:token>/", files.file_download, name="file-download"),
]
