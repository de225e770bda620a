"""All settings. What may differ between machines comes from the environment (see .env.example)."""

import sys
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env as read
from config.queues import ALL as QUEUES
from config.queues import UPKEEP

BASE_DIR = read.BASE_DIR
VAR = BASE_DIR / "var"
VAR.mkdir(exist_ok=True)

# --- Secrets and addresses ------------------------------------------------------------------------------------------
SECRET_KEY = read.required("SECRET_KEY", "Any long random text; `make run` makes one for you.")
ENCRYPTION_KEYS = read.fernet_keys("ENCRYPTION_KEYS")
DEBUG = read.boolean("DEBUG", False)
SITE_URL = read.url("SITE_URL", "http://localhost:8000")
_site = urlsplit(SITE_URL)
SECURE_SITE = _site.scheme == "https"
ALLOWED_HOSTS = read.hosts("ALLOWED_HOSTS", [_site.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = read.origins("CSRF_TRUSTED_ORIGINS", [f"{_site.scheme}://{_site.netloc}"])
TRUSTED_PROXIES = read.networks("TRUSTED_PROXIES")
METRICS_ALLOW = read.networks("METRICS_ALLOW", ["127.0.0.1", "::1"])
SENTRY_DSN = read.sentry("SENTRY_DSN")

# --- Aligo and the pipeline -----------------------------------------------------------------------------------------
ALIGO_BASE_URL = read.url("ALIGO_BASE_URL", "https://apis.aligo.in")
ALIGO_SANDBOX_URL = read.url("ALIGO_SANDBOX_URL", "http://127.0.0.1:8001")
ALIGO_TIMEOUT = read.number("ALIGO_TIMEOUT", 30, least=0.1)
EGRESS_IPS = read.addresses("EGRESS_IPS")
RECONCILE_AFTER = read.number("RECONCILE_AFTER", 600)
RESULT_POLL_SECONDS = read.number("RESULT_POLL_SECONDS", 60, least=0.05)
UPKEEP_SECONDS = read.number("UPKEEP_SECONDS", 10, least=0.1)

# --- Apps -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.static.OurStaticFiles",
    "django.forms",
    "csp",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ui",
    "accounts",
    "members",
    "messaging",
    "home",
]
MIDDLEWARE = [
    "accounts.middleware.RequestIdMiddleware",
    "accounts.middleware.ProbeMiddleware",
    "accounts.middleware.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.TenantMiddleware",
    "accounts.middleware.FacingMiddleware",
    "home.middleware.MethodMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "home.context.shell",
            ],
            "builtins": ["ui.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -----------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_db = read.database("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}")
if _db["ENGINE"].endswith("sqlite3"):
    # WAL lets pages read while a worker writes; IMMEDIATE takes the write lock at BEGIN, so that a
    # transaction that reads first can't fail halfway with "database is locked".
    _db["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
    }
else:
    _db |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # Our queries are many and short: starting parallel workers or the JIT compiler costs them more than it saves.
    # Distinct phones of a hundred thousand members fit into 16 MB, not into the usual 4.
    _tuned = "-c jit=off -c max_parallel_workers_per_gather=0 -c work_mem=16MB"
    _db.setdefault("OPTIONS", {}).update({"connect_timeout": 5, "application_name": "gongji", "options": _tuned})
DATABASES = {"default": _db}
# An index may carry columns that only PostgreSQL makes use of; SQLite makes it without them.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

REDIS_URL = read.redis_number("REDIS_URL", read.url("REDIS_URL", schemes=("redis", "rediss", "unix")))
CACHES = {
    "default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "gongji"}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a cache that is emptied must not sign everybody out

# --- Files ----------------------------------------------------------------------------------------------------------
NODE_MODULES = BASE_DIR / "node_modules"
_pretendard = NODE_MODULES / "pretendard" / "dist" / "web" / "variable"
HAS_FONT = _pretendard.is_dir()  # without npm the product still runs, on system fonts
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# Reads QR codes on tablets for check-in; where npm could not install it, a tablet takes digits and scanners only.
_jsqr = BASE_DIR / "node_modules" / "jsqr" / "dist"
HAS_JSQR = (_jsqr / "jsQR.js").exists()
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *([("vendor/pretendard", _pretendard)] if HAS_FONT else []),
    *([("vendor/jsqr", _jsqr)] if HAS_JSQR else []),
]
STORAGE_URL = read.env.str("STORAGE_URL", default="")
STORAGES = {
    "default": read.storage(STORAGE_URL, VAR / "media"),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 60 if DEBUG else 31536000
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "map")
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_MAX_BYTES + 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.Unlike"},
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 8}},
    {"NAME": "accounts.passwords.Uncommon"},
    {"NAME": "accounts.passwords.NotNumeric"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:start"
LOGOUT_REDIRECT_URL = "home:landing"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "home.forms.SignupForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "accounts.sign_in_forms.SetPasswordForm",
    "reset_password_from_key": "accounts.sign_in_forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[공지] "
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Gongji"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
USERSESSIONS_TRACK_ACTIVITY = False  # a write on every request is not worth a "last seen" column

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Seoul"
LANGUAGE_COOKIE_NAME = "language"

# --- Safety ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
CSRF_FAILURE_VIEW = "home.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_SSL_REDIRECT = SECURE_SITE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes speak plain http inside the cluster
SECURE_HSTS_SECONDS = 31536000 if SECURE_SITE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SITE
if not SECURE_SITE:
    # SITE_URL says http: these warnings ask for what only https can give.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

# --- Mail -----------------------------------------------------------------------------------------------------------
EMAIL_URL = read.env.str("EMAIL_URL", default="consolemail://")
vars().update(read.email(EMAIL_URL, VAR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read.env.str("EMAIL_FROM", default=f"공지 <no-reply@{_site.hostname}>")

# --- REST -----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api_auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api_auth.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "accounts.api_lists.Pagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.api_errors.handle",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api_auth.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": "6000/min"},
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gongji API",
    "VERSION": "1",
    "DESCRIPTION": "Members, imports, groups and texts of one tenant. The key names the tenant.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DispatchState": "messaging.enums.DispatchState",
        "MessageState": "messaging.api_shapes.STATES",
        "ImportState": "members.api_imports.STATES",
        "ImportMode": "members.enums.ImportMode",
        "AccountMode": "messaging.enums.AccountMode",
        "ConsentKind": "members.enums.ConsentKind",
        "Stage": "members.enums.Stage",
        "FieldKind": "members.enums.FieldKind",
        "NoteKind": "members.enums.NoteKind",
        "PassKind": "members.enums.PassKind",
        "RefundRule": "members.enums.RefundRule",
        "PassEntryKind": "members.enums.PassEntryKind",
        "DueEntryKind": "members.enums.DueEntryKind",
    },
}

# --- Celery ---------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = read.broker("CELERY_BROKER_URL", REDIS_URL or "filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    _broker = VAR / "broker"
    for _name in ("in", "control"):
        (_broker / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "in"),
        "data_folder_out": str(_broker / "in"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.2,
    }
else:
    # A dead Redis must not hold a request: ring() gives up within a second and the watch finds the row.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        # Even a bell that is not to be retried would try to connect for six seconds (2 s and 4 s apart).
        "max_retries": 0,
        "visibility_timeout": 600,
        # In turn: with a strict order a long dispatch would starve imports where one worker serves all queues.
        "queue_order_strategy": "round_robin",
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TASK_QUEUES = read.queues(QUEUES)
CELERY_TASK_DEFAULT_QUEUE = UPKEEP
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"  # the work waits for Aligo and the database, not for the CPU
CELERY_WORKER_CONCURRENCY = read.integer("WORKER_THREADS", 16, least=1, most=64)
# Celery would close the thread's connection after each task: our own tasks give back only what is stale or broken.
CELERY_DB_REUSE_MAX = 10**9
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: beat writes no file, two beats do no harm
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "messaging.upkeep": {"task": "messaging.upkeep", "schedule": UPKEEP_SECONDS, "options": {"queue": UPKEEP}},
    "members.upkeep": {"task": "members.upkeep", "schedule": max(UPKEEP_SECONDS, 10), "options": {"queue": UPKEEP}},
    "accounts.upkeep": {"task": "accounts.upkeep", "schedule": max(UPKEEP_SECONDS, 10), "options": {"queue": UPKEEP}},
}

# --- Logs: one JSON object a line, ids only ---------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": "config.logging.IdsFilter"}},
    "formatters": {"json": {"()": "config.logging.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["ids"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "celery": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "urllib3": {"level": "ERROR"},
        "kombu": {"level": "WARNING"},
    },
}
TESTING = "pytest" in sys.modules
# Seconds added to the clock of a process, so that chaos tests can age things. Refused outside tests.
CLOCK_OFFSET = read.clock_offset(TESTING)
# Named points (messaging/points.py) at which processes of a chaos run die or freeze. Refused outside tests too.
DIE_AT = read.die_at(TESTING)

if SENTRY_DSN:
    import sentry_sdk

    from config.logging import scrub_event

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, include_local_variables=False, before_send=scrub_event)  # type: ignore[arg-type]

# Names shown to people; a lazy import keeps gettext out of the readers above.
PRODUCT_NAME = _("공지")
