"""Settings of the test run: neither .env nor the demo's secrets are read, nothing leaves this machine."""

import os

os.environ["GONGJI_DOTENV"] = "0"
os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("ENCRYPTION_KEYS", "3iqtJ33NiXn03gwrYB8l8sQ1ZoflplVz7zbw5Qyjaek=")
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["ALIGO_TIMEOUT"] = "2"
os.environ["EGRESS_IPS"] = "203.0.113.7"
os.environ.pop("STORAGE_URL", None)

from config.settings import *  # noqa: F403
from config.settings import CACHES, STORAGES, VAR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES["default"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    # Workers of one run number their rows alike, and files are named after rows.
    "OPTIONS": {"location": str(VAR / "test-media" / os.environ.get("PYTEST_XDIST_WORKER", "main")), "base_url": None},
}
# Tasks run only where a test runs them: bells that no worker hears are the normal case of this house.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict = {}
# WhiteNoise warns where collectstatic never ran, and here a warning is an error.
STATIC_ROOT = VAR / "test-static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Workers of one run share a Redis, but not each other's rate limits.
CACHES["default"]["KEY_PREFIX"] = "test-" + os.environ.get("PYTEST_XDIST_WORKER", "main")
# pytest-django's live server serves static files only where it finds the app by this name.
INSTALLED_APPS = [a if a != "config.static.OurStaticFiles" else "django.contrib.staticfiles" for a in INSTALLED_APPS]  # noqa: F405
