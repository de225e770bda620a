"""The stream of a member: every source in one order, page by page, quick whatever its length."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Staff, Tenant
from members import timeline
from members.models import Attendance, Due, DueEntry, Import, Note, Pass, PassEntry, StageChange
from members.services import bulk_edits, consents, dues, groups, members, notes
from members.services.import_run import apply_import, read_import
from members.services.imports import start_import
from members.timeline import Before, Event
from messaging.models import Batch, Dispatch, Message
from tests import factories
from ui import times

OLDEST_CURSOR = timeline._cursor(datetime(1, 1, 1, tzinfo=times.SEOUL), "notes", 1)


@pytest.fixture
def member(in_tenant: Tenant) -> Any:
    return factories.make_member(in_tenant, "김하늘")


def fill(tenant: Tenant, staff: Staff, member: Any, n: int = 1) -> None:
    """One of every happening, `n` times over."""
    now, today = times.now(), times.today()
    who: dict[str, Any] = {"tenant": tenant, "member": member}
    for i in range(n):
        at = now - timedelta(hours=i)
        Note.objects.create(**who, text=f"메모 {i}", by=staff.user, at=at)
        Note.objects.create(**who, kind="call", direction="in", text=f"통화 {i}", by=staff.user, at=at)
        Attendance.objects.create(**who, on=today, at=at, way="staff", key=f"{member.pk}.{i}", by=staff.user)
        held = Pass.objects.create(**who, name="10회권", kind="count", starts_on=today, sessions=10, sessions_left=10)
        PassEntry.objects.create(
            tenant=tenant, of=held, kind="opened", sessions=10, won=150_000, on=today, reference=f"{held.pk}"
        )
        due = Due.objects.create(
            **who, name="수강료", month=today.replace(day=1), amount_won=1, open_won=1, due_on=today
        )
        DueEntry.objects.create(tenant=tenant, due=due, kind="charged", won=50_000, on=today, reference=f"{due.pk}")
        StageChange.objects.create(**who, stage="trial", on=today, source="블로그")
        consents.record(**who, by=staff.user, kind="ad", given=i % 2 == 0, source="가입서")
        members.update(tenant=tenant, by=staff.user, member=member, memo=f"짧은 메모 {i}")


def titles(stream: timeline.Stream) -> list[str]:
    return [f"{e.kind}: {e.title} {e.body}{e.remark}" for e in stream.events]


def test_events_hold_every_kind_newest_first(member: Any, tenant: Tenant, owner: Staff) -> None:
    fill(tenant, owner, member)

    found = timeline.events(tenant, member, owner.user)

    ats = [e.at for e in found.events]
    assert ats == sorted(ats, reverse=True)
    assert {e.kind for e in found.events} == {"note", "call", "visit", "pass", "due", "consent", "change"}
    said = "\n".join(titles(found))
    for words in ("10회권 · 시작 +10회 · 150,000원", "수강료 · 청구", "단계: 체험 블로그", "광고 문자 · 동의 가입서"):
        assert words in said
    assert "change: 회원 정보를 고쳤어요. 메모" in said and "change: 명단에 들어왔어요" in said


def test_payment_says_how_and_of_which_day_where_it_was_written_later(
    member: Any, tenant: Tenant, owner: Staff
) -> None:
    today = times.today()
    more: dict[str, Any] = {"tenant": tenant, "by": owner.user}
    due = dues.add(**more, member=member, name="수강료", amount_won=50_000, reference="a")
    dues.pay(**more, due=due, won=20_000, method="cash", reference="b")
    dues.pay(**more, due=due, won=29_000, method="transfer", reference="c", on=today - timedelta(days=3))
    dues.waive(**more, due=due, won=1_000, reference="d", note="형제")
    dues.unwaive(**more, due=due, won=1_000, reference="e")

    lines = [line for line in titles(timeline.events(tenant, member, owner.user)) if "받음" in line or "감면" in line]

    month = times.kmonth(due.month)
    assert lines == [
        f"due: 수강료 · 감면 되돌림 {month} · 1,000원",
        f"due: 수강료 · 감면 {month} · 1,000원형제",
        f"due: 수강료 · 받음 {month} · 29,000원 · 계좌이체 · {times.kday(today - timedelta(days=3))}자",
        f"due: 수강료 · 받음 {month} · 20,000원 · 현금",
    ]


def test_pages_hold_each_event_once_even_of_one_moment(member: Any, tenant: Tenant, owner: Staff) -> None:
    fill(tenant, owner, member, 4)
    Note.objects.update(at=times.now())
    Attendance.objects.update(at=Note.objects.first().at)  # type: ignore[union-attr]
    whole = timeline.events(tenant, member, owner.user, limit=500)
    assert not whole.following

    for size in (1, 3, 7):
        seen: list[Event] = []
        cursor = ""
        while True:
            page = timeline.events(tenant, member, owner.user, before=cursor, limit=size)
            seen += page.events
            cursor = page.following
            if not cursor:
                break
        assert [(e.kind, e.id) for e in seen] == [(e.kind, e.id) for e in whole.events]


def test_kinds_ask_only_their_sources(member: Any, tenant: Tenant, owner: Staff) -> None:
    fill(tenant, owner, member, 2)

    calls = timeline.events(tenant, member, owner.user, kinds={"call"})
    none = timeline.events(tenant, member, owner.user, kinds={"nonsense"})

    assert {e.kind for e in calls.events} == {"call"} and len(calls.events) == 2
    assert len(none.events) == len(timeline.events(tenant, member, owner.user).events)


def test_imported_member_names_the_file(tenant: Tenant, in_tenant: Tenant, owner: Staff) -> None:
    from accounts.models import Upload

    upload = Upload.objects.create(tenant=tenant, path="a", name="11월 명단.xlsx", kind="xlsx", size=1, sha256="0")
    started = times.now()
    member = factories.make_member(tenant)
    Import.objects.create(tenant=tenant, upload=upload, created=1, finished_at=times.now() + timedelta(seconds=1))
    Import.objects.update(created_at=started)

    assert any(
        "명단 파일로 들어왔어요 11월 명단.xlsx" in t for t in titles(timeline.events(tenant, member, owner.user))
    )


def test_groups_joined_and_left_along_with_others_are_told(member: Any, tenant: Tenant, owner: Staff) -> None:
    group, other = factories.make_group(tenant, "오전반"), factories.make_group(tenant, "행사")
    who: dict[str, Any] = {"tenant": tenant, "by": owner.user, "members": type(member).objects.filter(pk=member.pk)}
    bulk_edits.edit(**who, change={"groups_add": [group.pk]})
    groups.add_members(**who, group=other)
    groups.remove_members(**who, group=other)
    sheet = ContentFile("이름,휴대폰,그룹\n박지우,01099990000,저녁반\n".encode(), name="명단.csv")
    row = start_import(tenant=tenant, by=owner.user, file=sheet, apply=True)
    read_import(tenant=tenant, pk=row.pk)
    apply_import(tenant=tenant, pk=row.pk)
    new = type(member).objects.get(name="박지우")

    told = titles(timeline.events(tenant, member, owner.user, kinds={"change"}))
    assert [t for t in told if "오전반" in t] == ["change: 그룹에 넣었어요. 오전반"]
    assert [t for t in told if "행사" in t] == ["change: 회원을 그룹에서 뺐어요. 행사"]
    assert "change: 그룹에 넣었어요. 저녁반" in titles(timeline.events(tenant, new, owner.user))
    members.update(tenant=tenant, by=owner.user, member=member, groups=["오전반", "행사"])  # alone: by the audit trail
    told = titles(timeline.events(tenant, member, owner.user, kinds={"change"}))
    assert sum("오전반" in t for t in told) == 2 and sum("행사" in t for t in told) == 2


def test_merged_member_brings_its_own_events(member: Any, tenant: Tenant, owner: Staff) -> None:
    other = factories.make_member(tenant, "김하늘2")
    notes.add(tenant=tenant, by=owner.user, member=other, text="옛 메모")
    both = timeline.events(tenant, member, owner.user, ids=[member.pk, other.pk], kinds={"note"})

    assert [e.body for e in both.events] == ["옛 메모"]


def test_neighbours_events_are_never_among_them(member: Any, tenant: Tenant, owner: Staff, neighbour: Tenant) -> None:
    fill(tenant, owner, member)

    assert timeline.events(neighbour, member, None).events == []


def test_long_stream_costs_no_more_queries(member: Any, tenant: Tenant, owner: Staff, as_owner: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            path = f"/t/hanbit/members/{member.pk}/timeline/"
            assert as_owner.get(path, headers={"HX-Request": "true"}).status_code == 200
        return len(seen)

    fill(tenant, owner, member)
    cost()
    few = cost()
    fill_more = [Note(tenant=tenant, member=member, text="x", by=owner.user, at=times.now()) for _ in range(200)]
    Note.objects.bulk_create(fill_more)

    assert cost() == few


def test_api_pages_the_stream_and_refuses_a_strange_cursor(member: Any, tenant: Tenant, owner: Staff, api: Any) -> None:
    fill(tenant, owner, member, 2)
    path = f"/api/v1/members/{member.pk}/timeline"

    first = api.get(f"{path}?page_size=5").json()
    second = api.get(first["next"]).json()

    assert len(first["results"]) == 5 and first["count_is_minimum"] is True
    assert first["results"][-1]["at"] >= second["results"][0]["at"]
    assert api.get(f"{path}?cursor=x").status_code == 422
    assert api.get(f"{path}?kind=x").status_code == 422
    assert [e["kind"] for e in api.get(f"{path}?kind=due").json()["results"]] == ["due", "due"]


def test_texts_are_told_to_keys_that_may_read_them(member: Any, tenant: Tenant) -> None:
    dispatch = Dispatch.objects.create(tenant=tenant, text="비밀번호 1234", sender="0237890123", state="finished")
    batch = Batch.objects.create(
        tenant=tenant, dispatch=dispatch, number=1, type="SMS", sender="0237890123", size=1, state="done",
        receivers_hash="0",
    )  # fmt: skip
    Message.objects.create(
        tenant=tenant, dispatch=dispatch, batch=batch, phone="01012345678", member_id=member.pk, text="비밀번호 1234",
        state="delivered",
    )  # fmt: skip
    path, seen = f"/api/v1/members/{member.pk}/timeline", []
    for scopes in (["members.read"], ["members.read", "messages.read"]):
        client = Client(headers={"Authorization": f"Bearer {factories.make_key(tenant, *scopes)[1]}"})
        all_, texts = client.get(path), client.get(f"{path}?kind=text")
        seen.append(("1234" in all_.content.decode(), all_.json()["count"], texts.status_code))

    assert seen == [(False, 1, 403), (True, 2, 200)]


def test_api_writes_notes_and_calls(member: Any, api: Any) -> None:
    path = f"/api/v1/members/{member.pk}/notes"

    made = api.post(path, {"text": "연동 메모", "pinned": True}, content_type="application/json")
    call = api.post(path, {"kind": "call", "direction": "out"}, content_type="application/json")
    bad = api.post(path, {"kind": "call"}, content_type="application/json")

    assert made.status_code == 201 and made.json()["pinned"] is True
    assert call.status_code == 201 and bad.status_code == 422
    assert [n["kind"] for n in api.get(path).json()["results"]] == ["call", "note"]


@pytest.mark.parametrize("word", ["", "x", "e30", "bnVsbA", "WzEsMiwzXQ", "가", "W10" * 50, OLDEST_CURSOR])
def test_read_cursor_takes_nonsense_for_none(word: str) -> None:
    assert timeline.read_cursor(word) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30), st.integers(1, 6))
def test_any_mixture_is_paged_whole(rows: list[tuple[str, int]], size: int) -> None:
    """Whatever the sources hold and however their times coincide, the pages together are the whole, in one order."""
    start = times.now()
    held = {
        name: [(start + timedelta(days=day), n) for n, (at, day) in enumerate(rows) if at == name] for name in "abc"
    }

    def source(name: str) -> Any:
        def ask(_tenant: Any, _whose: Any, before: Before | None, limit: int) -> list[Event]:
            mine = sorted((r for r in held[name] if timeline.fits(*r, before)), reverse=True)[:limit]
            return [Event(at, pk, "note", "x", name) for at, pk in mine]

        return ask

    kept = dict(timeline._sources)
    timeline._sources.clear()
    try:
        for name in "abc":
            timeline.register(name, source(name), kinds={"note"})
        seen: list[tuple[Any, str, int]] = []
        cursor = ""
        while True:
            page = timeline.events(None, factories.Member(pk=1), None, before=cursor, limit=size)  # type: ignore[arg-type]
            seen += [(e.at, e.title, e.id) for e in page.events]
            cursor = page.following
            if not cursor:
                break
    finally:
        timeline._sources.clear()
        timeline._sources.update(kept)
    every = [(at, name, pk) for name, of in held.items() for at, pk in of]
    assert seen == sorted(every, reverse=True)
