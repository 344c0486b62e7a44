"""How many strangers may be at the door, and who goes when it is full. Pure.

The newest is never refused for want of room: that would let one attacker keep everybody out. Of
the address that holds most, the oldest connection goes that has not even finished TLS; failing
that, the oldest of that address that does not ring. Of several addresses that hold as many, the
one goes that has come most often of late: a crowd that comes again and again, each from an address
of its own, must not push out the one who comes once.
"""

import ipaddress
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

MAX_PENDING = 16
MAX_OF_ONE_ADDRESS = 2
ARRIVALS_US = 10_000_000
MAX_SOURCES = 4096


@dataclass(frozen=True, slots=True)
class PendingConnection:
    """One connection at the door.

    Attributes:
        number: what it is called.
        source: as `source_of` gives it.
        opened_us: when it came.
        is_encrypted: whether TLS is done.
        rings: whether a person is being asked.
        arrivals: how often its source has come of late.
    """

    number: int
    source: str
    opened_us: int
    is_encrypted: bool
    rings: bool
    arrivals: int = 0


class ArrivalCounts:
    """How often each source has come within the last 10 to 20 s."""

    def __init__(self) -> None:
        self._now: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._since_us: int | None = None

    def note(self, source: str, now_us: int) -> int:
        """Count a connection, and return how many that makes."""
        if self._since_us is None or now_us - self._since_us >= ARRIVALS_US:
            is_old = self._since_us is None or now_us - self._since_us >= 2 * ARRIVALS_US
            self._before = Counter() if is_old else self._now
            self._now = Counter()
            self._since_us = now_us
        if source not in self._now and len(self._now) >= MAX_SOURCES:
            return 1
        self._now[source] += 1
        return self.of(source)

    def of(self, source: str) -> int:
        """Return how often a source has come."""
        return self._now[source] + self._before[source]


def source_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def choose_eviction(
    waiting: Sequence[PendingConnection], newest: PendingConnection
) -> PendingConnection | None:
    """Return the connection to close so that `newest` may stay, or None where all may.

    Args:
        waiting: those that are there, without the newest.
    """
    same = [one for one in waiting if one.source == newest.source]
    if len(same) >= MAX_OF_ONE_ADDRESS:
        return _first_to_go(same)
    if len(waiting) < MAX_PENDING:
        return None
    counts = Counter(one.source for one in waiting)
    most = max(counts.values())
    return _first_to_go([one for one in waiting if counts[one.source] == most]) or _first_to_go(
        waiting
    )


def _first_to_go(candidates: Sequence[PendingConnection]) -> PendingConnection | None:
    free = [one for one in candidates if not one.rings]
    return min(free, key=lambda one: (-one.arrivals, one.is_encrypted, one.opened_us), default=None)
