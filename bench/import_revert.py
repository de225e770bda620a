"""Taking back an import of 100,000 rows, from the request to `reverted`, against the import itself: all new, all known.

Needs PostgreSQL (BENCH_DATABASE_URL) and, for the queue, Redis (BENCH_REDIS_URL). Makes a database of its own and drops
it. Fails where a revert takes more than LIMIT times its import, or leaves anything behind.
"""

import datetime
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import _database, import_xlsx
from bench._machine import NOT_MEASURED
from bench.import_xlsx import DATABASE, GIVEN, PORT, ROWS, SURNAMES

ROUNDS, LIMIT = 3, 2.0


def main() -> int:
    try:
        _database.create(DATABASE)
    except Exception as error:
        print(f"Not measured: no PostgreSQL at {urlsplit(DATABASE).hostname} ({type(error).__name__}).")
        return NOT_MEASURED
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measure(Path(folder))
    finally:
        _database.drop(DATABASE)


def _measure(folder: Path) -> int:
    import_xlsx._environment(folder)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    first, second = folder / "first.xlsx", folder / "second.xlsx"
    _write_roster(first, 1)
    _write_roster(second, 2)  # the same people, everything else about them different
    times: dict[str, list[float]] = {"made": [], "unmade": [], "changed": [], "unchanged": []}
    with import_xlsx._processes():
        for _round in range(ROUNDS):
            shop = Shop()
            times["made"].append(shop.upload(first, "created"))
            times["unmade"].append(shop.revert("removed"))
            shop.upload(first, "created")
            before = shop.stock()
            times["changed"].append(shop.upload(second, "updated"))
            times["unchanged"].append(shop.revert("restored"))
            if shop.stock() != before:
                sys.exit("The roster is not what it was before the second import.")
    return _table({name: statistics.median(seconds) for name, seconds in times.items()})


def _table(mine: dict[str, float]) -> int:
    print(f"{ROWS:,} rows .xlsx, median of {ROUNDS} rounds")
    good = True
    for title, there, back in (("all new", "made", "unmade"), ("all known", "changed", "unchanged")):
        ratio = mine[back] / mine[there]
        good &= ratio <= LIMIT
        print(f"{title + ': the import':<52}{mine[there]:6.2f} s   1.00x")
        print(f"{title + ': taking it back':<52}{mine[back]:6.2f} s   {ratio:.2f}x")
    print(f"limit {LIMIT:.1f}x: {'kept' if good else 'BROKEN'}")
    return 0 if good else 1


def _write_roster(path: Path, seed: int) -> None:
    """People are the same whatever the seed; birthdays, memos, groups and a column of the shop's own are not."""
    import xlsxwriter

    who, dice = random.Random(0), random.Random(seed)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("회원"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["이름", "휴대폰", "생년월일", "메모", "그룹", "반"])
        for line in range(1, ROWS + 1):
            sheet.write_string(line, 0, who.choice(SURNAMES) + who.choice(GIVEN) + who.choice(GIVEN))
            sheet.write_string(line, 1, f"010-{2000 + line // 10_000:04d}-{line % 10_000:04d}")
            born = datetime.datetime(1950 + dice.randrange(60), 1 + dice.randrange(12), 1 + dice.randrange(28))
            sheet.write_datetime(line, 2, born, day)
            sheet.write_string(line, 3, f"메모 {seed} {dice.randrange(1000)}")
            sheet.write_string(line, 4, f"{dice.choice(['오전반', '오후반', '주말반'])}{seed}")
            sheet.write_string(line, 5, f"{seed}학년 {dice.randrange(9)}반")


class Shop:
    """A tenant of its own and its key to the API."""

    def __init__(self) -> None:
        import requests
        from django_scopes import scope

        from accounts.enums import Scope
        from accounts.models import Tenant
        from accounts.services import keys

        self.tenant = Tenant.objects.create(name="bench", slug=f"b{time.time_ns()}")
        with scope(tenant=self.tenant):
            _key, secret = keys.create(tenant=self.tenant, by=None, name="bench", scopes=Scope.values)
        self.session, self.url, self.last = requests.Session(), f"http://127.0.0.1:{PORT}/api/v1/imports", 0
        self.session.headers["Authorization"] = f"Bearer {secret}"
        self.session.get(self.url, timeout=30)

    def upload(self, path: Path, count: str) -> float:
        start = time.perf_counter()
        with path.open("rb") as file:
            answer = self.session.post(self.url, files={"file": (path.name, file)}, data={"mode": "upsert"}, timeout=60)
        answer.raise_for_status()
        self.last = answer.json()["id"]
        shown = self._wait("finished")
        seconds = time.perf_counter() - start
        if shown[count] != ROWS:
            sys.exit(f"The import {count} {shown[count]} members: {shown['problem']}")
        time.sleep(2)  # the worker sorts the search index after the end
        return seconds

    def revert(self, count: str) -> float:
        start = time.perf_counter()
        self.session.post(f"{self.url}/{self.last}/revert", timeout=60).raise_for_status()
        shown = self._wait("reverted")
        seconds = time.perf_counter() - start
        if shown["reverted"][count] != ROWS or shown["reverted"]["left_count"]:
            sys.exit(f"The revert said {shown['reverted'] | {'left': []}}")
        time.sleep(2)
        return seconds

    def stock(self) -> list[Any]:
        """A digest of all members with their groups."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), md5(string_agg(m::text, '' ORDER BY id)) FROM members_member m WHERE tenant_id = %s",
                [self.tenant.pk],
            )
            members = cursor.fetchone()
            cursor.execute(
                "SELECT count(*), sum(hashint8(member_id * 1000 + group_id)) FROM members_membership "
                "WHERE tenant_id = %s",
                [self.tenant.pk],
            )
            return [members, cursor.fetchone()]

    def _wait(self, state: str) -> dict[str, Any]:
        while True:
            shown = self.session.get(f"{self.url}/{self.last}", timeout=60).json()
            if shown["state"] == state:
                return shown
            if shown["state"] == "failed" or (state == "reverted" and shown["state"] == "finished"):
                sys.exit(f"It ended as {shown['state']}: {shown['problem']}")
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
