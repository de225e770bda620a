"""`make run`: prepare var/, then keep web, worker, beat and the Aligo sandbox running, and stop them together."""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

from keeper import Keeper

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PYTHON = sys.executable
BIN = Path(sys.executable).parent
SANDBOX_DB = "var/sandbox.sqlite3"
ALIGO_ACCOUNTS = [
    ("gongji", "gongji-demo-aligo-key", []),
    ("gongji-ip", "gongji-demo-aligo-key", ["198.51.100.1"]),
]


def main() -> None:
    os.chdir(ROOT)
    VAR.mkdir(exist_ok=True)
    port = int(os.environ.get("PORT", "8000"))
    if not _free(port):
        sys.exit(f"Port {port} is taken. Choose another: PORT=8080 make run")
    # A sandbox that somebody names is theirs: we start one only where none is named.
    own_sandbox = not os.environ.get("ALIGO_SANDBOX_URL")
    # Live accounts talk to it too, so that connecting one can be tried; who means the real Aligo names it.
    plays_aligo = own_sandbox and not os.environ.get("ALIGO_BASE_URL")
    settings = _settings(port)
    if plays_aligo:
        settings["ALIGO_BASE_URL"] = settings["ALIGO_SANDBOX_URL"]
    os.environ.update({k: v for k, v in settings.items() if k not in os.environ})
    _prepare()
    if plays_aligo:
        _open_aligo_accounts()
    _announce(port, plays_aligo)
    sys.exit(_serve(port, own_sandbox))


def _settings(port: int) -> dict[str, str]:
    """The demo's own settings, secrets made once and kept in var/demo.env so that manage.py finds them too."""
    path = VAR / "demo.env"
    kept = {}
    if path.exists():
        kept = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    sandbox = _sandbox_port(port)
    made = {
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": kept.get("ENCRYPTION_KEYS") or _fernet_key(),
        "SITE_URL": f"http://localhost:{port}",
        "ALIGO_SANDBOX_URL": f"http://127.0.0.1:{sandbox}",
        "EMAIL_URL": "filemail://",
        "EGRESS_IPS": "203.0.113.10",
        # A demo that answers while somebody is watching it.
        "RESULT_POLL_SECONDS": "2",
        "UPKEEP_SECONDS": "2",
    }
    path.touch(mode=0o600)
    path.write_text("".join(f"{k}={v}\n" for k, v in made.items()))
    return made


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _sandbox_port(port: int) -> int:
    for candidate in range(port + 1, port + 50):
        if _free(candidate):
            return candidate
    raise SystemExit("No free port for the sandbox.")


def _manage(*args: str) -> None:
    subprocess.run([PYTHON, "manage.py", *args], check=True)


def _prepare() -> None:
    subprocess.run([PYTHON, "tools/translations.py", "compile"], check=True)
    _manage("migrate", "-v0")
    if _stale_static():
        print("Collecting static files")
        _manage("collectstatic", "--noinput", "-v0")
    if not (VAR / ".seeded").exists():
        print("Filling the demo with data")
        _manage("seed", "--members", os.environ.get("SEED_MEMBERS", "3000"))
        (VAR / ".seeded").touch()


def _open_aligo_accounts() -> None:
    """Two accounts at the sandbox to connect: one that works, one that refuses our address."""
    sys.path.insert(0, str(ROOT))
    from messaging.sandbox.app import Sandbox

    sandbox = Sandbox(SANDBOX_DB)
    for user_id, key, ips in ALIGO_ACCOUNTS:
        if sandbox.store.account(user_id) is None:
            sandbox.store.save_account(user_id, key, ips=ips, senders=None, usable=True, balance=84_000_00)
    sandbox.close()


def _stale_static() -> bool:
    manifest = VAR / "static" / "staticfiles.json"
    if not manifest.exists():
        return True
    made = manifest.stat().st_mtime
    sources = [ROOT / "requirements.txt", ROOT / "node_modules" / ".ok", *(ROOT / "static").rglob("*")]
    return any(p.exists() and p.stat().st_mtime > made for p in sources)


def _announce(port: int, plays_aligo: bool) -> None:
    logins = VAR / "demo-logins.txt"
    print(f"\n  공지 Gongji     http://localhost:{port}/")
    print(f"  Sandbox inbox   {os.environ['ALIGO_SANDBOX_URL']}/   (texts of the demo arrive here, not on phones)")
    print(f"  Mails           http://localhost:{port}/mail/")
    if plays_aligo:
        (user_id, key, _all), (refusing, same_key, _other) = ALIGO_ACCOUNTS
        print(f"  Aligo           {user_id} / {key} may be connected, {refusing} / {same_key} refuses our IP")
        print("                  (the sandbox plays it; the real one: ALIGO_BASE_URL=https://apis.aligo.in make run)")
    if logins.exists():
        print("\n" + logins.read_text().rstrip())
    print("\n  Stop with Ctrl-C.\n", flush=True)


def _serve(port: int, own_sandbox: bool) -> int:
    env = os.environ | {"PYTHONUNBUFFERED": "1", "PORT": str(port)}
    celery = [str(BIN / "celery"), "-A", "config"]
    keeper = Keeper()
    if own_sandbox:
        sandbox = os.environ["ALIGO_SANDBOX_URL"].rsplit(":", 1)[1]
        keeper.add("sandbox", [PYTHON, "-m", "messaging.sandbox", "--port", sandbox, "--db", SANDBOX_DB], env)
    keeper.add("web", [str(BIN / "gunicorn"), "config.wsgi"], env)
    keeper.add("worker", [*celery, "worker", "--without-mingle", "--without-gossip"], env)
    keeper.add("beat", [*celery, "beat"], env)
    return keeper.run()


if __name__ == "__main__":
    main()
