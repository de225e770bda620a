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


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for METRICS_ALLOW only; a stranger finds no such page."""
    address = ipaddress.ip_address(request.META["REMOTE_ADDR"])
    if not any(address in network for network in settings.METRICS_ALLOW):
        raise Http404
    text, content_type = figures.text()
    return HttpResponse(text, content_type=content_type)
