"""For machines: is the process up, can it work, how is it doing."""

import ipaddress

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from accounts.permissions import public
from home import metrics as figures


@public
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Database and migrations decide; broker and beat are told, because pages work without them."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "away"}, status=503)
    body = {
        "ready": not behind,
        "database": "ok",
        "migrations_missing": behind,
        "broker": figures.broker(),
        "beat_age_seconds": figures.beat_age(),
    }
    return JsonResponse(body, status=503 if behind else 200)


def _allowed(raw: str) -> bool:
    """A server behind a socket of the file system knows no address; one that listens on both kinds maps the old."""
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.METRICS_ALLOW)


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for METRICS_ALLOW only; a stranger finds no such page."""
    if not _allowed(request.META.get("REMOTE_ADDR", "")):
        raise Http404
    text, content_type = figures.text()
    return HttpResponse(text, content_type=content_type)
