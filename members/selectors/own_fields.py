"""Reads of a tenant's own columns. How many have a value is counted by walking the roster: for a page that can wait."""

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Tenant
from members.exceptions import FieldNotFound
from members.models import DroppedField, Field, Member


def field(tenant: Tenant, pk: int) -> Field:
    """A field of the tenant, or FieldNotFound."""
    found = Field.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise FieldNotFound
    return found


def dropped_fields(tenant: Tenant) -> QuerySet[DroppedField]:
    """Deleted fields that can be taken back, the last first."""
    return DroppedField.objects.filter(tenant=tenant).order_by("-id")


def value_count(tenant: Tenant, field: Field) -> int:
    """How many living members have a value in it."""
    return Member.objects.filter(tenant=tenant, deleted_at=None, fields__has_key=field.key).count()


def value_counts(tenant: Tenant) -> dict[str, int]:
    """Key → how many living members have a value, of all keys in one walk."""
    each = "jsonb_object_keys(m.fields) AS f(key)" if connection.vendor == "postgresql" else "json_each(m.fields) f"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.key, count(*) FROM members_member m, {each} "
            "WHERE m.tenant_id = %s AND m.deleted_at IS NULL GROUP BY f.key",
            [tenant.pk],
        )
        return dict(cursor.fetchall())
