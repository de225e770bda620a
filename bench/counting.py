"""Sorting a recipient, counting and merging the text, and reading a phone, against the plainest loop that does as much.

These run once for each of a hundred thousand recipients or cells. Needs no database. Fails above LIMITS times that.
"""

import statistics
import sys
import time
from collections.abc import Callable

from members import phone
from messaging import text
from messaging.merging import Sieve

ROUNDS, TIMES = 7, 20_000
LIMITS = {"sort, count and merge": 5.0, "read a phone": 4.0}
BODY = "안녕하세요 #{이름|회원}님, #{반} 회비 안내드립니다."
NAME, CLASS = "홍길동", "화목반"
CELL = "010-1234-5678"


def main() -> int:
    sieve = Sieve(text.parse(BODY), titled=False, shop="한빛")
    rows = [(n, NAME, f"010{n:08d}", None, {"반": CLASS}) for n in range(TIMES)]

    def merged() -> None:
        kept, _left = sieve.sort(rows, set(), render=True)
        assert len(kept) == TIMES

    def replaced() -> None:
        for _n in range(TIMES):
            BODY.replace("#{이름|회원}", NAME).replace("#{반}", CLASS).encode("euc_kr")

    def parsed() -> None:
        for _n in range(TIMES):
            phone.parse(CELL)

    def stripped() -> None:
        for _n in range(TIMES):
            CELL.replace("-", "").startswith("010")

    pairs = [("sort, count and merge", merged, replaced), ("read a phone", parsed, stripped)]
    broken = [name for name, ours, floor in pairs if _row(name, ours, floor) > LIMITS[name]]
    return 1 if broken else 0


def _row(name: str, ours: Callable[[], None], floor: Callable[[], None]) -> float:
    pairs = [(_seconds(ours), _seconds(floor)) for _round in range(ROUNDS)]
    mine, least = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = mine / least
    kept = "kept" if ratio <= LIMITS[name] else "BROKEN"
    print(
        f"{name:<24}{mine / TIMES * 1e6:6.2f} µs   floor {least / TIMES * 1e6:5.2f} µs   {ratio:5.1f}x   "
        f"limit {LIMITS[name]:.0f}x {kept}"
    )
    return ratio


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
