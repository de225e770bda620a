"""손님 앞 화면: what a customer who looks on must not see is not in the page at all."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Staff, Tenant, Upload
from accounts.scoping import tenant_url
from members.models import BulkEdit, Consent, Import, Member, Merge, Pass, StageChange
from members.services import notes
from messaging.models import AligoAccount, Batch, Dispatch, Message, OptOut
from tests import factories
from tests.conftest import sign_in
from tests.house.urls import tenant_pages
from ui import facing, phones, times

MEMO, NOTE, CALL, OWN, PHONE = "진상메모", "예민한쪽지", "통화내용", "사물함비밀", "01098765678"
# Of others, or of how the shop came to know somebody; the stream must say none of it.
SAID = ["동의출처비밀", "단계출처비밀", "거부출처비밀", "명단비밀.xlsx", "양도한사람", "양도받은사람", "번호같은사람"]
SECRETS = [MEMO, NOTE, CALL, OWN, PHONE, "010-9876-5678", "9876-5678", "010-98••-5678", *SAID]


@pytest.fixture
def shop(tenant: Tenant, owner: Staff) -> Any:
    """A member with all that is nobody else's business, a text to them, and a client that faces a customer."""
    with scope(tenant=tenant):
        AligoAccount.objects.create(tenant=tenant, user_id="sandbox-1", mode="sandbox", api_key="k" * 32)
        group = factories.make_group(tenant, "초등부")
        member = factories.make_member(
            tenant, "김하늘", PHONE, group, memo=MEMO, fields={"사물함": OWN}, unpaid_won=30_000
        )
        who: dict[str, Any] = {"tenant": tenant, "by": owner.user, "member": member}
        notes.add(**who, text=NOTE, is_pinned=True)
        notes.log_call(**who, direction="in", text=CALL)
        Consent.objects.create(tenant=tenant, member=member, kind="ad", given=True, source=SAID[0], at=times.now())
        _say_more(tenant, owner, member)
        dispatch = Dispatch.objects.create(
            tenant=tenant, text="안녕하세요", sender="0237890123", state="finished", total=1, by=owner.user
        )
        batch = Batch.objects.create(
            tenant=tenant, dispatch=dispatch, number=1, type="SMS", sender="0237890123", size=1, state="done",
            receivers_hash="0", delivered_count=1,
        )  # fmt: skip
        Message.objects.create(
            tenant=tenant, dispatch=dispatch, batch=batch, phone=PHONE, name="김하늘", member_id=member.pk,
            text=f"{OWN} 안내", state="delivered",
        )  # fmt: skip
    client = sign_in(owner)
    return client, member, dispatch


def _say_more(tenant: Tenant, owner: Staff, member: Any) -> None:
    """What SAID hides. The others are in the trash: a roster may show its names."""
    StageChange.objects.create(tenant=tenant, member=member, stage="active", on=times.today(), source=SAID[1])
    OptOut.objects.create(tenant=tenant, phone=PHONE, scope="ads", source=SAID[2], at=times.now())
    sheet = Upload.objects.create(tenant=tenant, path="s", name=SAID[3], kind="xlsx", size=1, sha256="0")
    start, end = member.created_at - timedelta(hours=1), times.now() + timedelta(hours=1)
    row = Import.objects.create(tenant=tenant, upload=sheet, state="finished", by=owner.user, created=1)
    Import.objects.filter(pk=row.pk).update(created_at=start, finished_at=end)
    giver, taker = (factories.make_member(tenant, name) for name in SAID[4:6])
    given, got, onward = (factories.make_pass(tenant, one) for one in (giver, member, taker))
    Pass.objects.filter(pk=got.pk).update(received_from=given)
    Pass.objects.filter(pk=onward.pk).update(received_from=got)
    Member.objects.filter(pk__in=[giver.pk, taker.pk]).update(deleted_at=times.now())
    older = Dispatch.objects.create(tenant=tenant, text="안녕", sender="0237890123", state="finished", total=1)
    batch = Batch.objects.create(
        tenant=tenant, dispatch=older, number=1, type="SMS", sender="0237890123", size=1, state="done",
        receivers_hash="1",
    )  # fmt: skip
    Message.objects.create(
        tenant=tenant, dispatch=older, batch=batch, phone=PHONE, name=SAID[6], text="안녕", state="delivered"
    )


def face(client: Client, on: str = "1") -> None:
    assert client.post("/facing/", {"on": on, "next": "/t/hanbit/"}).status_code == 302


def test_switch_stays_on_the_device_for_a_year_and_one_tap_ends_it(shop: Any) -> None:
    client, member, _dispatch = shop
    card = f"/t/hanbit/members/{member.pk}/"
    assert MEMO in client.get(card).content.decode()

    face(client)
    assert client.cookies[facing.COOKIE]["max-age"] == 365 * 86400
    shown = client.get(card).content.decode()
    assert MEMO not in shown and "손님 앞 화면이에요" in shown and "010-****-5678" in shown

    face(client, "0")
    assert MEMO in client.get(card).content.decode()


def test_no_page_shows_a_memo_or_a_number_before_a_customer(shop: Any) -> None:
    client, member, dispatch = shop
    face(client)
    opened, found = set(), []
    for address in tenant_pages():
        pk = dispatch.pk if address.full_name.startswith("messaging:dispatch") else member.pk
        path = address.path(tenant="hanbit", pk=pk)
        asked = [(path, {}), (path, {"HX-Request": "true"})]
        if not address.kwargs.keys() & {"pk", "token"}:
            asked += [
                (f"{path}?search=김하늘", {}),
                (f"{path}?member={member.pk}", {}),
                (f"{path}?copy={dispatch.pk}", {}),
            ]
        for url, headers in asked:
            response = client.get(url, headers=headers)
            if response.status_code == 200 and not response.streaming:
                opened.add(address.full_name)
                body = response.content.decode()
                found += [(url, secret) for secret in SECRETS if secret in body]

    assert found == []
    assert {"members:member-list", "members:member-detail", "messaging:compose", "messaging:dispatch-detail"} <= opened


@pytest.mark.parametrize("name", ["compose-quote", "compose-confirm", "compose-preview", "people-search"])
def test_recipients_are_hidden_while_a_text_is_written(name: str, shop: Any) -> None:
    client, member, _dispatch = shop
    face(client)
    path = tenant_url(member.tenant, f"messaging:{name}")
    body = client.post(path, {"members": [member.pk], "text": "안녕 #{사물함}", "q": "김하늘"}).content.decode()

    assert [secret for secret in SECRETS if secret in body] == []


def test_pages_for_editing_ask_to_leave_the_mode_first(shop: Any) -> None:
    client, member, _dispatch = shop
    face(client)

    response = client.get(f"/t/hanbit/members/{member.pk}/edit/")

    assert response.status_code == 403
    assert "손님 앞 화면이 켜져 있어요" in response.content.decode()
    assert f'value="/t/hanbit/members/{member.pk}/edit/"' in response.content.decode()


def test_no_deed_on_several_is_looked_at_or_done_before_a_customer(shop: Any) -> None:
    client, member, _dispatch = shop
    twin = factories.make_member(member.tenant, member.name, PHONE, memo=MEMO)
    face(client)
    base, asked = "/t/hanbit/members", {"id": [member.pk, twin.pk], "scope": "page", "source": "소개"}

    answers = [
        client.get(f"{base}/{member.pk}/merge/{twin.pk}/"),
        client.post(f"{base}/{member.pk}/merge/{twin.pk}/"),
        client.get(f"{base}/likely/", headers={"HX-Request": "true"}),
        client.get(f"{base}/edits/"),
        client.post(f"{base}/edit/", asked | {"step": "preview"}),
        client.post(f"{base}/edit/", asked | {"step": "apply"}),
        client.post(f"{base}/duplicates/", {"phone": PHONE, "name": member.name}),
    ]

    assert [(one.status_code, [s for s in SECRETS if s in one.content.decode()]) for one in answers] == [(403, [])] * 7
    with scope(tenant=member.tenant):
        assert not (Merge.objects.exists() or BulkEdit.objects.exists())


def test_htmx_is_told_what_stands_in_the_way(shop: Any) -> None:
    client, member, _dispatch = shop
    face(client)

    response = client.get(f"/t/hanbit/members/{member.pk}/edit/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Reswap"]) == (403, "none")
    assert json.loads(response["HX-Trigger"])["refused"]["text"].startswith("손님 앞 화면이 켜져 있어요")


def test_before_staff_the_stream_says_it_all(shop: Any) -> None:
    client, member, _dispatch = shop
    base = f"/t/hanbit/members/{member.pk}"
    told = client.get(f"{base}/").content.decode()
    told += client.get(f"{base}/timeline/", headers={"HX-Request": "true"}).content.decode()

    assert [secret for secret in SAID if secret not in told] == []


def test_no_browser_keeps_a_tenants_page_to_go_back_to(shop: Any) -> None:
    client, member, _dispatch = shop

    for path in ("members/", f"members/{member.pk}/", "messages/"):
        assert client.get(f"/t/hanbit/{path}")["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/")


def test_strangers_learn_nothing_from_the_mode(shop: Any, neighbour: Tenant) -> None:
    client, _member, _dispatch = shop
    face(client)

    assert client.get("/t/neighbour/members/").status_code == 404


def test_programs_and_jobs_never_face_anybody(shop: Any, api: Client) -> None:
    _client, member, _dispatch = shop
    api.cookies[facing.COOKIE] = "1"

    assert api.get(f"/api/v1/members/{member.pk}").json()["phone"].endswith("5678")
    assert phones.mask_phone(PHONE) == "010-98••-5678"


@pytest.mark.parametrize(
    ("number", "hidden"),
    [
        ("01012345678", "010-****-5678"),
        ("0212345678", "02-****-5678"),
        ("15880000", "****-0000"),
        ("", ""),
        ("12345", "*2345"),
    ],
)
def test_hide_phone(number: str, hidden: str) -> None:
    assert phones.hide_phone(number) == hidden
