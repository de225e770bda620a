"""Figures for operators, read from the database at the moment they are asked for: it holds the truth."""

from datetime import datetime, timedelta

from django.utils import timezone
from kombu.exceptions import KombuError
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from accounts.models import Lease
from accounts.scoping import outside
from config.celery import app
from messaging.enums import BatchState, DispatchState
from messaging.models import Attempt, Batch, Dispatch, ProviderWord
from messaging.services.claiming import is_night

WINDOW = timedelta(minutes=10)
MONTH = timedelta(days=30)
UPKEEP = ("messaging.upkeep", "members.upkeep", "accounts.upkeep")


def text() -> tuple[bytes, str]:
    """All figures in Prometheus' text format, and its content type."""
    registry = CollectorRegistry()
    with outside("figures are of the whole house"):
        for name, words, value in _figures():
            Gauge(f"gongji_{name}", words, registry=registry).set(value)
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _figures() -> list[tuple[str, str, float]]:
    now = timezone.now()
    queued = Batch.objects.filter(state=BatchState.QUEUED, dispatch__state=DispatchState.SENDING)
    if is_night(now):  # ads wait for the day, as they should
        queued = queued.exclude(dispatch__ad=True, night_ok=False)
    unknown = Batch.objects.filter(state=BatchState.UNKNOWN)
    held = Dispatch.objects.filter(state=DispatchState.HELD)
    due = Dispatch.objects.filter(state=DispatchState.SCHEDULED, send_at__lte=now)
    calls = Attempt.objects.filter(started_at__gte=now - WINDOW)
    total = calls.count()
    wrong = calls.exclude(outcome__in=["accepted", ""]).count()
    return [
        ("queue_batches", "Batches that wait to be sent", queued.count()),
        ("queue_age_seconds", "Age of the oldest waiting batch", _age(now, queued, "dispatch__prepared_at")),
        ("due_age_seconds", "How late the latest scheduled dispatch is", _age(now, due, "send_at")),
        ("unknown_batches", "Batches whose fate is not known", unknown.count()),
        ("unknown_age_seconds", "Age of the oldest of them", _age(now, unknown, "attempt_started_at")),
        ("undecided_batches", "Batches that wait for a person's word", unknown.exclude(undecided_at=None).count()),
        ("doubled_batches", "Batches of 30 days that Aligo had taken twice", _doubled(now)),
        ("unknown_words", "Result words of 30 days that nobody knows", _words(now)),
        ("held_dispatches", "Dispatches that wait for a tenant to act", held.count()),
        ("held_age_seconds", "Age of the oldest of them", _age(now, held, "created_at")),
        ("aligo_calls", "Calls to Aligo in ten minutes", total),
        ("aligo_error_rate", "Share of them that went wrong", wrong / total if total else 0),
        ("beat_age_seconds", "Seconds since the watch last ran", beat_age() if beat_age() is not None else -1),  # type: ignore[list-item]
    ]


def _doubled(now: datetime) -> int:
    return Attempt.objects.filter(outcome="doubled", ended_at__gte=now - MONTH).count()


def _words(now: datetime) -> int:
    return ProviderWord.objects.filter(last_at__gte=now - MONTH).count()


def _age(now: datetime, rows: object, field: str) -> float:
    oldest = rows.order_by(field).values_list(field, flat=True).first()  # type: ignore[attr-defined]
    return max((now - oldest).total_seconds(), 0) if oldest else 0


def beat_age() -> float | None:
    """Seconds since the slowest of the watches last finished; None before the first."""
    ran = [at for at in Lease.objects.filter(name__in=UPKEEP).values_list("ran_at", flat=True) if at]
    return round((timezone.now() - min(ran)).total_seconds(), 1) if ran else None


def broker() -> str:
    """ "ok" or "away": one quick look, because the page that asks is itself watched."""
    try:
        with app.connection_for_write(connect_timeout=1) as link:
            link.ensure_connection(max_retries=0)  # a second try would be two seconds later
    except (OSError, KombuError):
        return "away"
    return "ok"
