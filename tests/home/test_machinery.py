"""Health, figures, error pages, the mailbox of a developer's machine, the commands and the operators' desk."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_scopes import scope

from accounts.crypto import encrypt
from accounts.models import ApiKey, Lease, Tenant, User
from members.models import Member
from messaging.enums import BatchState, DispatchState
from messaging.models import AligoAccount, Attempt, Batch, Dispatch, Message, Sender
from tests import factories
from ui import times

pytestmark = pytest.mark.django_db
OPEN = {"name": "새체육관", "email": "o@example.com", "password": "tkfkdgo99x"}


def run(command: str, /, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


# --- Health ----------------------------------------------------------------------------------------------------------


def test_healthz_and_readyz(client):
    Lease.objects.create(name="messaging.upkeep", until=timezone.now(), ran_at=timezone.now() - timedelta(seconds=9))
    assert client.get("/healthz").content == b"ok\n"
    body = client.get("/readyz").json()
    assert body["ready"] is True
    assert 8 < body["beat_age_seconds"] < 60


def test_readyz_says_no_while_migrations_are_missing(client, monkeypatch):
    monkeypatch.setattr("home.views.health.MigrationExecutor.migration_plan", lambda self, targets: [1])
    assert client.get("/readyz").status_code == 503


def test_metrics_tell_ages_and_errors(client, tenant):
    long_ago = timezone.now() - timedelta(seconds=500)
    with scope(tenant=tenant):
        dispatch = Dispatch.objects.create(
            tenant=tenant, text="x", sender="02", state=DispatchState.SENDING, prepared_at=long_ago
        )
        rows = [
            Batch.objects.create(
                tenant=tenant, dispatch=dispatch, number=n, type="SMS", sender="02", size=1, state=state,
                receivers_hash=str(n), attempt_started_at=long_ago,
            )
            for n, state in enumerate([BatchState.QUEUED, BatchState.UNKNOWN])
        ]  # fmt: skip
        Attempt.objects.create(tenant=tenant, batch=rows[1], number=1, outcome="unclear")
        Attempt.objects.create(tenant=tenant, batch=rows[1], number=2, outcome="accepted")
    text = client.get("/metrics").content.decode()
    figures = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["gongji_queue_age_seconds"]) >= 500
    assert float(figures["gongji_unknown_age_seconds"]) >= 500
    assert float(figures["gongji_aligo_error_rate"]) == 0.5


def test_metrics_are_not_for_strangers(client):
    for address in ("203.0.113.50", "", "::ffff:203.0.113.50"):  # "" is a server behind a socket of the file system
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="::ffff:127.0.0.1").status_code == 200


def test_probes_are_answered_by_any_name(client):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


# --- Error pages -----------------------------------------------------------------------------------------------------


def test_missing_page_wears_our_design_and_names_its_request(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert response["X-Request-ID"] in response.content.decode()
    assert client.get("/api/v1/nothing").json()["error"]["code"] == "not_found"


def test_strange_host_is_a_400_in_our_design(client):
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "요청을 이해하지 못했어요" in response.content.decode()


def test_failing_page_is_a_500_with_its_request(as_owner, monkeypatch):
    monkeypatch.setattr("home.selectors.recent", lambda tenant: 1 / 0)
    as_owner.raise_request_exception = False
    response = as_owner.get("/t/hanbit/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()


def test_stale_form_says_what_to_do(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/t/hanbit/settings/tenant/", {"name": "x"})
    assert response.status_code == 403
    assert "쿠키" in response.content.decode()


def test_too_many_has_its_own_page(client):
    for _ in range(25):
        response = client.post("/accounts/signup/", {})
    assert response.status_code == 429
    assert "쉬었다가" in response.content.decode()


def test_every_handler_is_there():
    assert all(get_resolver().resolve_error_handler(code) for code in (400, 403, 404, 500))


# --- Mailbox ---------------------------------------------------------------------------------------------------------


def test_mail_page_lists_newest_first_with_links(client, settings, tmp_path):
    from django.core.mail import send_mail

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    send_mail("첫째", "<b>http://testserver/a</b>", None, ["a@example.com"])
    send_mail("둘째", "http://testserver/b", None, ["a@example.com"])
    page = client.get("/mail/").content.decode()
    assert page.index("둘째") < page.index("첫째")
    assert 'href="http://testserver/b"' in page
    assert "<b>http" not in page


def test_mail_page_is_closed_elsewhere(client, settings, tmp_path):
    assert client.get("/mail/").status_code == 404
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    settings.SECURE_SITE = True
    assert client.get("/mail/").status_code == 404


# --- Commands --------------------------------------------------------------------------------------------------------


def test_open_tenant_prints_a_key_that_works(everywhere):
    out = run(
        "open_tenant",
        **OPEN,
        aligo_user_id="shop",
        aligo_key="secret-key",
        sender="0237890123",
        paid_until="2099-01-31",
    )
    last = json.loads(out.splitlines()[-1])
    tenant = Tenant.objects.get(pk=last["tenant"])
    assert AligoAccount.objects.get(tenant=tenant).is_live
    assert Sender.objects.get(tenant=tenant).number == "0237890123"
    assert timezone.localdate(tenant.paid_until).isoformat() == "2099-01-31"
    assert User.objects.get().is_verified
    api = Client(headers={"Authorization": f"Bearer {last['api_key']}"})
    assert api.get("/api/v1/senders").json()["count"] == 1
    assert api.get("/api/v1/members").status_code == 200


def test_open_tenant_without_aligo_practises_in_the_sandbox(everywhere):
    run("open_tenant", **OPEN)
    assert AligoAccount.objects.get().is_live is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "x"},
        {"name": " "},
        {"paid_until": "tomorrow"},
        {"aligo_user_id": "shop"},
        {"sender": "12"},
        {"password": ""},
    ],
)
def test_open_tenant_refuses_and_leaves_nothing(everywhere, wrong):
    with pytest.raises(CommandError):
        run("open_tenant", **(OPEN | wrong))
    assert Tenant.objects.count() + User.objects.count() + ApiKey.objects.count() == 0


def test_open_tenant_for_an_owner_is_refused(everywhere):
    run("open_tenant", **OPEN)
    with pytest.raises(CommandError, match="이미 운영"):
        run("open_tenant", **OPEN)
    assert Tenant.objects.count() == 1


def test_seed_is_a_town_with_walls_and_the_same_twice(everywhere):
    out = run("seed", members=300)
    assert "demo@example.com" in out
    assert Tenant.objects.filter(is_operator=True).count() == 1
    people = Member.objects.filter(tenant__slug="hanbit").count()
    assert 300 <= people <= 320  # and those that an import of the demo brings
    states = set(Dispatch.objects.values_list("state", flat=True))
    assert states >= {"finished", "scheduled", "held", "cancelled", "sending"}
    assert set(Batch.objects.values_list("state", flat=True)) >= {"done", "queued", "unknown", "accepted", "rejected"}
    for batch in Batch.objects.all():
        assert batch.messages.count() == batch.size
        assert batch.open_count >= 0
    assert not Message.objects.exclude(tenant_id=1).filter(dispatch__tenant_id=1).exists()
    of_hanbit = Dispatch.objects.filter(tenant__slug="hanbit").order_by("pk")
    moments = list(of_hanbit.values_list("created_at", flat=True))
    assert moments == sorted(moments)
    ad = of_hanbit.get(ad=True)
    assert 8 <= times.seoul(ad.created_at).hour < 20
    assert re.fullmatch(r"\(광고\)한빛체육관\n[^}]+\n무료수신거부 \S+/u/\w{8}", ad.messages.first().text)
    assert set(ad.excluded.values_list("reason", flat=True)) >= {"no_consent"}
    run("seed", members=300)
    assert Member.objects.filter(tenant__slug="hanbit").count() == people


def test_seed_stays_away_from_production(settings):
    settings.SECURE_SITE = True
    with pytest.raises(CommandError):
        run("seed")


def test_rotate_secrets_makes_the_old_key_needless(settings, tenant, owner, everywhere):
    old, fresh = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    factories.make_account(tenant, api_key="topsecret")
    Authenticator.objects.create(user=owner.user, type="totp", data={"secret": encrypt("ABC")})
    settings.ENCRYPTION_KEYS = [fresh, old]
    run("rotate_secrets")
    settings.ENCRYPTION_KEYS = [fresh]
    assert AligoAccount.objects.get().api_key == "topsecret"
    from accounts.crypto import decrypt

    assert decrypt(Authenticator.objects.get().data["secret"]) == "ABC"


# --- The operators' desk ---------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tenant):
    user = factories.make_user(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize(
    "model",
    [
        "tenant",
        "user",
        "auditevent",
        "invitation",
        "apikey",
        "export",
        "upload",
        "notice",
        "termsversion",
        "termsagreement",
    ],
)
def test_desk_lists_every_table(desk, owner, model):
    assert desk.get(f"/admin/accounts/{model}/").status_code == 200


def test_desk_never_shows_secrets_nor_edits_ledgers(desk, tenant):
    key, _secret = factories.make_key(tenant)
    page = desk.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()
    assert key.key_hash not in page
    assert 'name="_save"' not in page
    assert desk.get("/admin/accounts/auditevent/add/").status_code == 403
    assert desk.get("/admin/mfa/authenticator/").status_code == 404


def test_desk_changes_a_name_and_not_the_paid_time(desk, tenant):
    url = f"/admin/accounts/tenant/{tenant.pk}/change/"
    data = {
        "name": "새 이름", "phone": "", "edition": "portal", "help_on": "on", "paid_until_0": "2099-01-01",
        "staff-TOTAL_FORMS": 0, "staff-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert desk.post(url, data).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.name, tenant.paid_until) == ("새 이름", None)


def test_desk_is_closed_to_owners(as_owner, client):
    assert as_owner.get("/admin/").status_code == 302
    assert "/accounts/login/" in client.get("/admin/", follow=True).redirect_chain[-1][0]
