"""The operators' desk for members: to look, hardly ever to change. Rows of all tenants, so every list names its own."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from members.models import (
    Consent,
    Contact,
    DeadPhone,
    DroppedField,
    Field,
    Group,
    Import,
    Member,
    Note,
    PresetUse,
    Segment,
    SegmentCount,
    StageChange,
)
from members.models.dues import Due, DueEntry, DuePlan
from members.models.edits import BulkEdit, Merge
from members.models.passes import Attendance, Kiosk, Pass, PassEntry, PassType
from ui.phones import mask_phone


class ReadOnly(admin.ModelAdmin):
    """Nothing is added or taken away here; that is the tenants' own business."""

    show_full_result_count = False
    list_per_page = 50
    list_select_related: ClassVar[tuple[str, ...]] = ("tenant",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(ReadOnly):
    list_display = ("id", "name", "masked", "tenant", "created_at", "deleted_at")
    search_fields = ("=id", "=phone")
    ordering = ("-id",)
    fields = ("tenant", "name", "masked", "birth_date", "birthday", "next_birthday", "memo", "fields", "deleted_at")
    readonly_fields = fields

    @admin.display(description="phone")
    def masked(self, member: Member) -> str:
        return mask_phone(member.phone)


@admin.register(Group)
class GroupAdmin(ReadOnly):
    list_display = ("id", "name", "tenant", "member_count")
    search_fields = ("=id", "name")
    ordering = ("-id",)


@admin.register(Field)
class FieldAdmin(ReadOnly):
    list_display = ("id", "name", "key", "kind", "tenant")
    ordering = ("-id",)


@admin.register(DroppedField)
class DroppedFieldAdmin(ReadOnly):
    list_display = ("id", "name", "key", "value_count", "dropped_at", "tenant")
    ordering = ("-id",)


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    list_display = ("id", "member_id", "kind", "given", "source", "at", "tenant")
    search_fields = ("=member__id",)
    ordering = ("-id",)


@admin.register(Import)
class ImportAdmin(ReadOnly):
    list_display = ("id", "tenant", "state", "rows", "created", "updated", "skipped", "error_count", "created_at")
    list_filter = ("state",)
    ordering = ("-id",)
    exclude = ("sample", "errors", "repairs")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).defer("sample", "errors", "repairs")


@admin.register(Segment)
class SegmentAdmin(ReadOnly):
    list_display = ("id", "name", "tenant", "member_count", "counted_at")
    search_fields = ("=id", "name")
    ordering = ("-id",)
    fields = ("tenant", "name", "tone", "rule", "member_count", "counted_at", "created_at")
    readonly_fields = fields


@admin.register(SegmentCount)
class SegmentCountAdmin(ReadOnly):
    list_display = ("id", "segment", "tenant", "on", "count")
    list_select_related: ClassVar[tuple[str, ...]] = ("tenant", "segment")
    search_fields = ("=segment__id",)
    ordering = ("-id",)
    fields = ("tenant", "segment", "on", "count")
    readonly_fields = fields


@admin.register(PassType)
class PassTypeAdmin(ReadOnly):
    list_display = ("id", "name", "kind", "price_won", "retired_at", "tenant")
    ordering = ("-id",)


@admin.register(Pass)
class PassAdmin(ReadOnly):
    list_display = ("id", "member_id", "name", "starts_on", "ends_on", "sessions_left", "closed_as", "tenant")
    search_fields = ("=id", "=member__id")
    ordering = ("-id",)
    raw_id_fields = ("member", "type", "received_from")


@admin.register(PassEntry)
class PassEntryAdmin(ReadOnly):
    list_display = ("id", "of_id", "kind", "sessions", "days", "won", "on", "tenant")
    search_fields = ("=of__id",)
    ordering = ("-id",)


@admin.register(Attendance)
class AttendanceAdmin(ReadOnly):
    list_display = ("id", "member_id", "used_id", "way", "at", "undone_at", "tenant")
    search_fields = ("=member__id",)
    ordering = ("-id",)


@admin.register(Kiosk)
class KioskAdmin(ReadOnly):
    list_display = ("id", "name", "used_at", "revoked_at", "tenant")
    ordering = ("-id",)


@admin.register(DuePlan)
class DuePlanAdmin(ReadOnly):
    list_display = ("id", "name", "group_id", "amount_won", "due_day", "ended_at", "tenant")
    ordering = ("-id",)


@admin.register(Due)
class DueAdmin(ReadOnly):
    list_display = ("id", "member_id", "name", "month", "amount_won", "open_won", "due_on", "tenant")
    search_fields = ("=id", "=member__id")
    ordering = ("-id",)


@admin.register(DueEntry)
class DueEntryAdmin(ReadOnly):
    list_display = ("id", "due_id", "kind", "won", "on", "tenant")
    search_fields = ("=due__id",)
    ordering = ("-id",)


@admin.register(Contact)
class ContactAdmin(ReadOnly):
    list_display = ("id", "member_id", "role", "masked", "gets_notices", "gets_dues", "tenant")
    search_fields = ("=member__id", "=phone")
    ordering = ("-id",)
    fields = ("tenant", "role", "masked", "gets_notices", "gets_dues")
    readonly_fields = fields

    @admin.display(description="phone")
    def masked(self, contact: Contact) -> str:
        return mask_phone(contact.phone)


@admin.register(DeadPhone)
class DeadPhoneAdmin(ReadOnly):
    list_display = ("id", "masked", "failed_count", "last_failed_at", "flagged_at", "tenant")
    search_fields = ("=phone",)
    ordering = ("-id",)
    fields = ("tenant", "masked", "failed_count", "last_failed_at", "flagged_at")
    readonly_fields = fields

    @admin.display(description="phone")
    def masked(self, row: DeadPhone) -> str:
        return mask_phone(row.phone)


@admin.register(StageChange)
class StageChangeAdmin(ReadOnly):
    list_display = ("id", "member_id", "stage", "on", "source", "tenant")
    search_fields = ("=member__id",)
    ordering = ("-id",)


@admin.register(Note)
class NoteAdmin(ReadOnly):
    """That there is a note, never what it says: much of it is private."""

    list_display = ("id", "member_id", "kind", "is_pinned", "is_private", "at", "deleted_at", "tenant")
    search_fields = ("=member__id",)
    ordering = ("-id",)
    fields = ("tenant", "member_id", "kind", "direction", "is_pinned", "is_private", "at", "changed_at", "deleted_at")
    readonly_fields = fields


@admin.register(PresetUse)
class PresetUseAdmin(ReadOnly):
    list_display = ("id", "preset", "tenant", "taken_at", "removed_at")
    ordering = ("-id",)


@admin.register(BulkEdit)
class BulkEditAdmin(ReadOnly):
    list_display = ("id", "tenant", "state", "count", "changed", "created_at", "undone_at")
    exclude = ("change", "left")
    ordering = ("-id",)


@admin.register(Merge)
class MergeAdmin(ReadOnly):
    list_display = ("id", "tenant", "kept_id", "gone_id", "created_at", "undone_at")
    exclude = ("before", "moved")
    ordering = ("-id",)
