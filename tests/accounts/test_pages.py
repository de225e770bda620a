"""The pages of 설정: what each role may open and do, and what is written down."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from django_scopes import scope

from accounts.crypto import fingerprint
from accounts.enums import Role
from accounts.models import ApiKey, AuditEvent, Invitation, Staff
from tests import factories
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db
BASE = "/t/hanbit/settings/"
PAGES = {"": "viewer", "me/": "viewer", "staff/": "owner", "keys/": "owner", "audit/": "manager", "exports/": "owner"}
RANKS = ["viewer", "manager", "owner"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", RANKS)
def test_page_opens_by_role(tenant, path, role):
    response = sign_in(factories.make_staff(tenant, role)).get(BASE + path)
    allowed = RANKS.index(role) >= RANKS.index(PAGES[path])
    assert response.status_code == (200 if allowed else 403)
    assert "지금은 할 수 없어요" in response.content.decode() or allowed


@pytest.mark.parametrize("path", PAGES)
def test_page_is_not_there_for_a_neighbour(tenant, neighbour_owner, path):
    assert sign_in(neighbour_owner).get(BASE + path).status_code == 404


def test_tenant_is_renamed_and_recorded(as_owner, tenant, in_tenant):
    assert as_owner.post(f"{BASE}tenant/", {"name": "한빛태권도", "phone": "02-3789-0123"}).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.name, tenant.phone) == ("한빛태권도", "0237890123")
    as_owner.post(f"{BASE}tenant/", {"name": "한빛태권도", "phone": "0237890123"})
    assert [e.data for e in AuditEvent.objects.filter(kind="tenant.changed")] == [{"fields": ["name", "phone"]}]


def test_tenant_with_a_bad_number_is_refused(as_owner, tenant):
    response = as_owner.post(f"{BASE}tenant/", {"name": "x", "phone": "없음"})
    assert response.status_code == 422
    assert "알아볼 수 없어요" in response.content.decode()


def test_sender_may_not_rename(tenant):
    assert sign_in(factories.make_staff(tenant, Role.SENDER)).post(f"{BASE}tenant/", {"name": "x"}).status_code == 403


def test_profile_changes_language_at_once(as_owner, owner):
    as_owner.post(f"{BASE}me/", {"name": "박대표", "language": "en"})
    owner.user.refresh_from_db()
    assert (owner.user.name, owner.user.language) == ("박대표", "en")
    assert 'lang="en"' in as_owner.get(f"{BASE}me/").content.decode()


def test_staff_page_invites_only_after_the_address_is_confirmed(as_owner, owner, in_tenant):
    data = {"email": "new@example.com", "role": "sender"}
    assert as_owner.post(f"{BASE}staff/invite/", data).status_code == 403
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    assert as_owner.post(f"{BASE}staff/invite/", data).status_code == 302
    row = Invitation.objects.get()
    assert "new@example.com" in as_owner.get(f"{BASE}staff/").content.decode()
    as_owner.post(f"{BASE}staff/invitations/{row.pk}/revoke/")
    assert "new@example.com" not in as_owner.get(f"{BASE}staff/").content.decode().split("toasts")[0]


def test_staff_page_changes_role_rights_and_removes(as_owner, tenant):
    person = factories.make_staff(tenant, Role.VIEWER)
    as_owner.post(f"{BASE}staff/{person.pk}/role/", {"role": "manager"})
    as_owner.post(f"{BASE}staff/{person.pk}/rights/", {"rights": ["member.export"]})
    person.refresh_from_db()
    assert (person.role, person.extra_permissions) == ("manager", ["member.export"])
    assert sign_in(person).get(f"{BASE}exports/").status_code == 200
    client = sign_in(person)
    as_owner.post(f"{BASE}staff/{person.pk}/remove/")
    assert client.get("/t/hanbit/").status_code == 404


def test_last_owner_is_told_why_not(as_owner, owner):
    response = as_owner.post(f"{BASE}staff/{owner.pk}/remove/", follow=True)
    assert "대표는 한 명 이상" in response.content.decode()
    assert Staff.objects.get(pk=owner.pk).removed_at is None


def test_neighbours_staff_keys_and_invitations_are_not_there(as_owner, neighbour, neighbour_owner):
    key, _secret = factories.make_key(neighbour)
    paths = [f"staff/{neighbour_owner.pk}/{verb}/" for verb in ("role", "rights", "remove")]
    paths += [f"keys/{key.pk}/revoke/", "staff/invitations/1/revoke/"]
    assert {as_owner.post(BASE + path, {"role": "viewer"}).status_code for path in paths} == {404}


def test_key_is_shown_once_and_works_until_revoked(as_owner, in_tenant):
    response = as_owner.post(f"{BASE}keys/", {"name": "홈쇼핑몰", "scopes": ["members.read"]})
    assert (response.status_code, response["Location"]) == (302, f"{BASE}keys/")
    shown = as_owner.get(f"{BASE}keys/")
    secret = shown.context["secret"]
    assert ApiKey.objects.get().key_hash == fingerprint(secret)
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert secret not in as_owner.get(f"{BASE}keys/").content.decode()
    key = ApiKey.objects.get()
    as_owner.post(f"{BASE}keys/{key.pk}/revoke/")
    assert key.name not in as_owner.get(f"{BASE}keys/").content.decode().split("toasts")[0]


def test_key_form_sent_twice_makes_one_key_and_shows_it(as_owner, in_tenant):
    data = {"name": "홈쇼핑몰", "scopes": ["members.read"], "key": as_owner.get(f"{BASE}keys/").context["form_key"]}
    assert [as_owner.post(f"{BASE}keys/", data).status_code for _ in range(2)] == [302, 302]
    assert ApiKey.objects.get().key_hash == fingerprint(as_owner.get(f"{BASE}keys/").context["secret"])
    as_owner.post(f"{BASE}keys/", data | {"key": as_owner.get(f"{BASE}keys/").context["form_key"]})
    assert ApiKey.objects.count() == 2


def test_new_key_waits_encrypted_for_ten_minutes_and_for_its_own_tenant(as_owner, owner, neighbour, monkeypatch):
    Staff.objects.create(tenant=neighbour, user=owner.user, role=Role.OWNER)
    as_owner.post(f"{BASE}keys/", {"name": "홈쇼핑몰", "scopes": ["members.read"]})
    assert "gj_" not in str(as_owner.session["new_api_key"])
    assert as_owner.get("/t/neighbour/settings/keys/").context["secret"] == ""
    late = int(timezone.now().timestamp()) + 601
    monkeypatch.setattr("accounts.views.keys._now", lambda: late)
    assert as_owner.get(f"{BASE}keys/").context["secret"] == ""
    assert "new_api_key" not in as_owner.session


@pytest.mark.parametrize(
    "data", [{"name": "", "scopes": ["members.read"]}, {"name": "x"}, {"name": "x", "scopes": ["all"]}]
)
def test_key_form_refuses(as_owner, in_tenant, data):
    assert as_owner.post(f"{BASE}keys/", data).status_code == 422
    assert ApiKey.objects.count() == 0


def test_trail_filters_pages_and_hides_neighbours(as_owner, owner, tenant, neighbour, in_tenant):
    from accounts import audit

    for n in range(60):
        audit.record(tenant=tenant, by=owner.user, kind="member.created", subject=f"member:{n}")
    audit.record(tenant=tenant, by=None, kind="key.created", subject="apikey:7")
    with scope(tenant=neighbour):
        audit.record(tenant=neighbour, by=None, kind="member.created", subject="member:9999")
    first = as_owner.get(f"{BASE}audit/")
    page = first.content.decode()
    assert "API 키를 만들었어요." in page
    assert "회원 59" in page and "회원 9999" not in page
    assert page.count("<tr>") == 51
    older = as_owner.get(f"{BASE}audit/?cursor={first.context['following']}").content.decode()
    assert older.count("<tr>") == 12
    keys_only = as_owner.get(f"{BASE}audit/?kind=key").content.decode()
    assert keys_only.count("<tr>") == 2
    assert as_owner.get(f"{BASE}audit/?by={owner.user_id}").content.decode().count("API 키를 만들었어요.") == 0
    assert as_owner.get(f"{BASE}audit/?kind=nonsense&by=x&cursor=y").status_code == 200


def test_trail_speaks_in_words(as_owner, owner, tenant, in_tenant):
    from accounts import audit

    audit.record(
        tenant=tenant, by=owner.user, kind="staff.role_changed", subject="staff:7", before="viewer", after="sender"
    )
    audit.record(
        tenant=tenant, by=owner.user, kind="export.requested", subject="export:3", export="members", masked=True
    )
    audit.record(
        tenant=tenant, by=owner.user, kind="access.changed", paid_until="2026-12-15T01:16:58+00:00", grace_until=None
    )

    page = as_owner.get(f"{BASE}audit/").content.decode().partition("<tbody>")[2].partition("</tbody>")[0]

    for words in (
        "직원 7",
        "전 보기 전용 · 후 발송 담당",
        "내보내기 회원 명단 · 번호 가림 예",
        "언제까지 12월 15일 (화) 오전 10:16",
    ):
        assert words in page
    for code in ("staff:7", "viewer", "masked", "grace_until"):
        assert code not in page


def test_trail_names_fields_and_keeps_roles_apart(as_owner, owner, tenant, in_tenant):
    from accounts import audit

    def tell(kind, **data):
        audit.record(tenant=tenant, by=owner.user, kind=kind, **data)

    tell("dispatch.changed", fields=["name", "send_at", "sender", "text", "title", "to"])
    tell("staff.invited", role="sender")
    tell("export.requested", export="members", fields=["이름", "sender"])
    tell("dispatch.scheduled")

    page = as_owner.get(f"{BASE}audit/").content.decode().partition("<tbody>")[2].partition("</tbody>")[0]

    for said in (
        "항목 이름, 보낼 때, 발신번호, 내용, 제목, 받는 사람",
        "역할 발송 담당",
        "항목 이름, sender",
        "문자를 예약했어요.",
    ):
        assert said in page


def test_trail_leads_to_what_is_there_and_may_be_seen(as_owner, owner, tenant, neighbour, in_tenant):
    from accounts import audit

    member = factories.make_member(tenant, "김민준", "01011112222")
    gone = factories.make_member(tenant, "이서연", "01033334444")
    with scope(tenant=neighbour):
        theirs = factories.make_member(neighbour, "박은서", "01055556666")
    key, _secret = factories.make_key(tenant)
    for subject in (member, gone, theirs, key, "member:x", "weather:1"):
        audit.record(tenant=tenant, by=owner.user, kind="member.created", subject=subject)
    type(gone).objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

    def leads(client):
        return {row[3] for row in client.get(f"{BASE}audit/").context["rows"]} - {""}

    page = f"/t/hanbit/members/{member.pk}/"
    assert leads(as_owner) == {page, f"{BASE}keys/"}
    assert leads(sign_in(factories.make_staff(tenant, Role.MANAGER))) == {page}


def test_trail_answers_htmx_with_a_fragment(as_owner):
    response = as_owner.get(f"{BASE}audit/", headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


def test_empty_exports_name_every_page_they_come_from(as_owner):
    page = as_owner.get(f"{BASE}exports/").content.decode()
    assert "회원 명단이나 발송 결과에서" in page
