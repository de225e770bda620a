"""What the sandbox knows, in one SQLite database. One connection under one lock: its writes are short and in bulk."""

import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    user_id TEXT PRIMARY KEY, key TEXT NOT NULL, ips TEXT NOT NULL, senders TEXT, usable INTEGER NOT NULL,
    balance INTEGER NOT NULL  -- hundredths of a won: a short text costs 8.4 won
);
CREATE TABLE IF NOT EXISTS batches (
    mid INTEGER PRIMARY KEY, user_id TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL, title TEXT NOT NULL,
    msg TEXT NOT NULL, listed TEXT NOT NULL, count INTEGER NOT NULL, errors INTEGER NOT NULL, cost INTEGER NOT NULL,
    created_at REAL NOT NULL, due_at REAL NOT NULL, final_at REAL NOT NULL, listed_at REAL NOT NULL,
    reserved INTEGER NOT NULL, cancelled_at REAL, test INTEGER NOT NULL, first_mdid INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS batches_account ON batches (user_id, created_at);
CREATE TABLE IF NOT EXISTS messages (
    mdid INTEGER PRIMARY KEY, mid INTEGER NOT NULL, receiver TEXT NOT NULL,
    msg TEXT,  -- none where it is the batch's
    word TEXT  -- none where the number tells the outcome
);
CREATE INDEX IF NOT EXISTS messages_receiver ON messages (receiver);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

FIRST_MID = 900_000_001
FIRST_MDID = 3_300_000_001  # above 32 bits, as live ids are

BATCH_COLUMNS = (
    "mid", "user_id", "sender", "type", "title", "msg", "listed", "count", "errors", "cost",
    "created_at", "due_at", "final_at", "listed_at", "reserved", "cancelled_at", "test", "first_mdid",
)  # fmt: skip
INSERT_BATCH = (
    f"INSERT INTO batches ({', '.join(BATCH_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in BATCH_COLUMNS)})"
)


class Store:
    """The tables and the lock. Rows come back as plain mappings."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        # By the clock: a file that was lost and begun anew must not give an id that somebody remembers.
        self._first_mid = FIRST_MID if path == ":memory:" else int(time.time())
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")  # a look-alike may forget its last second in a power cut
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Write what is left and let go of the file."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchone()

    def change(self, sql: str, *values: Any) -> int:
        """Run one change; how many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def clear(self) -> None:
        """Forget everything but the settings."""
        with self._lock:
            for table in ("accounts", "batches", "messages"):
                self._connection.execute(f"DELETE FROM {table}")

    # Settings

    def settings(self) -> dict[str, Any]:
        """What was saved under each name."""
        return {row["name"]: json.loads(row["value"]) for row in self.rows("SELECT * FROM settings")}

    def save_settings(self, values: dict[str, Any]) -> None:
        """Replace all settings."""
        with self._lock:
            self._connection.execute("DELETE FROM settings")
            pairs = [(name, json.dumps(value)) for name, value in values.items()]
            self._connection.executemany("INSERT INTO settings VALUES (?, ?)", pairs)

    # Accounts

    def account(self, user_id: str) -> sqlite3.Row | None:
        """One account."""
        return self.row("SELECT * FROM accounts WHERE user_id = ?", user_id)

    def trust_account(self, user_id: str, key: str, balance: int) -> None:
        """Create an account that may use any well-formed sender, unless another call was faster."""
        self.change("INSERT OR IGNORE INTO accounts VALUES (?, ?, '[]', NULL, 1, ?)", user_id, key, balance)

    def save_account(
        self, user_id: str, key: str, *, ips: list[str], senders: list[str] | None, usable: bool, balance: int
    ) -> None:
        """Create or replace; senders None means any well-formed number."""
        named = json.dumps(senders) if senders is not None else None
        values = (user_id, key, json.dumps(ips), named, usable, balance)
        self.change("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)", *values)

    def add_money(self, user_id: str, amount: int) -> bool:
        """Add (or take away) hundredths of a won; False if there is no such account."""
        return self.change("UPDATE accounts SET balance = balance + ? WHERE user_id = ?", amount, user_id) == 1

    # Texts

    def accept(self, batch: dict[str, Any], messages: Sequence[tuple[str, str | None, str | None]]) -> int | None:
        """Store a batch and its (receiver, msg, word) rows and take its cost; its mid, or None if money lacks."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                mid = self._accept(batch, messages)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT" if mid else "ROLLBACK")
            return mid

    def _accept(self, batch: dict[str, Any], messages: Sequence[tuple[str, str | None, str | None]]) -> int | None:
        take = "UPDATE accounts SET balance = balance - ? WHERE user_id = ? AND balance >= ?"
        if self.change(take, batch["cost"], batch["user_id"], batch["cost"]) != 1:
            return None
        mid = (self._connection.execute("SELECT max(mid) FROM batches").fetchone()[0] or self._first_mid - 1) + 1
        first = (self._connection.execute("SELECT max(mdid) FROM messages").fetchone()[0] or FIRST_MDID - 1) + 1
        self._connection.execute(INSERT_BATCH, {**batch, "mid": mid, "first_mdid": first})
        rows = [(mdid, mid, *message) for mdid, message in enumerate(messages, first)]
        self._connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", rows)
        return mid

    def forget(self, before: float) -> None:
        """Delete batches taken before a moment, with their texts. The last stays: ids must never be given again."""
        with self._lock:
            kept = self.row(
                "SELECT mid, first_mdid FROM batches WHERE created_at >= ? OR mid = (SELECT max(mid) FROM batches)"
                " ORDER BY mid LIMIT 1",
                before,
            )
            if kept:
                self.change("DELETE FROM messages WHERE mdid < ?", kept["first_mdid"])
                self.change("DELETE FROM batches WHERE mid < ?", kept["mid"])

    def cancel(self, mid: int, user_id: str, cost: int, at: float) -> bool:
        """Cancel a reservation and give its money back; False if it was cancelled already."""
        with self._lock:
            done = self.change("UPDATE batches SET cancelled_at = ? WHERE mid = ? AND cancelled_at IS NULL", at, mid)
            return bool(done) and self.add_money(user_id, cost)
