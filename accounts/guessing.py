"""How often one address may guess at what only a secret link names.

Only misses count: behind one address of a mobile carrier stand many people with true links.
"""

import ipaddress
from contextlib import suppress

from django.core.cache import cache
from django.utils import timezone

from accounts.audit import client_ip

MISSES, SECONDS = 30, 300


def is_guessing(what: str) -> bool:
    """Whether this address has missed too often of late."""
    return int(cache.get(_key(what), 0)) >= MISSES


def miss(what: str) -> None:
    """Count one miss of this address."""
    key = _key(what)
    cache.add(key, 0, SECONDS)
    with suppress(ValueError):  # it ended between the two lines
        cache.incr(key)


def window(seconds: int) -> int:
    """The number of the present span of so many seconds, for keys of counters: some caches give a counter its full
    time again with each count, and whoever is counted steadily would never be let in again."""
    return int(timezone.now().timestamp()) // seconds


def _key(what: str) -> str:
    """One counter an address; of IPv6 one a network, for a single line has 2^64 addresses to guess from."""
    address = ipaddress.ip_address(client_ip.get() or "0.0.0.0")
    if address.version == 6:
        address = ipaddress.ip_network(f"{address}/64", strict=False).network_address
    return f"miss:{what}:{address}:{window(SECONDS)}"
