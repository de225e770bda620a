"""What a person sets for themselves: name, language, help, and the terms they agreed to."""

from django.db import transaction

from accounts import audit
from accounts.models import Staff, TermsAgreement, User
from accounts.selectors import current_terms


def change(*, by: User, name: str | None = None, language: str | None = None) -> User:
    """Change one's own name or language."""
    values = {k: v for k, v in {"name": name, "language": language}.items() if v is not None}
    changed = [k for k, v in values.items() if getattr(by, k) != v]
    if changed:
        with transaction.atomic():
            for field in changed:
                setattr(by, field, values[field])
            by.save(update_fields=changed)
            audit.record(tenant=None, by=by, kind="profile.changed", subject=by, fields=changed)
    return by


def set_phone(*, staff: Staff, phone: str) -> Staff:
    """One's own number at this tenant, as digits, so that texts can be sent without it; "" takes it away."""
    if staff.phone != phone:
        with transaction.atomic():
            staff.phone = phone
            staff.save(update_fields=["phone"])
            audit.record(tenant=staff.tenant, by=staff.user, kind="profile.changed", subject=staff, fields=["phone"])
    return staff


def set_help(*, staff: Staff, on: bool | None) -> Staff:
    """Help on or off for oneself; None follows the tenant again."""
    staff.help_on = on
    staff.save(update_fields=["help_on"])
    return staff


def hide_help(*, staff: Staff, key: str) -> Staff:
    """Close one help block for oneself; closing it twice is closing it once."""
    with transaction.atomic():
        row = Staff.objects.select_for_update().get(pk=staff.pk)
        if key not in row.help_hidden:
            row.help_hidden = [*row.help_hidden, key][-200:]
            row.save(update_fields=["help_hidden"])
    staff.help_hidden = row.help_hidden
    return staff


def restore_help(*, staff: Staff) -> Staff:
    """Show every closed block again."""
    staff.help_hidden = []
    staff.save(update_fields=["help_hidden"])
    return staff


def agree(*, by: User, ip: str | None) -> list[TermsAgreement]:
    """Record that a person agreed to the terms and the privacy policy in force, by their versions."""
    rows = [TermsAgreement(user=by, version=version, ip=ip) for version in current_terms().values()]
    return TermsAgreement.objects.bulk_create(rows, ignore_conflicts=True)
