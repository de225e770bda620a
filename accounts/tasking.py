"""The base of tasks that work for one tenant, and the lease of those that must not run twice at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from celery import Task
from django.db import IntegrityError, close_old_connections, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Lease, Tenant
from config.logging import request_id, tenant_id


class OurTask(Task):  # type: ignore[type-arg]
    """Carries the request's id into the worker's log lines and gives the thread's stale connections back."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        header = (getattr(self.request, "headers", None) or {}).get("request_id") or self.request.id or ""
        token, outer = request_id.set(header), tenant_id.set(None)
        close_old_connections()
        try:
            return self.work(*args, **kwargs)
        finally:
            # After whatever asked the database: a thread whose connection broke would fail with it ever after.
            close_old_connections()
            request_id.reset(token)
            tenant_id.reset(outer)

    def work(self, *args: Any, **kwargs: Any) -> Any:
        """The task's function."""
        return super().__call__(*args, **kwargs)


class TenantTask(OurTask):
    """First argument: a tenant's id. The task's function gets the Tenant and runs inside its scope."""

    def work(self, tenant: int, *args: Any, **kwargs: Any) -> Any:
        row = Tenant.objects.filter(pk=tenant).first()
        if row is None:
            return None
        with scope(tenant=row):
            tenant_id.set(row.pk)
            return super().work(row, *args, **kwargs)


@contextmanager
def lease(name: str, seconds: float) -> Iterator[bool]:
    """Yield True to one holder at a time. Lost leases end by themselves after `seconds`."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    taken = bool(Lease.objects.filter(name=name, until__lte=now).update(until=until))
    if not taken and not Lease.objects.filter(name=name).exists():
        try:
            with transaction.atomic():
                Lease.objects.create(name=name, until=until)
            taken = True
        except IntegrityError:  # a second beat was faster
            taken = False
    try:
        yield taken
    finally:
        if taken:
            Lease.objects.filter(name=name, until=until).update(until=now, ran_at=timezone.now())
