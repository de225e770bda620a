"""A list page costs the same queries for one row and for fifty."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts import audit
from accounts.models import Export, Staff, Tag, Tenant, Upload
from members.models import BulkEdit, Contact, DroppedField, Field, Import, Member, MemberTag, Merge
from members.services import attendance, due_plans, pass_types
from messaging.models import AligoAccount, Batch, Dispatch, Excluded, Message, OptOut, Template
from tests import factories

# Queries of a page, shell included. The issue asks for 15 at most on the roster.
MOST = 20


def people(tenant: Tenant, staff: Staff, n: int) -> None:
    group = factories.make_group(tenant)
    for _ in range(n):
        factories.make_member(tenant, "김민준", "", group)


def trashed(tenant: Tenant, staff: Staff, n: int) -> None:
    people(tenant, staff, n)
    Member.objects.update(deleted_at=timezone.now())


def twins(tenant: Tenant, staff: Staff, n: int) -> None:
    for number in range(n):
        phone = f"0101234{number:04}"
        kept, gone, *_others = (factories.make_member(tenant, f"김민준{number}", phone) for _ in range(4))
        Merge.objects.create(tenant=tenant, kept=kept, gone=gone, by=staff.user)


def edits(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        member = factories.make_member(tenant, "김민준", "")
        left = {"count": 1, "rows": [[member.pk, ["memo"]]]}
        BulkEdit.objects.create(tenant=tenant, by=staff.user, count=1, changed=1, state="undone", left=left)


def groups(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        factories.make_group(tenant)


def dispatches(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        dispatch = Dispatch.objects.create(
            tenant=tenant, text="안녕하세요", sender="0237890123", state="finished", total=1, by=staff.user
        )
        batch = Batch.objects.create(
            tenant=tenant, dispatch=dispatch, number=1, type="SMS", sender="0237890123", size=1, state="done",
            receivers_hash="0", delivered_count=1,
        )  # fmt: skip
        Message.objects.create(tenant=tenant, dispatch=dispatch, batch=batch, phone="01011112222", state="delivered")
        Excluded.objects.create(tenant=tenant, dispatch=dispatch, phone="1", reason="bad_number")


def practised(tenant: Tenant, staff: Staff, n: int) -> None:
    dispatches(tenant, staff, n)
    for batch in Batch.objects.all():
        account = f"sandbox-{tenant.pk}"
        Batch.objects.filter(pk=batch.pk).update(account=account, provider_id=batch.pk, accepted_at=timezone.now())
        Message.objects.filter(batch=batch).update(phone=f"0101234{batch.pk:04d}")


def optouts(tenant: Tenant, staff: Staff, n: int) -> None:
    for i in range(n, 2 * n):
        OptOut.objects.create(tenant=tenant, phone=f"0101234{i:04d}", at=timezone.now(), by=staff.user)


def own_columns(tenant: Tenant, staff: Staff, n: int) -> None:
    for i in range(n):
        Field.objects.create(tenant=tenant, name=f"항목{n}-{i}")
        DroppedField.objects.create(tenant=tenant, key=f"x{n}-{i}", name=f"지운{n}-{i}", kind="text")


def senders(tenant: Tenant, staff: Staff, n: int) -> None:
    for i in range(n, 2 * n):
        factories.make_sender(tenant, f"0237{i:06d}", is_default=False)


def staff_rows(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        factories.make_staff(tenant, "viewer")


def keys(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        factories.make_key(tenant)


def trail(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        audit.record(tenant=tenant, by=staff.user, kind="member.created", subject="member:1")


def exports(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        Export.objects.create(tenant=tenant, kind="members", format="csv", reason="점검", by=staff.user)


def imports(tenant: Tenant, staff: Staff, n: int) -> None:
    for i in range(n):
        upload = Upload.objects.create(
            tenant=tenant, path=f"p{timezone.now().timestamp()}{i}", name="명단.xlsx", kind="xlsx", size=1, sha256="0"
        )
        Import.objects.create(tenant=tenant, upload=upload, state="finished", by=staff.user)


def kept_texts(tenant: Tenant, staff: Staff, n: int) -> None:
    for i in range(n, 2 * n):
        Template.objects.create(tenant=tenant, name=f"문구 {i}", text="안녕하세요", by=staff.user)


def ledgers(tenant: Tenant, staff: Staff, n: int) -> None:
    """Members with a pass, a visit today and a late due."""
    for _ in range(n):
        member = factories.make_member(tenant)
        factories.make_pass(tenant, member)
        factories.make_due(tenant, member)
        attendance.check_in(tenant=tenant, by=staff.user, member=member, way="staff", key=f"c{member.pk}")


def sold(tenant: Tenant, staff: Staff, n: int) -> None:
    group = factories.make_group(tenant)
    for i in range(n, 2 * n):
        pass_types.create(tenant=tenant, by=None, name=f"이용권{i}", months=1)
        due_plans.create(tenant=tenant, by=None, group=group, name=f"회비{i}", amount_won=1_000)


def standing(tenant: Tenant, staff: Staff, n: int) -> None:
    for _ in range(n):
        member = factories.make_member(tenant, "김민준", "", stage="inquiry", dead_at=timezone.now())
        tag = Tag.objects.create(tenant=tenant, name=f"태그{member.pk}")
        MemberTag.objects.create(tenant=tenant, member=member, tag=tag)
        Contact.objects.create(tenant=tenant, member=member, role="mother", phone="01011112222")


PAGES: list[tuple[str, Callable[..., None]]] = [
    ("/t/hanbit/", dispatches),
    ("/t/hanbit/members/", people),
    ("/t/hanbit/members/trash/", trashed),
    ("/t/hanbit/members/likely/", twins),
    ("/t/hanbit/members/edits/", edits),
    ("/t/hanbit/members/prospects/", standing),
    ("/t/hanbit/members/numbers/", standing),
    ("/t/hanbit/members/tags/", standing),
    ("/api/v1/tags", standing),
    ("/t/hanbit/members/groups/", groups),
    ("/t/hanbit/members/fields/", own_columns),
    ("/t/hanbit/members/imports/", imports),
    ("/t/hanbit/members/visits/", ledgers),
    ("/t/hanbit/members/dues/", ledgers),
    ("/t/hanbit/members/dues/unpaid/", ledgers),
    ("/t/hanbit/members/passes/types/", sold),
    ("/t/hanbit/members/dues/plans/", sold),
    ("/t/hanbit/messages/", dispatches),
    ("/t/hanbit/messages/new/", groups),
    ("/t/hanbit/messages/search/", dispatches),
    ("/t/hanbit/messages/templates/", kept_texts),
    ("/t/hanbit/messages/new/templates/", kept_texts),
    ("/t/hanbit/messages/practice/", practised),
    ("/t/hanbit/messages/opt-outs/", optouts),
    ("/t/hanbit/messages/senders/", senders),
    ("/t/hanbit/settings/staff/", staff_rows),
    ("/t/hanbit/settings/keys/", keys),
    ("/t/hanbit/settings/audit/", trail),
    ("/t/hanbit/settings/exports/", exports),
    ("/api/v1/members", people),
    ("/api/v1/groups", groups),
    ("/api/v1/passes", ledgers),
    ("/api/v1/visits", ledgers),
    ("/api/v1/dues", ledgers),
    ("/api/v1/pass-types", sold),
    ("/api/v1/due-plans", sold),
    ("/api/v1/fields", own_columns),
    ("/api/v1/dispatches", dispatches),
    ("/api/v1/opt-outs", optouts),
    ("/api/v1/senders", senders),
    ("/api/v1/templates", kept_texts),
]


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return len(seen)


@pytest.mark.parametrize(("path", "fill"), PAGES, ids=[p for p, _ in PAGES])
def test_list_costs_the_same_for_one_row_and_fifty(
    path: str, fill: Callable[..., None], tenant: Tenant, owner: Staff, as_owner: Client, api: Client
) -> None:
    client: Any = api if path.startswith("/api") else as_owner
    with scope(tenant=tenant):
        AligoAccount.objects.create(tenant=tenant, user_id="sandbox-1", mode="sandbox", api_key="k" * 32)
        fill(tenant, owner, 1)
    queries(client, path)  # what is written once (a key's last use, a session) is written now
    cache.clear()
    few = queries(client, path)

    with scope(tenant=tenant):
        fill(tenant, owner, 49)
    cache.clear()
    many = queries(client, path)

    assert many <= few
    assert many <= MOST
