"""Services of accounts: each works, refuses, holds when done twice, and leaves the neighbour alone."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from django_scopes import scope

from accounts import exceptions as no
from accounts import notify
from accounts.enums import NoticeState, Role, Scope
from accounts.models import ApiKey, AuditEvent, Invitation, Notice, Staff, Tenant
from accounts.permissions import Permission, allows
from accounts.services import access, keys, profiles, staff, tenants, upkeep
from tests import factories

pytestmark = pytest.mark.django_db


def verified(person: Staff) -> Staff:
    EmailAddress.objects.create(user=person.user, email=person.user.email, verified=True, primary=True)
    return person


def token_of(invitation: Invitation) -> str:
    """The token in the mail; nobody else ever sees it."""
    notify.deliver(tenant=invitation.tenant, notice=Notice.objects.get(key=f"invitation:{invitation.pk}").pk)
    return mail.outbox[-1].body.split("/invitations/")[1].split("/")[0]


def kinds() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("kind", flat=True))


@pytest.fixture
def boss(owner):
    return verified(owner)


def test_open_tenant_gives_owner_trial_and_a_readable_address(everywhere):
    user = factories.make_user()
    place = tenants.open_tenant(owner=user, name="한빛 체육관")
    assert (place.role, place.tenant.slug, place.tenant.days_left) == (Role.OWNER, "hanbit-cheyukgwan", 30)
    assert kinds() == ["tenant.created", "access.changed"]


def test_open_tenant_twice_is_refused(everywhere):
    user = factories.make_user()
    tenants.open_tenant(owner=user, name="한빛")
    with pytest.raises(no.AlreadyOwner):
        tenants.open_tenant(owner=user, name="둘째")
    assert Tenant.objects.count() == 1


def test_open_tenant_same_name_gets_another_address(everywhere):
    slugs = [tenants.open_tenant(owner=factories.make_user(), name="한빛").tenant.slug for _ in range(7)]
    assert len(set(slugs)) == 7
    assert slugs[:2] == ["hanbit", "hanbit-2"]


def test_set_access_twice_records_once(in_tenant):
    until = timezone.now() + timedelta(days=3)
    for _ in range(2):
        access.set_access(tenant=in_tenant, by=None, paid_until=until)
    assert kinds() == ["access.changed"]
    assert Tenant.objects.get(pk=in_tenant.pk).days_left == 3


def test_invite_and_accept(in_tenant, boss):
    row = staff.invite(tenant=in_tenant, by=boss.user, email="New@Example.com ", role=Role.SENDER)
    newcomer = factories.make_user(email="new@example.com")
    place = staff.accept(by=newcomer, token=token_of(row))
    assert (place.tenant, place.role) == (in_tenant, Role.SENDER)
    assert newcomer.is_verified
    assert kinds() == ["staff.invited", "invitation.accepted"]


def test_invitations_taken_back_count_too(in_tenant, boss, monkeypatch):
    monkeypatch.setattr(staff, "A_DAY_AT_MOST", 2)
    for _ in range(2):
        staff.revoke(
            tenant=in_tenant,
            by=boss.user,
            invitation=staff.invite(tenant=in_tenant, by=boss.user, email="a@b.kr", role=Role.VIEWER),
        )
    with pytest.raises(staff.TooManyInvitations):
        staff.invite(tenant=in_tenant, by=boss.user, email="a@b.kr", role=Role.VIEWER)


def test_invitation_works_once(in_tenant, boss):
    token = token_of(staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER))
    newcomer = factories.make_user(email="new@example.com")
    staff.accept(by=newcomer, token=token)
    with pytest.raises(no.InvitationUnusable):
        staff.accept(by=newcomer, token=token)


@pytest.mark.parametrize("change", [{"expires_at": timezone.now() - timedelta(1)}, {"revoked_at": timezone.now()}])
def test_invitation_ends(in_tenant, boss, change):
    row = staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER)
    token = token_of(row)
    Invitation.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(no.InvitationUnusable):
        staff.accept(by=factories.make_user(email="new@example.com"), token=token)


def test_invitation_is_for_its_address_only(in_tenant, boss):
    token = token_of(staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER))
    with pytest.raises(no.InvitationForAnother):
        staff.accept(by=factories.make_user(), token=token)


def test_invite_needs_a_verified_email(in_tenant, owner):
    with pytest.raises(no.EmailNotVerified):
        staff.invite(tenant=in_tenant, by=owner.user, email="new@example.com", role=Role.VIEWER)


def test_invite_again_takes_the_first_link_back(in_tenant, boss):
    first = token_of(staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER))
    staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.SENDER)
    with pytest.raises(no.InvitationUnusable):
        staff.accept(by=factories.make_user(email="new@example.com"), token=first)


def test_invite_refuses_who_is_here(in_tenant, boss):
    with pytest.raises(no.AlreadyStaff):
        staff.invite(tenant=in_tenant, by=boss.user, email=boss.user.email.upper(), role=Role.VIEWER)


def test_invitation_token_is_nowhere_in_the_clear(in_tenant, boss):
    row = staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER)
    token = token_of(row)
    notice = Notice.objects.get()
    assert token not in f"{notice.context} {row.token_hash}"
    assert "sealed" not in notice.context


def test_revoke_is_only_for_ones_own_tenant(in_tenant, boss, neighbour):
    row = staff.invite(tenant=in_tenant, by=boss.user, email="new@example.com", role=Role.VIEWER)
    with scope(tenant=neighbour):
        assert staff.revoke(tenant=neighbour, by=boss.user, invitation=row) is False
    assert staff.revoke(tenant=in_tenant, by=boss.user, invitation=row) is True
    assert staff.revoke(tenant=in_tenant, by=boss.user, invitation=row) is False


def test_last_owner_stays(in_tenant, owner):
    with pytest.raises(no.LastOwner):
        staff.change_role(tenant=in_tenant, by=owner.user, staff=owner, role=Role.VIEWER)
    with pytest.raises(no.LastOwner):
        staff.remove(tenant=in_tenant, by=owner.user, staff=owner)
    second = factories.make_staff(in_tenant, Role.OWNER)
    staff.change_role(tenant=in_tenant, by=owner.user, staff=owner, role=Role.VIEWER)
    assert Staff.objects.get(pk=second.pk).role == Role.OWNER


def test_remove_twice_records_once_and_rejoining_starts_afresh(in_tenant, boss):
    person = factories.make_staff(in_tenant, Role.MANAGER, extra_permissions=["member.export"])
    assert staff.remove(tenant=in_tenant, by=boss.user, staff=person) is True
    assert staff.remove(tenant=in_tenant, by=boss.user, staff=person) is False
    row = staff.invite(tenant=in_tenant, by=boss.user, email=person.user.email, role=Role.VIEWER)
    again = staff.accept(by=person.user, token=token_of(row))
    assert (again.pk, again.role, again.extra_permissions) == (person.pk, Role.VIEWER, [])


def test_set_rights_grants_only_what_may_be_granted(in_tenant, owner):
    person = factories.make_staff(in_tenant, Role.VIEWER)
    wanted = ["message.send", "staff.edit", "nonsense"]
    row = staff.set_rights(tenant=in_tenant, by=owner.user, staff=person, rights=wanted)
    assert allows(row, Permission.MESSAGE_SEND)
    assert not allows(row, Permission.STAFF_EDIT)
    assert not allows(row, Permission.MEMBER_EXPORT)


def test_staff_of_a_neighbour_cannot_be_changed(in_tenant, owner, neighbour_owner):
    with pytest.raises(Staff.DoesNotExist):
        staff.remove(tenant=in_tenant, by=owner.user, staff=neighbour_owner)


def test_key_is_stored_as_a_hash_and_revoked_once(in_tenant, owner):
    key, secret = keys.create(tenant=in_tenant, by=owner.user, name="예약", scopes=[Scope.MEMBERS_READ])
    row = ApiKey.objects.get()
    assert secret.startswith(key.prefix)
    assert secret not in str(row.__dict__)
    assert keys.revoke(tenant=in_tenant, by=owner.user, key=key) is True
    assert keys.revoke(tenant=in_tenant, by=owner.user, key=key) is False
    assert kinds() == ["key.created", "key.revoked"]


def test_key_of_a_neighbour_cannot_be_revoked(in_tenant, owner, neighbour):
    key, _secret = factories.make_key(neighbour)
    assert keys.revoke(tenant=in_tenant, by=owner.user, key=key) is False


def test_help_hidden_twice_is_hidden_once(in_tenant, owner):
    for _ in range(2):
        profiles.hide_help(staff=owner, key="members.list")
    assert Staff.objects.get().help_hidden == ["members.list"]
    profiles.restore_help(staff=owner)
    assert Staff.objects.get().help_hidden == []


def test_agree_records_the_versions_once(owner):
    for _ in range(2):
        profiles.agree(by=owner.user, ip="203.0.113.9")
    assert {row.version.kind for row in owner.user.agreements.all()} == {"terms", "privacy"}
    assert owner.user.agreements.count() == 2


def test_tell_same_key_twice_is_one_mail(in_tenant):
    told = [
        notify.tell(tenant=in_tenant, to="a@example.com", kind="export_ready", context={"title": "회원"}, key="k")
        for _ in range(2)
    ]
    assert told[0].pk == told[1].pk
    assert [notify.deliver(tenant=in_tenant, notice=told[0].pk) for _ in range(2)] == [True, False]
    assert len(mail.outbox) == 1


def test_deliver_tries_again_later_and_gives_up(in_tenant, monkeypatch):
    monkeypatch.setattr(notify, "_mail", lambda row: 1 / 0)
    row = notify.tell(tenant=in_tenant, to="a@example.com", kind="export_ready", context={}, key="k")
    for _ in range(len(notify.WAITS) + 1):
        Notice.objects.update(next_try_at=timezone.now())
        notify.deliver(tenant=in_tenant, notice=row.pk)
    assert Notice.objects.get().state == NoticeState.FAILED


def test_watch_rings_for_notices_nobody_heard_of(in_tenant, monkeypatch):
    rung = []
    monkeypatch.setattr(upkeep, "ring", lambda name, *args, queue: rung.append((name, *args)))
    row = notify.tell(tenant=in_tenant, to="a@example.com", kind="export_ready", context={}, key="k")
    assert upkeep.watch()["notices"] == 0
    Notice.objects.update(next_try_at=timezone.now() - timedelta(minutes=1))
    assert upkeep.watch()["notices"] == 1
    assert rung == [("accounts.notify", in_tenant.pk, row.pk)]
