"""Help that operators rewrite, and people to practise on."""

import pytest
from django.test import Client
from django_scopes import scope

from accounts import selectors
from accounts.enums import Role
from accounts.models import HelpText, Staff, Tenant
from home import services
from members.models import Group, Member
from messaging.models import AligoAccount
from tests import factories
from tests.conftest import sign_in

PAGE = "/t/hanbit/members/imports/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten():
    selectors.forget_help()
    yield
    selectors.forget_help()


def test_help_shows_an_operators_words_escaped(as_owner: Client) -> None:
    plain = as_owner.get(PAGE).content.decode()
    key = plain.split('name="key" value="')[1].split('"')[0]
    HelpText.objects.create(key=key, language="ko", title="새 제목이에요", body="첫 문단 <b>\n\n둘째 문단")
    selectors.forget_help()

    page = as_owner.get(PAGE).content.decode()

    assert "새 제목이에요" not in plain and "새 제목이에요" in page
    assert "첫 문단 &lt;b&gt;" in page and "둘째 문단" in page


def test_help_of_another_language_changes_nothing(as_owner: Client) -> None:
    HelpText.objects.create(key="members.import", language="en", title="Only English", body="x")

    assert "Only English" not in as_owner.get(PAGE).content.decode()


def test_help_is_edited_by_operators(db: None) -> None:
    operator = factories.make_user(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")

    form = {"key": "members.list", "language": "ko", "title": "제목", "body": "내용"}
    client.post("/admin/accounts/helptext/add/", form)

    assert selectors.help_texts("ko") == {"members.list": ("제목", "내용")}


@pytest.fixture
def sandbox(tenant: Tenant) -> AligoAccount:
    with scope(tenant=tenant):
        return AligoAccount.objects.create(tenant=tenant, mode="sandbox", user_id="sandbox-1", api_key="k" * 32)


def test_sample_roster_is_offered_added_once_and_found(as_owner: Client, tenant: Tenant, sandbox: AligoAccount) -> None:
    assert "연습 명단 12명" in as_owner.get("/t/hanbit/members/").content.decode()

    for _ in range(2):
        as_owner.post("/t/hanbit/sample-roster/")

    with scope(tenant=tenant):
        assert Member.objects.count() == 12
        assert Group.objects.get().member_count == 12
    assert "김하늘" in as_owner.get("/t/hanbit/members/").content.decode()


def test_sample_roster_is_refused_with_a_live_account(tenant: Tenant, owner: Staff) -> None:
    factories.make_account(tenant)

    with scope(tenant=tenant):
        added = services.add_sample_roster(tenant=tenant, by=owner.user)
        assert (added, Member.objects.count()) == (0, 0)


def test_sample_roster_needs_the_right_to_edit(tenant: Tenant, sandbox: AligoAccount) -> None:
    viewer = sign_in(factories.make_staff(tenant, Role.VIEWER))

    assert viewer.post("/t/hanbit/sample-roster/").status_code == 403
    with scope(tenant=tenant):
        assert Member.objects.count() == 0
