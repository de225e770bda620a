"""`make check`: lint, format, types, missing migrations, missing translations, deploy checks."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PY = sys.executable
# The deploy checks look at a production-like environment: https, long secrets. Nothing here is a real secret.
DEPLOY = {
    "GONGJI_DOTENV": "0",
    "SECRET_KEY": "check-only-" + "x7Kq9vR2mZp4Lw8N" * 4,
    "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "SITE_URL": "https://gongji.example.com",
    "ALLOWED_HOSTS": "gongji.example.com",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "EMAIL_URL": "consolemail://",
}
STEPS = [
    ("lint", [PY, "-m", "ruff", "check", "."]),
    ("format", [PY, "-m", "ruff", "format", "--check", "."]),
    ("types", [PY, "-m", "mypy"]),
    ("migrations", [PY, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("translations", [PY, "tools/translations.py", "check"]),
    ("deploy", [PY, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
]


def main() -> int:
    os.chdir(ROOT)
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "DEBUG"}} | DEPLOY
    failed = []
    for name, command in STEPS:
        print(f"--- {name}", flush=True)
        if subprocess.run(command, env=env).returncode:
            failed.append(name)
    print(f"check: {'failed: ' + ', '.join(failed) if failed else 'all good'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
