"""The sources of a member's timeline that members own; registered in members/apps.py. See members.timeline."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit_words
from accounts.models import AuditEvent, Tenant
from members.enums import CallDirection, NoteKind, PassEntryKind
from members.models import Attendance, Consent, DueEntry, Group, Import, Member, Membership, PassEntry, StageChange
from members.selectors import notes as notes_of
from members.timeline import Before, Event, Whose, fits, older, register
from ui import times
from ui.numbers import comma

_CALL_ICONS = {
    CallDirection.IN: "phone-incoming",
    CallDirection.OUT: "phone-outgoing",
    CallDirection.MISSED: "phone-missed",
}
# Told by a source of their own.
_ELSEWHERE = ("member.viewed", "member.stage_changed")


def notes(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    rows = notes_of.notes(tenant, whose.ids, whose.viewer)
    if not whose.wants("note"):
        rows = rows.filter(kind=NoteKind.CALL)
    elif not whose.wants("call"):
        rows = rows.exclude(kind=NoteKind.CALL)
    for row in older(rows, before, limit):
        call = row.kind == NoteKind.CALL
        icon = _CALL_ICONS.get(row.direction, "phone") if call else "paperclip" if row.upload_id else "notebook-pen"
        title = row.get_direction_display() if call else row.get_kind_display()
        yield Event(
            row.at, row.pk, "call" if call else "note", icon, str(title), body=row.text, by_label=_name(row.by),
            tone="amber" if row.is_pinned else "blue", row=row,
        )  # fmt: skip


def visits(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    rows = Attendance.objects.filter(tenant=tenant, member__in=whose.ids).select_related("used", "by")
    for row in older(rows, before, limit):
        title = _("출석을 취소했어요") if row.undone_at else _("출석")
        said = [row.used.name if row.used else "", str(row.get_way_display())]
        tone = "gray" if row.undone_at else "green"
        yield Event(row.at, row.pk, "visit", "door-open", title, body=_joined(said), by_label=_name(row.by), tone=tone)


def passes(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """What happened with passes; a visit that used one is told by the visit."""
    rows = PassEntry.objects.filter(tenant=tenant, of__member__in=whose.ids).select_related("of", "by")
    rows = rows.exclude(kind__in=[PassEntryKind.USED, PassEntryKind.RETURNED])
    for row in older(rows, before, limit):
        moved = [
            _("%(n)s회") % {"n": f"{row.sessions:+,}"} if row.sessions else "",
            _("%(n)s일") % {"n": f"{row.days:+,}"} if row.days else "",
            _("%(won)s원") % {"won": comma(row.won)} if row.won else "",
            _("%(day)s까지") % {"day": times.kdate(row.until)} if row.until else "",
            _dated(row.on, row.at),
        ]
        yield Event(
            row.at, row.pk, "pass", "ticket", f"{row.of.name} · {row.get_kind_display()}", body=_joined(moved),
            remark=row.note, by_label=_name(row.by), tone="violet",
        )  # fmt: skip


def dues(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    rows = DueEntry.objects.filter(tenant=tenant, due__member__in=whose.ids).select_related("due", "by")
    for row in older(rows, before, limit):
        won, way = _("%(won)s원") % {"won": comma(abs(row.won))}, str(row.get_method_display())
        said = [times.kmonth(row.due.month), won, way, _dated(row.on, row.at)]
        title = f"{row.due.name} · {row.what}"
        tone = "green" if row.kind == "paid" else "amber"
        yield Event(
            row.at, row.pk, "due", "wallet", title, body=_joined(said), remark=row.note, by_label=_name(row.by),
            tone=tone,
        )  # fmt: skip


def consents(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    rows = Consent.objects.filter(tenant=tenant, member__in=whose.ids).select_related("recorded_by")
    for row in older(rows, before, limit):
        said = _("동의") if row.given else _("되돌림") if row.undoes else _("거둠")
        title = f"{row.get_kind_display()} · {said}"
        yield Event(
            row.at, row.pk, "consent", "megaphone" if row.given else "megaphone-off", title, remark=row.source,
            by_label=_name(row.recorded_by), tone="green" if row.given else "gray",
        )  # fmt: skip


def stages(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    rows = StageChange.objects.filter(tenant=tenant, member__in=whose.ids).select_related("by")
    for row in older(rows, before, limit):
        title = _("단계: %(stage)s") % {"stage": row.get_stage_display()}
        yield Event(
            row.at, row.pk, "change", "milestone", title, body=_dated(row.on, row.at), remark=row.source,
            by_label=_name(row.by), tone="violet",
        )  # fmt: skip


def edits(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """What the audit trail says of the member: put in, changed, moved between groups, merged."""
    subjects = [f"member:{pk}" for pk in whose.ids]
    rows = AuditEvent.objects.filter(tenant=tenant, subject__in=subjects, kind__startswith="member.")
    found = list(older(rows.exclude(kind__in=_ELSEWHERE), before, limit))
    asked = {pk for row in found for pk in row.data.get("groups", ()) if isinstance(pk, int)}
    named = dict(Group.objects.filter(tenant=tenant, pk__in=asked).values_list("pk", "name")) if asked else {}
    for row in found:
        yield Event(
            row.at, row.pk, "change", "pencil", audit_words.sentence(row), body=_edited(row, named),
            by_label=row.by_label, tone="gray",
        )  # fmt: skip


def grouped(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """Groups that they were put into along with others, by a list or a file; alone, the audit trail tells of it."""
    rows = Membership.objects.filter(tenant=tenant, member__in=whose.ids, joined_at__isnull=False)
    for row in older(rows.select_related("group"), before, limit, at="joined_at"):
        assert row.joined_at is not None
        yield Event(row.joined_at, row.pk, "change", "users", _("그룹에 넣었어요."), body=row.group.name, tone="gray")


def joined(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """How each came into the roster, where no person put them in by hand: that is in the audit trail."""
    members = Member.objects.filter(tenant=tenant, pk__in=whose.ids)
    shown = [m for m in members if fits(m.created_at, m.pk, before)]
    subjects = [f"member:{m.pk}" for m in shown]
    by_hand = set(
        AuditEvent.objects.filter(tenant=tenant, subject__in=subjects, kind="member.created").values_list(
            "subject", flat=True
        )
    )
    for member in sorted(shown, key=lambda m: (m.created_at, m.pk), reverse=True):
        if f"member:{member.pk}" not in by_hand:
            sheet = _import_of(tenant, member)
            title = _("명단 파일로 들어왔어요") if sheet else _("명단에 들어왔어요")
            name = sheet.upload.name if sheet else ""
            yield Event(member.created_at, member.pk, "change", "user-plus", title, remark=name, tone="green")


def register_all() -> None:
    """Tell the timeline of them."""
    register("notes", notes, kinds={"note", "call"})
    register("visits", visits, kinds={"visit"})
    register("passes", passes, kinds={"pass"})
    register("dues", dues, kinds={"due"})
    register("consents", consents, kinds={"consent"})
    register("stages", stages, kinds={"change"})
    register("edits", edits, kinds={"change"})
    register("grouped", grouped, kinds={"change"})
    register("joined", joined, kinds={"change"})


def _import_of(tenant: Tenant, member: Member) -> Import | None:
    """The import that was writing when the member was made: members come by hand, with an audit row, or by import."""
    rows = Import.objects.filter(tenant=tenant, created_at__lte=member.created_at, created__gt=0)
    ended = rows.filter(finished_at__gte=member.created_at)
    return ended.select_related("upload").order_by("-id").first()


def _edited(row: AuditEvent, groups: dict[int, str]) -> str:
    if "groups" in row.data:
        return ", ".join(groups[pk] for pk in row.data["groups"] if pk in groups)
    told = row.data.get("fields")
    return ", ".join(audit_words.field_words(told)) if isinstance(told, list) else ""


def _dated(on: date, at: datetime) -> str:
    """The day that an entry is of, where it was written on another."""
    return "" if on == times.seoul(at).date() else _("%(day)s자") % {"day": times.kday(on)}


def _name(user: Any) -> str:
    return str(user) if user else ""


def _joined(words: list[str]) -> str:
    return " · ".join(word for word in words if word)
