"""`make bench`: every file under bench/ that has a main(); ARGS names some of them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    os.chdir(ROOT)
    names = sys.argv[1:] or [p.stem for p in sorted((ROOT / "bench").glob("*.py")) if not p.stem.startswith("_")]
    results = {}
    for name in names:
        print(f"\n=== {name}", flush=True)
        results[name] = subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode
    print(
        "\n" + "\n".join(f"{name}: {'within its limits' if code == 0 else 'FAILED'}" for name, code in results.items())
    )
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
