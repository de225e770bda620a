"""Who works in a tenant: invitations, roles, further rights, leaving."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import audit, notify
from accounts.crypto import fingerprint
from accounts.enums import Role
from accounts.exceptions import (
    AlreadyStaff,
    EmailNotVerified,
    InvitationForAnother,
    InvitationUnusable,
    LastOwner,
    NotAllowed,
    Refusal,
)
from accounts.models import Invitation, Staff, Tenant, User
from accounts.permissions import GRANTABLE
from accounts.scoping import outside

INVITATION_LASTS = timedelta(days=7)
OPEN_AT_MOST = 50
A_DAY_AT_MOST = 100


class TooManyInvitations(Refusal):
    code = "too_many_invitations"
    message = _("아직 받지 않은 초대가 너무 많아요. 쓰지 않을 초대를 거둔 뒤 다시 보내 주세요.")


def invite(*, tenant: Tenant, by: User, email: str, role: str) -> Invitation:
    """Send a link that works once and for seven days; an earlier open invitation of that address is taken back."""
    if not by.is_verified:
        raise EmailNotVerified
    email, now = email.strip().lower(), timezone.now()
    with transaction.atomic():
        if Staff.objects.filter(tenant=tenant, user__email__iexact=email, removed_at=None).exists():
            raise AlreadyStaff
        waiting = Invitation.objects.filter(tenant=tenant, accepted_at=None, revoked_at=None, expires_at__gt=now)
        waiting.filter(email=email).update(revoked_at=now)
        # Counted with those taken back: else one could mail a stranger without end.
        today = Invitation.objects.filter(tenant=tenant, created_at__gt=now - timedelta(days=1))
        if waiting.count() >= OPEN_AT_MOST or today.count() >= A_DAY_AT_MOST:
            raise TooManyInvitations
        # Letters and digits only: mail programs cut a link at a final dash.
        token = secrets.token_hex(24)
        row = Invitation.objects.create(
            tenant=tenant,
            email=email,
            role=Role(role),
            token_hash=fingerprint(token),
            invited_by=by,
            expires_at=now + INVITATION_LASTS,
        )
        audit.record(tenant=tenant, by=by, kind="staff.invited", subject=row, role=row.role)
        notify.tell(
            tenant=tenant,
            to=email,
            kind="staff_invited",
            key=f"invitation:{row.pk}",
            language=get_language() or "ko",
            context={"tenant": tenant.name, "by": str(by), "role": row.role},
            sealed={"token": token},
        )
    return row


def revoke(*, tenant: Tenant, by: User, invitation: Invitation) -> bool:
    """Take an open invitation back; False if it was used or taken back before."""
    with transaction.atomic():
        mine = Invitation.objects.filter(tenant=tenant, pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not mine.update(revoked_at=timezone.now()):
            return False
        audit.record(tenant=tenant, by=by, kind="invitation.revoked", subject=invitation)
    return True


def accept(*, by: User, token: str) -> Staff:
    """Join by an invitation's link. It works once, before its end, for the address it was sent to.

    Whoever holds the token has read that mailbox, so the address counts as verified from here on.
    """
    with outside("the token is what names the tenant"), transaction.atomic():
        row = Invitation.objects.select_related("tenant").filter(token_hash=fingerprint(token)).first()
        if row is None:
            raise InvitationUnusable
        if row.email.lower() != by.email.lower():
            raise InvitationForAnother
        now = timezone.now()
        free = Invitation.objects.filter(pk=row.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
        if not free.update(accepted_at=now, accepted_by=by):
            raise InvitationUnusable
        staff = _join(row, by)
        EmailAddress.objects.update_or_create(user=by, email=by.email.lower(), defaults={"verified": True})
        audit.record(tenant=row.tenant, by=by, kind="invitation.accepted", subject=row, role=staff.role)
    return staff


def _join(invitation: Invitation, user: User) -> Staff:
    staff, fresh = Staff.objects.get_or_create(tenant=invitation.tenant, user=user, defaults={"role": invitation.role})
    if not fresh and staff.removed_at is not None:
        staff.role, staff.removed_at, staff.extra_permissions = invitation.role, None, []
        staff.save(update_fields=["role", "removed_at", "extra_permissions"])
    return staff


def change_role(*, tenant: Tenant, by: User, staff: Staff, role: str) -> Staff:
    """Give another role; the last owner keeps theirs (LastOwner)."""
    with transaction.atomic():
        row = _locked(tenant, staff)
        if row.role == role:
            return row
        if row.role == Role.OWNER:
            _keep_an_owner(tenant, row)
        before, row.role = row.role, Role(role)
        row.save(update_fields=["role"])
        audit.record(tenant=tenant, by=by, kind="staff.role_changed", subject=row, before=before, after=row.role)
    return row


def set_rights(*, tenant: Tenant, by: User, staff: Staff, rights: Iterable[str]) -> Staff:
    """Set the rights a person has on top of the role; only those that may be granted to one person."""
    wanted = sorted(r for r in set(rights) if r in {str(g) for g in GRANTABLE})
    with transaction.atomic():
        row = _locked(tenant, staff)
        if sorted(row.extra_permissions) == wanted:
            return row
        row.extra_permissions = wanted
        row.save(update_fields=["extra_permissions"])
        audit.record(tenant=tenant, by=by, kind="staff.rights_changed", subject=row, rights=wanted)
    return row


def remove(*, tenant: Tenant, by: User, staff: Staff) -> bool:
    """Take a person out; their next request finds the door closed. False if it was done before."""
    with transaction.atomic():
        row = _locked(tenant, staff, gone=True)
        if row.removed_at is not None:
            return False
        if row.role == Role.OWNER:
            _keep_an_owner(tenant, row)
        row.removed_at, row.phone = timezone.now(), ""
        row.save(update_fields=["removed_at", "phone"])
        audit.record(tenant=tenant, by=by, kind="staff.removed", subject=row)
    return True


def _locked(tenant: Tenant, staff: Staff, gone: bool = False) -> Staff:
    # All changes of staff queue up behind the tenant's row: two owners who demote each other at once would else
    # both find an owner left.
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    row = Staff.objects.select_related("user").get(tenant=tenant, pk=staff.pk)
    if row.removed_at is not None and not gone:
        raise NotAllowed
    return row


def _keep_an_owner(tenant: Tenant, leaving: Staff) -> None:
    others = Staff.objects.filter(tenant=tenant, role=Role.OWNER, removed_at=None).exclude(pk=leaving.pk)
    if not others.exists():
        raise LastOwner
