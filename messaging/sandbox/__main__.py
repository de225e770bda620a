"""`python -m messaging.sandbox [--port 8001] [--db var/sandbox.sqlite3]`: runs until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

from messaging.sandbox.app import Sandbox
from messaging.sandbox.server import serve


def main() -> None:
    """Starts the sandbox, says where, and stops it cleanly when asked."""
    parser = argparse.ArgumentParser(prog="python -m messaging.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the control API has no password: keep it on this machine")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument(
        "--db", default=":memory:", help="an SQLite file; without it everything is forgotten at the end"
    )
    parser.add_argument(
        "--no-control", action="store_true", help="Aligo's own paths only: no /_/, no pages (where others can reach it)"
    )
    parser.add_argument("--keep-days", type=int, default=0, help="forget texts older than this; 0 keeps them all")
    parser.add_argument("--strict", action="store_true", help="only accounts that were registered through /_/accounts")
    options = parser.parse_args()
    if options.db != ":memory:":
        Path(options.db).parent.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(options.db, control=not options.no_control)
    if options.strict:
        sandbox.switches.update({"trust_sandbox_accounts": False})
    server = serve(sandbox, options.host, options.port)
    for name in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very handler interrupted, so it needs a thread of its own.
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    if options.keep_days:
        threading.Thread(target=_tidy, args=(sandbox, options.keep_days), daemon=True).start()
    sys.stdout.write(f"Aligo sandbox at http://{options.host}:{server.server_port}/\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    sandbox.close()


def _tidy(sandbox: Sandbox, days: int) -> None:
    while True:
        sandbox.forget(days)
        time.sleep(3600)


if __name__ == "__main__":
    main()
