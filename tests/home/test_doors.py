"""The ways in: signing up, invitations, signing in, where one lands; theme and language."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django_scopes import scopes_disabled

from accounts import notify
from accounts.enums import Role
from accounts.models import AuditEvent, Notice, Staff, Tenant, User
from accounts.services import staff as staff_services
from messaging.models import AligoAccount
from tests import factories
from tests.conftest import sign_in
from tests.house.urls import tenant_pages

pytestmark = pytest.mark.django_db
FORM = {
    "business": "한빛체육관",
    "email": "new@example.com",
    "password1": "tkfkdgo99x",
    "name": "김지현",
    "agree": "on",
}


def sign_up(client: Client, **changes: str):
    return client.post("/accounts/signup/", FORM | changes, follow=True)


def test_sign_up_leads_to_a_usable_tenant(client, everywhere):
    response = sign_up(client)
    assert response.redirect_chain[-1][0] == "/t/hanbitcheyukgwan/"
    assert response.status_code == 200
    place = Staff.objects.select_related("tenant", "user").get()
    assert (place.role, place.user.name, place.tenant.days_left) == (Role.OWNER, "김지현", 30)
    assert AligoAccount.objects.get().is_live is False
    assert place.user.agreements.count() == 2
    assert "확인" in mail.outbox[0].subject


def test_sign_up_mail_confirms_the_address(client):
    sign_up(client)
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    assert client.get(link).status_code == 200
    client.post(link)
    assert User.objects.get().is_verified


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"business": " "}, "business"),
        ({"password1": "123"}, "password1"),
        ({"email": "x"}, "email"),
        ({"agree": ""}, "agree"),
    ],
)
def test_sign_up_refuses_and_stores_nothing(client, changes, field):
    response = sign_up(client, **changes)
    assert field in response.context["form"].errors
    assert User.objects.count() + Tenant.objects.count() == 0


def test_sign_up_that_fails_halfway_leaves_nobody(client, monkeypatch):
    monkeypatch.setattr("home.services.tenants.open_tenant", lambda **kwargs: 1 / 0)
    client.raise_request_exception = False
    assert sign_up(client).status_code == 500
    assert User.objects.count() == 0


def test_sign_up_with_a_known_address_makes_no_second_one(client):
    sign_up(client)
    Client().post("/accounts/signup/", FORM)
    assert (User.objects.count(), Tenant.objects.count()) == (1, 1)


def test_sign_up_works_without_a_mail_server(client, monkeypatch, everywhere):
    def dead(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", dead)
    assert sign_up(client).status_code == 200
    assert Tenant.objects.count() == 1


def test_invited_newcomer_signs_up_into_the_tenant(client, tenant, owner, everywhere):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    row = staff_services.invite(tenant=tenant, by=owner.user, email="new@example.com", role=Role.SENDER)
    notify.deliver(tenant=tenant, notice=Notice.objects.get().pk)
    link = "/invitations/" + mail.outbox[-1].body.split("/invitations/")[1].split()[0]
    page = client.get(link).content.decode()
    assert str(owner.user) in page
    assert tenant.name in page
    assert "business" not in client.get("/accounts/signup/").context["form"].fields
    data = {k: v for k, v in FORM.items() if k != "business"} | {"next": link}
    response = client.post("/accounts/signup/", data, follow=True)
    assert response.redirect_chain[-1][0] == "/t/hanbit/"
    assert Tenant.objects.count() == 1
    assert Client().get(link).status_code == 404
    row.refresh_from_db()
    assert row.accepted_by.email == "new@example.com"


def test_invitation_is_not_used_up_by_looking(client, tenant, owner, everywhere):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    row = staff_services.invite(tenant=tenant, by=owner.user, email="new@example.com", role=Role.SENDER)
    notify.deliver(tenant=tenant, notice=Notice.objects.get().pk)
    link = "/invitations/" + mail.outbox[-1].body.split("/invitations/")[1].split()[0]
    newcomer = factories.make_user(email="new@example.com")
    client.force_login(newcomer, backend="allauth.account.auth_backends.AuthenticationBackend")
    for _ in range(2):
        assert client.get(link).status_code == 200
    row.refresh_from_db()
    assert row.is_open
    assert [client.post(link).url for _ in range(2)] == ["/t/hanbit/", "/t/hanbit/"]
    assert Staff.objects.filter(tenant=tenant).count() == 2


def test_invitation_for_another_address_says_so(client, tenant, owner, everywhere):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True)
    staff_services.invite(tenant=tenant, by=owner.user, email="new@example.com", role=Role.SENDER)
    notify.deliver(tenant=tenant, notice=Notice.objects.get().pk)
    link = "/invitations/" + mail.outbox[-1].body.split("/invitations/")[1].split()[0]
    client.force_login(factories.make_user(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(link).status_code == 422
    assert Staff.objects.filter(tenant=tenant).count() == 1


def test_login_and_password_reset(client, owner):
    good = {"login": owner.user.email, "password": factories.PASSWORD}
    assert client.post("/accounts/login/", good | {"password": "wrong"}).status_code == 200
    assert client.post("/accounts/login/", good, follow=True).redirect_chain[-1][0] == "/t/hanbit/"
    client.post("/accounts/logout/")
    client.post("/accounts/password/reset/", {"email": owner.user.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    assert "password1" in form.context["form"].fields


def test_coming_and_going_is_written_down(client, owner, everywhere):
    client.post(
        "/accounts/login/", {"login": owner.user.email, "password": factories.PASSWORD}, REMOTE_ADDR="203.0.113.8"
    )
    client.post("/accounts/logout/")
    rows = AuditEvent.objects.filter(by_id=owner.user_id).order_by("id").values_list("kind", "ip")
    assert list(rows) == [("user.signed_in", "203.0.113.8"), ("user.signed_out", "127.0.0.1")]


def test_too_many_wrong_passwords_are_stopped(client, owner):
    wrong = {"login": owner.user.email, "password": "wrong"}
    texts = [client.post("/accounts/login/", wrong).content.decode() for _ in range(7)]
    right = client.post("/accounts/login/", wrong | {"password": factories.PASSWORD})
    assert right.status_code != 302
    assert texts[0] != texts[-1]


@pytest.mark.parametrize(
    "path",
    ["login", "signup", "password/reset", "password/reset/done", "logout", "confirm-email"],
)
def test_pages_of_allauth_wear_our_design(client, path):
    response = client.get(f"/accounts/{path}/", follow=True)
    assert response.status_code == 200
    assert "plain-card" in response.content.decode() or path == "logout"


@pytest.mark.parametrize("path", ["email", "password/change", "2fa", "sessions", "reauthenticate"])
def test_pages_of_ones_own_account_wear_our_design(as_owner, path):
    response = as_owner.get(f"/accounts/{path}/")
    assert response.status_code == 200
    assert "plain-card" in response.content.decode()


def test_start_goes_to_the_only_tenant_the_last_one_or_the_list(tenant, neighbour, owner):
    client = sign_in(owner)
    assert client.get("/start/").url == "/t/hanbit/"
    factories.make_staff(neighbour, Role.SENDER, user=owner.user)
    assert client.get("/start/").url == "/tenants/"
    client.get("/t/neighbour/")
    assert client.get("/start/").url == "/t/neighbour/"
    assert "한빛체육관" in client.get("/tenants/").content.decode()


def test_person_without_tenants_opens_one(client):
    user = factories.make_user()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/start/").url == "/tenants/open/"
    assert client.post("/tenants/open/", {"business": "새 학원"}).url == "/t/sae-hakwon/"
    second = client.post("/tenants/open/", {"business": "또 학원"})
    assert (second.status_code, "다른 이메일로 가입해" in second.content.decode()) == (422, True)
    with scopes_disabled():
        assert Tenant.objects.count() == 1


def test_landing_terms_and_the_way_in(client, as_owner):
    assert "2분 만에 시작하기" in client.get("/").content.decode()
    assert "제1조" in client.get("/terms/").content.decode()
    assert "보호책임자" in client.get("/privacy/").content.decode()
    assert as_owner.get("/").url == "/start/"


def test_theme_and_language_stay(as_owner, owner):
    as_owner.post("/theme/", {"theme": "dark", "next": "/terms/"})
    as_owner.post("/language/", {"language": "en"})
    page = as_owner.get("/terms/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'lang="en"' in page
    owner.user.refresh_from_db()
    assert owner.user.language == "en"


def test_new_device_takes_the_language_over(owner):
    owner.user.language = "en"
    owner.user.save()
    client = sign_in(owner)
    client.get("/start/")
    assert 'lang="en"' in client.get("/terms/").content.decode()


def test_switches_send_nobody_away(client):
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"}).url == "/"
    assert client.post("/language/", {"language": "xx", "next": "//evil.example"}).url == "/"
    assert "theme" not in client.post("/theme/", {"theme": "<b>"}).cookies


def test_second_factor_is_asked_for_and_a_recovery_code_helps(client, owner):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True, primary=True)
    good = {"login": owner.user.email, "password": factories.PASSWORD}
    client.post("/accounts/login/", good)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    response = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert response.status_code == 200
    assert "개 준비됨" in client.get("/accounts/2fa/").content.decode()
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    client.post("/accounts/logout/")
    asked = client.post("/accounts/login/", good, follow=True)
    assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert client.get("/t/hanbit/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert client.get("/t/hanbit/").status_code == 200
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    for path in ("totp/deactivate", "recovery-codes/generate"):
        assert "plain-card" in client.get(f"/accounts/2fa/{path}/").content.decode()


def test_language_of_a_forms_answer_leads_back_to_its_page(as_owner):
    refused = as_owner.post("/t/hanbit/messages/new/submit/", {"text": "쓰던 글"})
    assert refused.status_code == 422
    assert 'name="next" value="/t/hanbit/messages/new/submit/"' in refused.content.decode()

    answer = as_owner.post("/language/", {"language": "en", "next": "/t/hanbit/messages/new/submit/"})
    assert answer.url == "/t/hanbit/messages/new/"
    assert as_owner.post("/language/", {"language": "ko", "next": "/t/hanbit/members/?q=1"}).url.endswith("/?q=1")


def test_every_address_that_only_takes_a_form_shows_the_way_to_its_page(as_owner, tenant):
    ways = set()
    for address in tenant_pages():
        path = address.path(tenant=tenant.slug, pk=1)
        response = as_owner.get(path)
        if response.status_code == 405:
            way = re.search(r'<a class="btn btn-primary" href="([^"]+)"', response.content.decode())[1]
            assert "POST" in response["Allow"] and "하던 화면" in response.content.decode()
            assert path.startswith(way) and way != path
            ways.add((path, as_owner.get(way).status_code))

    assert len(ways) > 20
    assert {status for _path, status in ways} <= {200, 404}  # 404: there is no number 1


def test_a_refused_method_of_the_api_stays_json(api):
    answer = api.delete("/api/v1/balance")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_devices_are_named_as_people_name_them(owner, client):
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
    client.post(
        "/accounts/login/", {"login": owner.user.email, "password": factories.PASSWORD}, headers={"User-Agent": agent}
    )
    page = client.get("/accounts/sessions/").content.decode()
    assert f'title="{agent}">Safari · iPhone</b>' in page


@pytest.mark.parametrize(("language", "word"), [("ko", "광고"), ("en", "advert")])
def test_landing_promises_nothing_about_ads_before_they_are_sent(db, client, language, word):
    client.cookies["language"] = language
    page = client.get("/", headers={"Accept-Language": language}).content.decode()
    assert f'lang="{language}"' in page and word not in page
