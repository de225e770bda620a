"""A bad value of the environment stops the start with a sentence that names it; good ones are read as meant."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env as read

READERS: dict[str, Callable[[], Any]] = {
    "SECRET_KEY": lambda: read.required("SECRET_KEY", ""),
    "ENCRYPTION_KEYS": lambda: read.fernet_keys("ENCRYPTION_KEYS"),
    "DEBUG": lambda: read.boolean("DEBUG", False),
    "SITE_URL": lambda: read.url("SITE_URL", "http://localhost:8000"),
    "ALLOWED_HOSTS": lambda: read.hosts("ALLOWED_HOSTS", []),
    "CSRF_TRUSTED_ORIGINS": lambda: read.origins("CSRF_TRUSTED_ORIGINS", []),
    "TRUSTED_PROXIES": lambda: read.networks("TRUSTED_PROXIES"),
    "DATABASE_URL": lambda: read.database("DATABASE_URL", "sqlite:///x.sqlite3"),
    "REDIS_URL": lambda: read.redis_number("REDIS_URL", read.url("REDIS_URL", schemes=("redis", "rediss", "unix"))),
    "CELERY_BROKER_URL": lambda: read.broker("CELERY_BROKER_URL", "filesystem://"),
    "STORAGE_URL": lambda: read.storage(read.env.str("STORAGE_URL"), Path("media")),
    "ALIGO_TIMEOUT": lambda: read.number("ALIGO_TIMEOUT", 30, least=0.1),
    "WORKER_THREADS": lambda: read.integer("WORKER_THREADS", 16, least=1, most=64),
    "EGRESS_IPS": lambda: read.addresses("EGRESS_IPS"),
    "SENTRY_DSN": lambda: read.sentry("SENTRY_DSN"),
    "EMAIL_URL": lambda: read.email(read.env.str("EMAIL_URL"), Path("mail")),
}
BAD = [
    ("SECRET_KEY", ""), ("ENCRYPTION_KEYS", ","), ("ENCRYPTION_KEYS", "abc"), ("DEBUG", "maybe"), ("SITE_URL", "x"),
    ("SITE_URL", "http:foo"), ("SITE_URL", "http://x:abc"), ("SITE_URL", "http://[::1"), ("SITE_URL", "https://"),
    ("ALLOWED_HOSTS", "http://foo"), ("CSRF_TRUSTED_ORIGINS", "foo.com"), ("TRUSTED_PROXIES", "300.1.1.1"),
    ("DATABASE_URL", "foo"), ("DATABASE_URL", "mysql://a/b"), ("DATABASE_URL", "postgres://"),
    ("REDIS_URL", "http://x"), ("REDIS_URL", "redis://h:x/0"), ("REDIS_URL", "redis://h:1/abc"),
    ("CELERY_BROKER_URL", "foo"), ("CELERY_BROKER_URL", "bogus://x"), ("STORAGE_URL", "foo"),
    ("STORAGE_URL", "s3://bucket"), ("STORAGE_URL", "file://"), ("STORAGE_URL", "s3://a:b@h:x/c"),
    ("ALIGO_TIMEOUT", "nan"), ("ALIGO_TIMEOUT", "inf"), ("ALIGO_TIMEOUT", "0"), ("ALIGO_TIMEOUT", "x"),
    ("WORKER_THREADS", "0"), ("EGRESS_IPS", "abc"), ("SENTRY_DSN", "foo"), ("EMAIL_URL", "bogus://x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_readers_bad_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=name):
        READERS[name]()


def test_url_does_not_print_what_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "bogus://user:hunter2@host")

    with pytest.raises(ImproperlyConfigured) as refused:
        READERS["CELERY_BROKER_URL"]()

    assert "hunter2" not in str(refused.value)


def test_storage_reads_escaped_keys_and_region() -> None:
    options = read.storage("s3://key:a%2Fb%2Bc@minio:9000/bucket?region=ap-northeast-2", Path("media"))["OPTIONS"]

    assert options["secret_key"] == "a/b+c"
    assert options["region_name"] == "ap-northeast-2"
    assert options["endpoint_url"] == "https://minio:9000"


@pytest.mark.parametrize("value", ["redis://:p@h:6379/11", "filesystem://", "amqp://u:p@h//", ""])
def test_broker_takes_what_celery_knows(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", value)

    assert READERS["CELERY_BROKER_URL"]().rstrip("/") == (value or "filesystem://").rstrip("/")
