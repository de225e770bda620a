"""The operators' desk for messaging: what is where, read-mostly. No keys, no texts in lists, phones masked."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from messaging.models import (
    AligoAccount,
    Batch,
    Dispatch,
    Excluded,
    Message,
    OptOut,
    ProviderWord,
    Sender,
    SendingPolicy,
    Template,
)
from ui.phones import format_phone, mask_phone


class ReadOnly(admin.ModelAdmin):
    """To look at: what happens to texts is done by services, never by hand."""

    list_per_page = 50
    show_full_result_count = False
    list_select_related = ["tenant"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AligoAccount)
class AligoAccountAdmin(ReadOnly):
    list_display = ["tenant", "mode", "state", "held_reason", "sms_count", "lms_count", "balance_at", "checked_at"]
    list_filter = ["mode", "state"]
    search_fields = ["tenant__name", "tenant__slug"]
    exclude = ["api_key"]


@admin.register(Sender)
class SenderAdmin(ReadOnly):
    list_display = ["shown", "tenant", "label", "is_default", "confirmed_at", "refused_at", "deleted_at"]
    search_fields = ["number", "tenant__name"]

    @admin.display(description=_("번호"))
    def shown(self, row: Sender) -> str:
        return format_phone(row.number)


@admin.register(Dispatch)
class DispatchAdmin(ReadOnly):
    list_display = [
        "id",
        "tenant",
        "state",
        "held_reason",
        "source",
        "total",
        "excluded_count",
        "by_label",
        "created_at",
    ]
    list_filter = ["state", "held_reason", "source", "is_test"]
    search_fields = ["=id", "tenant__name"]
    exclude = ["text", "title", "audience", "cursor", "key"]


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    list_display = [
        "id",
        "tenant",
        "dispatch_id",
        "state",
        "type",
        "size",
        "attempts",
        "provider_id",
        "accepted_at",
        "poll_at",
        "undecided_at",
    ]
    # Not empty: what waits for a person of the tenant. The longest waits show which shops need a call.
    list_filter = ["state", ("undecided_at", admin.EmptyFieldListFilter), "type"]
    search_fields = ["=id", "=dispatch__id", "=provider_id"]
    exclude = ["text", "title", "receivers_hash", "listed"]


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ["id", "tenant", "dispatch_id", "masked", "state", "reason", "provider_state", "result_at"]
    search_fields = ["=id", "=dispatch__id"]
    fields = ["tenant", "dispatch_id", "batch_id", "masked", "state", "reason", "provider_state", "result_at"]

    @admin.display(description=_("번호"))
    def masked(self, row: Message) -> str:
        return mask_phone(row.phone)


@admin.register(Excluded)
class ExcludedAdmin(ReadOnly):
    list_display = ["id", "tenant", "dispatch_id", "masked", "reason"]
    list_filter = ["reason"]
    search_fields = ["=dispatch__id"]
    fields = ["tenant", "dispatch_id", "masked", "reason"]

    @admin.display(description=_("번호"))
    def masked(self, row: Excluded) -> str:
        return mask_phone(row.phone)


@admin.register(OptOut)
class OptOutAdmin(ReadOnly):
    list_display = ["id", "tenant", "masked", "scope", "source", "at"]
    list_filter = ["scope"]
    search_fields = ["tenant__name"]
    fields = ["tenant", "masked", "scope", "source", "at", "by"]

    @admin.display(description=_("번호"))
    def masked(self, row: OptOut) -> str:
        return mask_phone(row.phone)


@admin.register(SendingPolicy)
class SendingPolicyAdmin(ReadOnly):
    list_display = ["tenant", "undo_seconds", "asks_person", "stopped_at", "stopped_by_label"]
    list_filter = [("stopped_at", admin.EmptyFieldListFilter), "asks_person"]
    search_fields = ["tenant__name", "tenant__slug"]


@admin.register(ProviderWord)
class ProviderWordAdmin(ReadOnly):
    """Of no tenant: words to be asked of Aligo, then taught to the product."""

    list_display = ["word", "seen_count", "first_at", "last_at"]
    list_select_related = []
    search_fields = ["word"]
    ordering = ["-last_at"]


@admin.register(Template)
class TemplateAdmin(ReadOnly):
    list_display = ["name", "tenant", "ad", "changed_at"]
    search_fields = ["=id", "name", "tenant__name"]
    ordering = ["-id"]
