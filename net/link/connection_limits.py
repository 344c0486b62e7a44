"""The limits on connections that are not calls yet, and the eviction rule. Pure: no I/O, no clock.

The newest connection is never refused for lack of room, since otherwise one attacker could keep
everybody out. Instead, another connection of a source that holds the most is evicted: first one
whose source has connected most often lately, so that a crowd of returning addresses cannot evict a
caller that comes once; then one whose TLS handshake is incomplete; then the oldest. A ringing
connection always stays.
"""

import ipaddress
from collections import Counter
from collections.abc import Sequence

import msgspec

MAX_PENDING = 16
MAX_OF_ONE_SOURCE = 2
ARRIVALS_US = 10_000_000
"""The period of the arrival counts, which cover the current and the previous one."""
MAX_SOURCES = 4096
"""Sources counted in one period; any further source always counts as new."""


class PendingConnection(msgspec.Struct, frozen=True):
    """A connection that is not a call yet.

    Attributes:
        number: identifies it.
        source: the result of `source_of`.
        opened_us: when it was accepted.
        is_encrypted: whether its TLS handshake is complete.
        rings: whether it rings.
        arrivals: the count of its source in `ArrivalCounts`.
    """

    number: int
    source: str
    opened_us: int
    is_encrypted: bool
    rings: bool
    arrivals: int = 0


class ArrivalCounts:
    """The number of connections from each source in the last 10 to 20 s."""

    def __init__(self) -> None:
        self._current: Counter[str] = Counter()
        self._previous: Counter[str] = Counter()
        self._began_us: int | None = None

    def note(self, source: str, now_us: int) -> int:
        """Count a connection, and return its source's new count."""
        if self._began_us is None or now_us - self._began_us >= ARRIVALS_US:
            is_old = self._began_us is None or now_us - self._began_us >= 2 * ARRIVALS_US
            self._previous = Counter() if is_old else self._current
            self._current = Counter()
            self._began_us = now_us
        if source not in self._current and len(self._current) >= MAX_SOURCES:
            return 1
        self._current[source] += 1
        return self.of(source)

    def of(self, source: str) -> int:
        """Return the count of a source."""
        return self._current[source] + self._previous[source]


def source_of(address: str) -> str:
    """Return the source of an address: an IPv4 address itself, or the /64 of an IPv6 address."""
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
    """Return the connection to close to make room for `newest`; None if none must or may close.

    Args:
        waiting: the other connections, without `newest`.
    """
    same_source = [other for other in waiting if other.source == newest.source]
    if len(same_source) >= MAX_OF_ONE_SOURCE:
        return _next_to_evict(same_source)
    if len(waiting) < MAX_PENDING:
        return None
    counts = Counter(other.source for other in waiting)
    largest = max(counts.values())
    of_largest = [other for other in waiting if counts[other.source] == largest]
    return _next_to_evict(of_largest) or _next_to_evict(waiting)


def _next_to_evict(candidates: Sequence[PendingConnection]) -> PendingConnection | None:
    evictable = [it for it in candidates if not it.rings]
    return min(
        evictable, key=lambda it: (-it.arrivals, it.is_encrypted, it.opened_us), default=None
    )
