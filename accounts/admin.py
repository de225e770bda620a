"""The operators' desk for accounts. Sign-in goes through allauth (rate limits, second factor); ledgers are read-only
and secrets are never on a page."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import models

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = _("공지 운영")
admin.site.unregister(Group)  # roles are code here


class ReadOnly(admin.ModelAdmin):
    """A ledger, or rows that only services write."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StaffInline(admin.TabularInline):
    model = models.Staff
    fields = ["user", "role", "removed_at"]
    readonly_fields = ["user", "role", "removed_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Tenant)
class TenantAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "paid_until", "paused_at", "edition", "created_at"]
    search_fields = ["name", "slug"]
    list_filter = ["edition", "is_operator"]
    # When a tenant may send is decided by accounts.services.access, and recorded there.
    readonly_fields = ["slug", "paid_until", "grace_until", "paused_at", "created_at", "is_operator"]
    inlines = [StaffInline]
    list_per_page = 50
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.User)
class UserAdmin(DjangoUserAdmin):
    ordering = ["-id"]
    list_display = ["email", "name", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "language", "password"]}),
        (_("권한"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("때"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]
    filter_horizontal = []
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ["at", "kind", "subject", "by_label", "tenant", "ip"]
    list_select_related = ["tenant"]
    search_fields = ["kind", "subject", "request_id"]
    ordering = ["-id"]


@admin.register(models.Fact)
class FactAdmin(ReadOnly):
    list_display = ["recorded_at", "kind", "subject", "key", "tenant", "at"]
    list_select_related = ["tenant"]
    search_fields = ["kind", "subject"]
    ordering = ["-id"]


@admin.register(models.Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ["email", "tenant", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["tenant", "invited_by"]
    exclude = ["token_hash"]


@admin.register(models.ApiKey)
class ApiKeyAdmin(ReadOnly):
    list_display = ["name", "prefix", "tenant", "created_at", "last_used_at", "revoked_at"]
    list_select_related = ["tenant"]
    exclude = ["key_hash"]


@admin.register(models.Export)
class ExportAdmin(ReadOnly):
    list_display = ["id", "tenant", "kind", "state", "row_count", "by", "reason", "created_at", "downloaded_count"]
    list_select_related = ["tenant", "by"]
    exclude = ["params", "parts"]


@admin.register(models.Upload)
class UploadAdmin(ReadOnly):
    list_display = ["id", "tenant", "kind", "size", "by", "created_at", "deleted_at"]
    list_select_related = ["tenant", "by"]
    exclude = ["path", "name"]


@admin.register(models.Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["id", "tenant", "kind", "state", "attempts", "created_at", "sent_at"]
    list_select_related = ["tenant"]
    exclude = ["context"]


@admin.register(models.HelpText)
class HelpTextAdmin(admin.ModelAdmin):
    """Shown within half a minute; deleting a row brings the product's own words back."""

    list_display = ["key", "language", "title", "changed_at"]
    list_filter = ["language"]
    search_fields = ["key", "title", "body"]


@admin.register(models.TermsVersion)
class TermsVersionAdmin(admin.ModelAdmin):
    list_display = ["kind", "version", "effective_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people agreed to these words

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.TermsAgreement)
class TermsAgreementAdmin(ReadOnly):
    list_display = ["user", "version", "agreed_at", "ip"]
    list_select_related = ["user", "version"]


for secret_model in (Authenticator, UserSession):  # TOTP secrets and session keys stay off the desk
    if admin.site.is_registered(secret_model):
        admin.site.unregister(secret_model)
