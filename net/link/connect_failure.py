"""Why nothing was reached, in words: from the errors of all attempts to one error of ours.

No I/O and no clock; it asks only which system it runs on.
"""

import enum
import errno
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from core.program import COMMAND
from net.errors import DialError, NobodyListens, NoReply
from net.link.address import HostPort, format_host


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address that was tried in vain."""

    address: str
    errno: int
    """Of the system; ETIMEDOUT too if the limit passed before it said anything."""


class _Kind(enum.IntEnum):
    """What an attempt says about the other machine; of several, the first is told.

    That there is no way to one address says the least: most networks have no IPv6.
    """

    REFUSED = 1
    FORBIDDEN = 2
    TIMED_OUT = 3
    OTHER = 4
    NO_HOST = 5
    NO_NETWORK = 6


def _numbers(*names: str) -> frozenset[int]:
    # Windows has each twice, and sockets give the one with WSA.
    both = (*names, *(f"WSA{name}" for name in names))
    return frozenset(getattr(errno, name) for name in both if hasattr(errno, name))


_KINDS = {
    _Kind.REFUSED: _numbers("ECONNREFUSED", "ECONNRESET", "ECONNABORTED"),
    _Kind.FORBIDDEN: _numbers("EACCES", "EPERM"),
    _Kind.TIMED_OUT: _numbers("ETIMEDOUT"),
    _Kind.NO_HOST: _numbers("EHOSTUNREACH", "EHOSTDOWN"),
    _Kind.NO_NETWORK: _numbers(
        "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"
    ),
}


def dial_failure(target: HostPort, attempts: Sequence[Attempt], limit_s: float) -> DialError:
    """Return the error that tells most of what `attempts`, at least one, met."""
    kind, attempt = min(((_kind(attempt), attempt) for attempt in attempts), key=lambda it: it[0])
    where = target.host
    if attempt.address != target.host.partition("%")[0]:
        where = f"{target.host} ({attempt.address})"
    match kind:
        case _Kind.REFUSED:
            return NobodyListens(
                f"{where} is there, but no program listens on its port {target.port}",
                f"start `{COMMAND} listen` there first, and compare the port:"
                " its line `Listening on ADDRESS:PORT` says the right one",
            )
        case _Kind.FORBIDDEN:
            return NoReply(
                f"This computer does not allow a connection to {_at(attempt, target)}",
                "see its firewall's rules for connections that go out",
            )
        case _Kind.TIMED_OUT:
            return NoReply(
                f"Nothing came back from {where} on port {target.port} within {limit_s:g} s",
                "see that it is awake and on the same network as this computer,"
                f" and that its firewall lets port {target.port} in",
            )
        case _Kind.NO_HOST:
            return NoReply(
                f"There is no route to {where}: no machine answers at that address",
                _no_route_step(),
            )
        case _Kind.NO_NETWORK:
            return NoReply(
                f"This computer is not on the network of {where}",
                "see that this computer is connected, and to the same network as the other",
            )
        case _Kind.OTHER:
            return NoReply(
                f"{where} was not reached: {os.strerror(attempt.errno)}",
                "see that both computers are on the same network",
            )


def _kind(attempt: Attempt) -> _Kind:
    for kind, numbers in _KINDS.items():
        if attempt.errno in numbers:
            return kind
    return _Kind.OTHER


def _at(attempt: Attempt, target: HostPort) -> str:
    return format_host(attempt.address, target.port)


def _no_route_step() -> str:
    # From macOS 15 on a program without this right is told that there is no route.
    if platform.system() == "Darwin":
        return (
            "see that it is awake, and that System Settings > Privacy & Security > Local Network"
            " allows this terminal"
        )
    return "see that it is awake, and that the address is its present one"
