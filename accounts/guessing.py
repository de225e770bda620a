"""How often one address may guess at what only a secret link names.

Only misses count: behind one address of a mobile carrier stand many people with true links.
"""

import ipaddress
from contextlib import suppress

from django.core.cache import cache

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


def _key(what: str) -> str:
    """One counter an address; of IPv6 one a network, for a single line has 2^64 addresses to guess from."""
    address = ipaddress.ip_address(client_ip.get() or "0.0.0.0")
    if address.version == 6:
        address = ipaddress.ip_network(f"{address}/64", strict=False).network_address
    return f"miss:{what}:{address}"
