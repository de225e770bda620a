"""What the first page of a tenant shows: steps that tick themselves, figures of today, the last dispatches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Staff, Tenant
from accounts.permissions import Permission, permissions_of
from accounts.scoping import tenant_url
from members.models import Group, Member
from messaging.enums import AccountMode, DispatchState
from messaging.models import AligoAccount, Batch, Dispatch, Sender
from ui import charts, times

DAYS = 14
LOOK_BACK = timedelta(days=60)  # a dispatch is written at most so long before its batches leave
COUNTED = 10_000


@dataclass(frozen=True)
class Step:
    key: str
    title: str
    text: str
    action: str
    url: str  # "" where this person's role may not do it
    done: bool


# key, title, what it is good for, the button, where it is done, the right it takes
_STEPS = [
    (
        "email",
        gettext_noop("이메일 주소 확인하기"),
        gettext_noop("직원을 초대하거나 명단을 내려받을 때 필요해요. 메일의 버튼을 눌러 주세요."),
        gettext_noop("확인 메일 보기"),
        "account_email",
        None,
    ),
    (
        "aligo",
        gettext_noop("알리고 연결하기"),
        gettext_noop("연결하기 전까지는 연습 모드예요. 진짜 문자는 나가지 않아요."),
        gettext_noop("알리고 연결하기"),
        "messaging:aligo",
        Permission.SETTINGS_EDIT,
    ),
    (
        "sender",
        gettext_noop("발신번호 등록하기"),
        gettext_noop("알리고에 등록해 둔 우리 업체 번호를 적어 주세요."),
        gettext_noop("발신번호 등록하기"),
        "messaging:sender-list",
        Permission.SETTINGS_EDIT,
    ),
    (
        "roster",
        gettext_noop("회원 명단 올리기"),
        gettext_noop("쓰던 엑셀 파일을 그대로 올리면 알아서 읽어요."),
        gettext_noop("명단 올리기"),
        "members:import-add",
        Permission.MEMBER_EDIT,
    ),
    (
        "group",
        gettext_noop("그룹 만들기"),
        gettext_noop("오전반, VIP처럼 함께 보낼 사람을 묶어 두세요."),
        gettext_noop("그룹 만들기"),
        "members:group-list",
        Permission.MEMBER_EDIT,
    ),
    (
        "test",
        gettext_noop("나에게 먼저 보내 보기"),
        gettext_noop("문자를 쓰고 내 번호로 시험 발송을 해 보세요."),
        gettext_noop("문자 쓰기"),
        "messaging:compose",
        Permission.MESSAGE_SEND,
    ),
    (
        "send",
        gettext_noop("첫 문자 보내기"),
        gettext_noop("그룹에 보내고 한 사람씩 결과를 확인해 보세요."),
        gettext_noop("문자 보내기"),
        "messaging:compose",
        Permission.MESSAGE_SEND,
    ),
]


def first_steps(staff: Staff, account: AligoAccount | None, url: Callable[[str], str]) -> list[Step]:
    """Seven steps, each ticked by what is really there; `url` gives a page's address or ''."""
    tenant, rights = staff.tenant, permissions_of(staff)
    sent = Dispatch.objects.filter(tenant=tenant).order_by()
    done = {
        "email": staff.user.is_verified,
        "aligo": account is not None and account.is_live,
        "sender": Sender.objects.filter(tenant=tenant, deleted_at=None).exists(),
        "roster": Member.objects.filter(tenant=tenant, deleted_at=None).exists(),
        "group": Group.objects.filter(tenant=tenant).exists(),
        "test": sent.filter(is_test=True).exists(),
        "send": sent.filter(is_test=False).exclude(first_sent_at=None).exists(),
    }
    return [
        Step(key, _(title), _(text), _(action), url(name) if right is None or right in rights else "", done[key])
        for key, title, text, action, name, right in _STEPS
    ]


def recent(tenant: Tenant, count: int = 5) -> list[dict[str, Any]]:
    """The last dispatches with their counts: two queries however many."""
    rows = list(Dispatch.objects.filter(tenant=tenant).order_by("-id")[:count])
    sums = (
        Batch.objects.filter(tenant=tenant, dispatch__in=rows)
        .order_by()
        .values("dispatch_id")
        .annotate(
            delivered=Sum("delivered_count"),
            failed=Sum("failed_count") + Sum("rejected_count") + Sum("expired_count"),
            settled=Sum("delivered_count")
            + Sum("failed_count")
            + Sum("rejected_count")
            + Sum("expired_count")
            + Sum("no_result_count")
            + Sum("cancelled_count"),
        )
    )
    by_dispatch = {row["dispatch_id"]: row for row in sums}
    return [_line(tenant, dispatch, by_dispatch.get(dispatch.pk, {})) for dispatch in rows]  # type: ignore[arg-type]


def _can_be_undone(dispatch: Dispatch) -> bool:
    """Sent to many a moment ago: a schedule to the machine, but to nobody who looks for what is planned."""
    return dispatch.state == DispatchState.SCHEDULED and dispatch.undo_until is not None


def _line(tenant: Tenant, dispatch: Dispatch, counts: dict[str, int]) -> dict[str, Any]:
    settled, total = counts.get("settled", 0), dispatch.total or 0
    return {
        "dispatch": dispatch,
        "state_label": _("곧 보내요") if _can_be_undone(dispatch) else dispatch.get_state_display(),
        "title": _title(dispatch),
        "url": tenant_url(tenant, "messaging:dispatch-detail", dispatch.pk),
        "delivered": counts.get("delivered", 0),
        "failed": counts.get("failed", 0),
        "settled": settled,
        "percent": settled * 100 // total if total else 0,
        "live": dispatch.state in {DispatchState.PREPARING, DispatchState.SENDING},
        "when": dispatch.send_at or dispatch.created_at,
    }


def sending_by_day(tenant: Tenant, mode: str = AccountMode.SANDBOX) -> list[dict[str, Any]]:
    """The last fourteen days in Seoul, oldest first: {"day", "delivered", "failed", "waiting"}.

    Of dispatches of that mode alone: what was sent to practise is no figure of the shop's.
    """
    first = times.today() - timedelta(days=DAYS - 1)
    start = times.day_start(first)
    rows = (
        # By way of the tenant's own dispatches: batches have no index by time, and other tenants' are not read.
        Batch.objects.filter(
            tenant=tenant,
            dispatch__tenant=tenant,
            dispatch__mode=mode,
            dispatch__created_at__gte=start - LOOK_BACK,
            accepted_at__gte=start,
        )
        .order_by()
        .annotate(day=TruncDate("accepted_at", tzinfo=times.SEOUL))
        .values("day")
        .annotate(
            delivered=Sum("delivered_count"),
            failed=Sum("failed_count") + Sum("rejected_count") + Sum("no_result_count"),
            size=Sum("size"),
        )
    )
    by_day = {row["day"]: row for row in rows}
    days = []
    for n in range(DAYS):
        row = by_day.get(first + timedelta(days=n), {"delivered": 0, "failed": 0, "size": 0})
        waiting = max(row["size"] - row["delivered"] - row["failed"], 0)
        days.append(
            {"day": first + timedelta(days=n), **{k: row[k] for k in ("delivered", "failed")}, "waiting": waiting}
        )
    return days


def chart(days: list[dict[str, Any]]) -> dict[str, Any]:
    """The days as stacked columns and their legend."""
    labels = [charts.Label(f"{d['day'].month}/{d['day'].day}", times.kdate(d["day"])) for d in days]
    series = [
        charts.Series(_("완료"), "blue", [d["delivered"] for d in days]),
        charts.Series(_("확인 중"), "soft", [d["waiting"] for d in days]),
        charts.Series(_("실패"), "red", [d["failed"] for d in days]),
    ]
    title = _("최근 14일 하루마다 보낸 문자")
    return {"svg": charts.bars(labels, series, title=title), "legend": [(s.name, s.tone) for s in series]}


def member_count(tenant: Tenant) -> tuple[int, bool]:
    """Living members, counted to 10,000 and no further; True where there are more."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None).order_by()
    count = rows[: COUNTED + 1].count()
    return min(count, COUNTED), count > COUNTED


def scheduled(tenant: Tenant, count: int = 4) -> list[dict[str, Any]]:
    """The dispatches that leave next."""
    rows = Dispatch.objects.filter(
        tenant=tenant, state=DispatchState.SCHEDULED, send_at__gt=times.now(), undo_until=None
    )
    return [_plan(tenant, dispatch) for dispatch in rows.order_by("send_at", "id")[:count]]


def _plan(tenant: Tenant, dispatch: Dispatch) -> dict[str, Any]:
    at = times.seoul(dispatch.send_at)  # type: ignore[arg-type]
    return {
        "title": _title(dispatch),
        "url": tenant_url(tenant, "messaging:dispatch-detail", dispatch.pk),
        "at": at,
        "month": times.kmonth(at),
        "day": at.day,
        "is_today": at.date() == times.today(),
    }


def _title(dispatch: Dispatch) -> str:
    return dispatch.name or " ".join(dispatch.text.split())[:40]
