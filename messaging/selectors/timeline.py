"""What messaging tells a member's timeline: texts that went to them, and what their phone has refused."""

from collections.abc import Iterator

from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Tenant
from accounts.scoping import tenant_url
from members.timeline import Before, Event, Whose, fits, older, register
from messaging.enums import AccountMode, BatchState, MessageState, OptOutScope
from messaging.models import OptOut
from messaging.selectors.messages import of_member
from ui import facing

_STATES = {**dict(BatchState.choices), **dict(MessageState.choices)}
_TONES = {MessageState.DELIVERED.value: "green", MessageState.FAILED.value: "red", BatchState.REJECTED.value: "red"}


def texts(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """Those of the member's history, and of those merged into the member."""
    rows = of_member(tenant, whose.ids, whose.member.phone)
    rows = rows.annotate(left_at=Coalesce("batch__accepted_at", "dispatch__created_at"))
    for row in older(rows, before, limit, at="left_at"):
        state = str(row.effective_state)
        word = _STATES.get(state, state)
        said = {"state": f"{word} · {_('연습')}" if row.mode == AccountMode.SANDBOX else word, "name": row.name}
        is_mine = row.member_id in whose.ids or row.phone != whose.member.phone  # to a guardian, who has other children
        others = bool(row.name) and not is_mine and not facing.on.get()
        title = _("문자 · %(state)s · 같은 번호 %(name)s 님") if others else _("문자 · %(state)s")
        url = tenant_url(tenant, "messaging:dispatch-detail", row.dispatch_id)
        yield Event(
            row.left_at, row.pk, "text", "message-square", title % said, url=url, remark=row.full_text,
            tone=_TONES.get(state, "blue"),
        )  # fmt: skip


def refusals(tenant: Tenant, whose: Whose, before: Before | None, limit: int) -> Iterator[Event]:
    """What the phone refuses now: at most one of all texts and one of ads."""
    if not whose.member.phone:
        return
    rows = OptOut.objects.filter(tenant=tenant, phone=whose.member.phone).select_related("by")
    shown = [row for row in rows if fits(row.at, row.pk, before)]
    for row in sorted(shown, key=lambda one: (one.at, one.pk), reverse=True)[:limit]:
        title = _("모든 문자 수신거부") if row.scope == OptOutScope.ALL else _("광고 문자 수신거부")
        yield Event(
            row.at, row.pk, "consent", "bell-off", title, remark=row.source, by_label=str(row.by or ""), tone="red"
        )


def register_all() -> None:
    """Tell the timeline of them."""
    register("texts", texts, kinds={"text"})
    register("refusals", refusals, kinds={"consent"})
