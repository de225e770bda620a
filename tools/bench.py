"""`make bench`: every file under bench/ that has a main(); ARGS names some of them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _environment() -> dict[str, str]:
    """Settings that load, and the local PostgreSQL and Redis unless others are named. Nothing here is a real secret."""
    given = {
        "GONGJI_DOTENV": "0",
        "SECRET_KEY": "bench-only",
        "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "DATABASE_URL": "postgres://postgres@127.0.0.1:5432/gongji",
        "REDIS_URL": "redis://127.0.0.1:6379/10",
    }
    return given | {k: v for k, v in os.environ.items() if v}


def main() -> int:
    os.chdir(ROOT)
    names = sys.argv[1:] or [p.stem for p in sorted((ROOT / "bench").glob("*.py")) if not p.stem.startswith("_")]
    subprocess.run([sys.executable, "tools/translations.py", "compile"], check=True)
    # Whole pages are measured, and they name their static files.
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, env=_environment(), check=True)
    results = {}
    for name in names:
        print(f"\n=== {name}", flush=True)
        results[name] = subprocess.run([sys.executable, "-m", f"bench.{name}"], env=_environment()).returncode
    said = {0: "within its limits", 2: "NOT MEASURED"}  # bench._machine
    print("\n" + "\n".join(f"{name}: {said.get(code, 'FAILED')}" for name, code in results.items()))
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
