"""Readers of the environment: a bad value stops the start with a sentence that names it."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# The environment wins over .env, .env over what `make run` wrote. Tests read neither file.
if os.environ.get("GONGJI_DOTENV", "1") != "0":
    for path in (BASE_DIR / ".env", BASE_DIR / "var" / "demo.env"):
        if path.is_file():
            env.read_env(str(path), overwrite=False)


def required(name: str, hint: str) -> str:
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def boolean(name: str, default: bool) -> bool:
    raw = env.str(name, default=str(default)).strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither on nor off. Use 1 or 0.")


def integer(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    raw = env.str(name, default=str(default)).strip()
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={value} must lie between {least} and {most}.")
    return value


def number(name: str, default: float, *, least: float = 0) -> float:
    raw = env.str(name, default=str(default)).strip()
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a number of seconds.") from None
    # "nan" and "inf" are floats too, and no comparison would stop the first.
    if not least <= value <= 10**9:
        raise ImproperlyConfigured(f"{name}={raw} must lie between {least} and {10**9}.")
    return value


def words(name: str, default: list[str] | None = None) -> list[str]:
    raw = env.str(name, default="").strip()
    return [w.strip() for w in raw.split(",") if w.strip()] if raw else list(default or [])


def url(name: str, default: str = "", *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    raw = env.str(name, default=default).strip().rstrip("/")
    if not raw:
        return ""
    begins = " or ".join(f"{scheme}://" for scheme in schemes)
    parts = _split(name, raw)
    # What it holds is not printed: a broker's address carries a password.
    if parts.scheme not in schemes or not (parts.hostname or (parts.scheme in _LOCAL and parts.path)):
        raise ImproperlyConfigured(f"{name} is not an address that begins with {begins}.")
    return raw


_LOCAL = {"unix", "file"}  # schemes whose addresses need no host
BROKERS = ("redis", "rediss", "unix", "redis+socket", "sentinel", "amqp", "amqps", "sqs")


def broker(name: str, default: str) -> str:
    """Where the bells are rung: any address Celery knows, or a folder under var/."""
    raw = env.str(name, default=default).strip() or default
    if raw.split(":")[0] == "filesystem":
        return raw
    if raw.split(":")[0] in {"memory", "sqs", "redis+socket", "sentinel"}:
        return raw
    return redis_number(name, url(name, default, schemes=BROKERS))


def redis_number(name: str, address: str) -> str:
    """The address, whose path (if it is Redis') is a database's number."""
    parts = urlsplit(address)
    if parts.scheme in {"redis", "rediss"} and not (parts.path.strip("/") or "0").isdigit():
        raise ImproperlyConfigured(f"{name} must end with a database's number, as in redis://host:6379/0.")
    return address


def _split(name: str, raw: str) -> SplitResult:
    """urlsplit, with a sentence for a host or a port that cannot be."""
    try:
        parts = urlsplit(raw)
        _port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not understood: {error}.") from None
    return parts


def origins(name: str, default: list[str]) -> list[str]:
    """Addresses with their scheme, as browsers name an origin."""
    found = words(name, default)
    for word in found:
        parts = _split(name, word)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ImproperlyConfigured(f"{name} holds {word!r}, which does not begin with http:// or https://.")
    return found


def hosts(name: str, default: list[str]) -> list[str]:
    """Bare host names; a scheme or a path in one of them would match no request at all."""
    found = words(name, default)
    for word in found:
        if "/" in word or " " in word:
            raise ImproperlyConfigured(f"{name} holds {word!r}, which is no bare host name such as shop.example.com.")
    return found


def addresses(name: str) -> list[str]:
    """IP addresses, as they are shown to people."""
    networks(name)
    return words(name)


def sentry(name: str) -> str:
    """A DSN that Sentry's client takes, or nothing."""
    dsn = env.str(name, default="").strip()
    if dsn:
        from sentry_sdk.utils import BadDsn, Dsn

        try:
            Dsn(dsn)
        except BadDsn as error:
            raise ImproperlyConfigured(f"{name} is no Sentry DSN: {error}.") from None
    return dsn


def database(name: str, default: str) -> dict:
    """Django's settings of a PostgreSQL or SQLite database."""
    try:
        found = env.db_url(name, default=default)
    except Exception as error:
        raise ImproperlyConfigured(_DATABASE_HINT.format(name=name)) from error
    if found.get("ENGINE") and not found["ENGINE"].endswith(("sqlite3", "postgresql")):
        raise ImproperlyConfigured(f"{name} must name PostgreSQL (postgres://…) or SQLite (sqlite:///…).")
    if not found.get("ENGINE") or not found.get("NAME"):
        raise ImproperlyConfigured(_DATABASE_HINT.format(name=name))
    return found


_DATABASE_HINT = "{name} is not understood. Example: postgres://user:password@host:5432/gongji"


def networks(name: str, default: list[str] | None = None) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    out = []
    for word in words(name, default):
        try:
            out.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise ImproperlyConfigured(f"{name} holds {word!r}, which is no IP address or network.") from None
    return out


def fernet_keys(name: str) -> list[str]:
    from cryptography.fernet import Fernet

    keys = [k.strip() for k in required(name, _KEYS_HINT).split(",") if k.strip()]
    if not keys:
        raise ImproperlyConfigured(f"{name} holds no key. {_KEYS_HINT}")
    for index, key in enumerate(keys, 1):
        try:
            Fernet(key.encode())
        except ValueError:
            # The key itself must not be printed: this sentence ends up in logs.
            raise ImproperlyConfigured(f"{name}: key number {index} is not a Fernet key. {_KEYS_HINT}") from None
    return keys


_KEYS_HINT = (
    "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' "
    "and keep it safe: without it, stored Aligo keys cannot be read."
)


def storage(address: str, default: Path) -> dict:
    """Where private files lie: a folder, or `s3://key:secret@endpoint/bucket?region=…` through django-storages."""
    if not address:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(default), "base_url": None, "file_permissions_mode": 0o600},
        }
    parts = _split("STORAGE_URL", address)
    if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
        return storage("", Path(unquote(parts.path)))
    if parts.scheme not in {"s3", "s3+http"} or not parts.hostname or not parts.path.strip("/"):
        raise ImproperlyConfigured("STORAGE_URL must look like s3://KEY:SECRET@endpoint/bucket or file:///folder.")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    options = {
        "bucket_name": parts.path.strip("/"),
        # Keys of S3 hold slashes and pluses, which an address can only carry escaped.
        "access_key": parts.username and unquote(parts.username),
        "secret_key": parts.password and unquote(parts.password),
        "default_acl": "private",
        "querystring_auth": True,
        "file_overwrite": False,
    }
    if region := parse_qs(parts.query).get("region"):
        options["region_name"] = region[0]
    if parts.hostname != "s3.amazonaws.com":
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        options["endpoint_url"] = f"{scheme}://{host}"
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def email(address: str, folder: Path) -> dict:
    """Django's EMAIL_* settings; `file:` writes to var/mail, which `make run` shows on a page."""
    if address.startswith("file"):
        folder.mkdir(parents=True, exist_ok=True)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(folder),
        }
    try:
        config = environ.Env.email_url_config(address)
    except Exception as error:
        raise ImproperlyConfigured(
            "EMAIL_URL is not understood. Example: smtp+tls://user:password@mail.example.com:587"
        ) from error
    names = {"EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"}
    names |= {"EMAIL_USE_TLS", "EMAIL_USE_SSL"}
    return {k: v for k, v in config.items() if k in names} | {"EMAIL_TIMEOUT": 10}


def queues(names: list[str]) -> list:
    from kombu import Exchange, Queue

    return [Queue(name, Exchange(name, type="direct"), routing_key=name) for name in names]


def clock_offset(testing: bool) -> float:
    offset = number("CLOCK_OFFSET", 0, least=-(10**9))
    if offset and not (testing or os.environ.get("GONGJI_CHAOS") == "1"):
        raise ImproperlyConfigured("CLOCK_OFFSET is for tests only. Remove it.")
    return offset


def die_at(testing: bool) -> dict[str, tuple[float, str]]:
    """Where a process of a chaos run dies or freezes: `deliver.calling:0.5,deliver.claimed:0.1:pause`."""
    raw = words("DIE_AT")
    if raw and not (testing or os.environ.get("GONGJI_CHAOS") == "1"):
        raise ImproperlyConfigured("DIE_AT is for tests only. Remove it.")
    try:
        return dict(_point(*word.split(":")) for word in raw)
    except (TypeError, ValueError):
        raise ImproperlyConfigured("DIE_AT must look like deliver.calling:0.5,deliver.claimed:0.1:pause.") from None


def _point(name: str, chance: str, how: str = "die") -> tuple[str, tuple[float, str]]:
    if how not in {"die", "pause"}:
        raise ValueError(how)
    return name, (float(chance), how)
