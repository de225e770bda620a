"""`make test`: the suite on whatever DATABASE_URL and REDIS_URL say; embedded defaults without them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STORM = "tests/chaos/test_full.py"


def main() -> int:
    os.chdir(ROOT)
    (ROOT / "var").mkdir(exist_ok=True)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "GONGJI_DOTENV": "0"}
    subprocess.run([sys.executable, "tools/translations.py", "compile"], check=True)
    chromium = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    print(
        f"database: {env.get('DATABASE_URL', 'SQLite').split('://')[0]}, "
        f"redis: {'yes' if env.get('REDIS_URL') else 'no'}"
    )
    print(f"browser tests: {'with ' + chromium if chromium else 'SKIPPED, no Chromium found on PATH'}", flush=True)
    if not sys.argv[1:]:
        _storm(env)
    workers = os.environ.get("TEST_WORKERS") or str(min(os.cpu_count() or 1, 4))
    # In the order of tests/conftest.py: xdist would begin with the longest files.
    order = ["--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, *order, *sys.argv[1:]]
    return subprocess.run(command, env=env).returncode


def _storm(env: dict[str, str]) -> None:
    """The full chaos run, before the suite and with the machine to itself: it fills both cores and keeps time.

    Its test in the suite only repeats what came of it, so that the last summary tells the whole.
    """
    if not (env.get("DATABASE_URL") and env.get("REDIS_URL")):
        print("chaos run: SKIPPED, it needs DATABASE_URL and REDIS_URL; its short form is in the suite", flush=True)
        return
    print("chaos run, before the suite:", flush=True)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", STORM], env=env)
    env["CHAOS_RAN"] = "failed" if done.returncode else "passed"
    print("the suite:", flush=True)


if __name__ == "__main__":
    sys.exit(main())
