"""A tenant's first page: steps that tick themselves, figures, help; and the neighbour's wall."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django_scopes import scope

from accounts.enums import Role
from accounts.models import Staff, Tenant
from accounts.services import staff
from home import selectors
from messaging.enums import BatchState, DispatchState, MessageState
from messaging.models import Batch, Dispatch, Message
from messaging.services import optouts
from tests import factories
from tests.conftest import sign_in
from ui import times

pytestmark = pytest.mark.django_db
PATH = "/t/hanbit/"


def make_dispatch(tenant, **fields):
    now = times.now()
    given = {"text": "안녕하세요.", "sender": "0237890123", "state": DispatchState.FINISHED, "total": 3}
    dispatch = Dispatch.objects.create(tenant=tenant, **(given | {"first_sent_at": now} | fields))
    Batch.objects.create(
        tenant=tenant,
        dispatch=dispatch,
        number=1,
        type="SMS",
        sender="0237890123",
        text="안녕하세요.",
        size=3,
        state=BatchState.DONE,
        receivers_hash="x",
        accepted_at=now,
        delivered_count=2,
        failed_count=1,
    )
    return dispatch


def done(staff) -> list[str]:
    from messaging.models import AligoAccount

    account = AligoAccount.objects.filter(tenant=staff.tenant).first()
    return [step.key for step in selectors.first_steps(staff, account, lambda name: "#") if step.done]


def test_steps_tick_themselves(in_tenant, owner):
    assert done(owner) == []
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    factories.make_account(in_tenant)
    factories.make_sender(in_tenant)
    factories.make_member(in_tenant, "김민준", "", factories.make_group(in_tenant))
    assert done(owner) == ["email", "aligo", "sender", "roster", "group"]
    make_dispatch(in_tenant, is_test=True)
    make_dispatch(in_tenant)
    assert done(owner) == ["email", "aligo", "sender", "roster", "group", "test", "send"]


def test_every_step_says_where_it_is_done(in_tenant, owner):
    response = sign_in(owner).get(PATH)
    assert all(step.url for step in response.context["steps"])


@pytest.mark.parametrize(
    ("role", "extra", "asked"),
    [
        (Role.OWNER, [], set()),
        (Role.MANAGER, [], set()),
        (Role.SENDER, [], {"aligo", "sender", "roster", "group"}),
        (Role.VIEWER, [], {"aligo", "sender", "roster", "group", "test", "send"}),
        (Role.VIEWER, ["member.edit", "message.send"], {"aligo", "sender"}),
    ],
)
def test_home_offers_nobody_what_the_role_may_not_do(tenant, role, extra, asked):
    client = sign_in(factories.make_staff(tenant, role, extra_permissions=extra))

    response = client.get(PATH)
    page = response.content.decode()

    assert {step.key for step in response.context["steps"] if not step.url} == asked
    assert page.count("대표나 관리자에게 부탁해 주세요.") == len(asked)


def test_current_step_is_the_first_that_one_may_do(tenant):
    sender = factories.make_staff(tenant, Role.SENDER)
    EmailAddress.objects.create(user=sender.user, email=sender.user.email, verified=True)

    assert sign_in(sender).get(PATH).context["current"].key == "test"


def test_steps_are_not_ticked_by_a_neighbour(neighbour, neighbour_owner, in_tenant, owner):
    factories.make_sender(neighbour)
    factories.make_group(neighbour)
    assert done(owner) == []


def test_today_shows_figures_and_leaves_steps_out_when_done(in_tenant, owner):
    make_dispatch(in_tenant, name="개강 안내")
    page = sign_in(owner).get(PATH).content.decode()
    assert "개강 안내" in page
    assert "처음 시작하기" in page
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    factories.make_account(in_tenant)
    factories.make_sender(in_tenant)
    factories.make_member(in_tenant, "김민준", "", factories.make_group(in_tenant))
    make_dispatch(in_tenant, is_test=True)
    assert "처음 시작하기" not in sign_in(owner).get(PATH).content.decode()


def test_sending_by_day_counts_days_of_seoul(in_tenant):
    make_dispatch(in_tenant)
    start = times.day_start(times.today())
    Batch.objects.update(accepted_at=start - timedelta(seconds=1))
    days = selectors.sending_by_day(in_tenant)
    assert (len(days), days[-1]["delivered"], days[-2]["delivered"], days[-2]["failed"]) == (14, 0, 2, 1)


def test_recent_polls_only_while_something_moves(in_tenant, owner):
    client = sign_in(owner)
    make_dispatch(in_tenant)
    assert "hx-trigger" not in client.get(f"{PATH}recent/").content.decode()
    make_dispatch(in_tenant, state=DispatchState.SENDING)
    assert "every 3s" in client.get(f"{PATH}recent/").content.decode()


def test_today_costs_the_same_queries_for_more_rows(in_tenant, owner, django_assert_max_num_queries):
    client = sign_in(owner)
    for _ in range(5):
        make_dispatch(in_tenant)
    with django_assert_max_num_queries(24):
        client.get(PATH)


def test_member_texts_of_ones_own_member_only(in_tenant, owner, neighbour):
    member = factories.make_member(in_tenant, "김민준", "01012345678")
    other = factories.make_member(neighbour, "남의회원", "01099998888")
    dispatch = make_dispatch(in_tenant)
    Message.objects.create(
        tenant=in_tenant,
        dispatch=dispatch,
        batch=dispatch.batches.get(),
        member_id=member.pk,
        phone=member.phone,
        state=MessageState.DELIVERED,
    )
    client = sign_in(owner)
    assert "안녕하세요." in client.get(f"{PATH}members/{member.pk}/texts/").content.decode()
    assert client.get(f"{PATH}members/{other.pk}/texts/").status_code == 404


def test_help_block_can_be_closed_and_brought_back(tenant, owner):
    client = sign_in(owner)
    page = f"{PATH}settings/staff/"
    assert "help-block" in client.get(page).content.decode()
    for _ in range(2):
        client.post(f"{PATH}help/hide/", {"key": "accounts.staff"}, headers={"HX-Request": "true"})
    assert "help-block" not in client.get(page).content.decode()
    client.post(f"{PATH}settings/help/restore/")
    assert "help-block" in client.get(page).content.decode()


def test_help_off_for_the_tenant_and_on_for_oneself(tenant, owner):
    client, page = sign_in(owner), f"{PATH}settings/staff/"
    client.post(f"{PATH}settings/help/", {})
    assert "help-block" not in client.get(page).content.decode()
    client.post(f"{PATH}settings/help/mine/", {"choice": "on"})
    assert "help-block" in client.get(page).content.decode()
    tenant.refresh_from_db()
    assert factories.make_staff(tenant, Role.OWNER).shows_help is False
    client.post(f"{PATH}settings/help/", {"on": "on"})
    assert Staff.objects.latest("pk").shows_help is True


def test_help_toggle_goes_back_inside_only(tenant, owner):
    client = sign_in(owner)
    assert client.post(f"{PATH}help/toggle/", {"on": "0", "next": "/t/hanbit/settings/"}).url == "/t/hanbit/settings/"
    assert client.post(f"{PATH}help/toggle/", {"on": "1", "next": "//evil.example"}).url == PATH


def test_stranger_finds_no_tenant(neighbour_owner, client, tenant):
    assert sign_in(neighbour_owner).get(PATH).status_code == 404
    assert client.get(PATH).url.startswith("/accounts/login/")


def test_switcher_and_days_left_are_on_the_page(tenant, neighbour, owner):
    tenant.paid_until = times.now() + timedelta(days=23)
    tenant.save()
    factories.make_staff(neighbour, Role.VIEWER, user=owner.user)
    page = sign_in(owner).get(PATH).content.decode()
    assert "23일 남음" in page
    assert "/t/neighbour/" in page


def test_viewer_is_offered_no_sending(tenant):
    page = sign_in(factories.make_staff(tenant, Role.VIEWER)).get(PATH).content.decode()
    assert "API 키" not in page
    nav = page.split('class="nav"')[1].split("</nav>")[0]
    assert "문자 보내기" not in nav


@pytest.mark.parametrize(
    ("scope_of_it", "words"), [("ads", "광고 문자를 거부했어요"), ("all", "모든 문자를 거부했어요")]
)
def test_ad3_a_members_page_says_what_the_phone_refused(
    as_owner: Client, tenant: Tenant, scope_of_it: str, words: str
) -> None:
    member = factories.make_member(tenant, phone="01011112222")
    path = f"{PATH}members/{member.pk}/texts/"
    assert "거부했어요" not in as_owner.get(path).content.decode()
    with scope(tenant=tenant):
        optouts.opt_out(tenant=tenant, by=None, phone=member.phone, scope=scope_of_it)

    assert words in as_owner.get(path).content.decode()


def test_my_phone_is_kept_as_digits_and_goes_with_whoever_leaves(
    tenant: Tenant, owner: Staff, as_owner: Client
) -> None:
    me = factories.make_staff(tenant, Role.MANAGER)
    client = sign_in(me)

    for typed, kept in (("010-1234 5678", "01012345678"), ("12", "01012345678")):
        client.post(f"{PATH}my-phone/", {"phone": typed})
        me.refresh_from_db()
        assert me.phone == kept
    assert "010-1234-5678" in client.get(f"{PATH}settings/me/").content.decode()

    staff.remove(tenant=tenant, by=owner.user, staff=me)
    me.refresh_from_db()
    assert me.phone == ""
