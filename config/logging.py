"""Log lines as JSON, with ids only: never a phone, a name, a key or a text."""

import json
import logging
import re
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
tenant_id: ContextVar[int | None] = ContextVar("tenant_id", default=None)

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "tenant_id"}
# Safety net, not the rule: the rule is that nobody logs these. Long digit runs and our key prefix are blanked.
_SECRET = re.compile(r"\b01[016789][- ]?\d{3,4}[- ]?\d{4}\b|gj_[A-Za-z0-9]+_[A-Za-z0-9_-]+|\b\d{9,}\b")


def scrub(text: str) -> str:
    return _SECRET.sub("[removed]", text)


class IdsFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        record.tenant_id = tenant_id.get()
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        for key in ("request_id", "tenant_id"):
            if getattr(record, key, None):
                line[key] = getattr(record, key)
        extras = {
            k: v for k, v in vars(record).items() if k not in _STANDARD and isinstance(v, str | int | float | bool)
        }
        line |= {k: scrub(v) if isinstance(v, str) else v for k, v in extras.items()}
        if record.exc_info:
            line["trace"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def scrub_event(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Sentry gets the stack and the ids: bodies, cookies and query strings stay here."""
    request = event.get("request") or {}
    for key in ("data", "cookies", "query_string", "headers", "env"):
        request.pop(key, None)
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = scrub(str(value.get("value", "")))
    return event
