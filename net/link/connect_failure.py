"""The one error that explains why all attempts to connect failed. No I/O, no clock.

Only the wording of the next step depends on the operating system.
"""

import enum
import errno
import os
import sys
from collections.abc import Sequence

import msgspec

from core.program import COMMAND
from net.errors import DialError, NobodyListens, NoReply
from net.link.address import HostPort, format_host


class Attempt(msgspec.Struct, frozen=True):
    """A failed attempt to connect to one address."""

    address: str
    errno: int
    """The system's error number; ETIMEDOUT also if the time limit passed first."""


class _Kind(enum.IntEnum):
    """The kinds of failure, most informative first; the lowest number is reported.

    A missing route reveals least about the other computer, since most networks have no IPv6.
    """

    REFUSED = 1
    FORBIDDEN = 2
    TIMED_OUT = 3
    OTHER = 4
    NO_HOST = 5
    NO_NETWORK = 6


def _error_numbers(*names: str) -> frozenset[int]:
    # Windows defines each error twice; sockets use the one that starts with WSA.
    both = (*names, *(f"WSA{name}" for name in names))
    return frozenset(getattr(errno, name) for name in both if hasattr(errno, name))


_KINDS = {
    _Kind.REFUSED: _error_numbers("ECONNREFUSED", "ECONNRESET", "ECONNABORTED"),
    _Kind.FORBIDDEN: _error_numbers("EACCES", "EPERM"),
    _Kind.TIMED_OUT: _error_numbers("ETIMEDOUT"),
    _Kind.NO_HOST: _error_numbers("EHOSTUNREACH", "EHOSTDOWN"),
    _Kind.NO_NETWORK: _error_numbers(
        "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"
    ),
}


def explain_failure(target: HostPort, attempts: Sequence[Attempt], limit_s: float) -> DialError:
    """Return the error for the most informative of the failed attempts.

    Args:
        attempts: at least one.
        limit_s: the time limit of all attempts in total, seconds.
    """
    kind, attempt = min(
        ((_kind(attempt), attempt) for attempt in attempts), key=lambda pair: pair[0]
    )
    where = target.host
    if attempt.address != target.host.partition("%")[0]:
        where = f"{target.host} ({attempt.address})"
    match kind:
        case _Kind.REFUSED:
            return NobodyListens(
                f"{where} answered, but no program listens on its port {target.port}",
                f"start `{COMMAND} listen` there first, and compare the port with its line"
                " `Listening on ADDRESS:PORT`",
            )
        case _Kind.FORBIDDEN:
            return NoReply(
                f"This computer does not allow a connection to {_format_attempt(attempt, target)}",
                "check this computer's firewall rules for outgoing connections",
            )
        case _Kind.TIMED_OUT:
            return NoReply(
                f"Nothing came back from {where} on port {target.port} within {limit_s:g} s",
                "check that it is awake and on the same network as this computer,"
                f" and that its firewall allows incoming connections on port {target.port}",
            )
        case _Kind.NO_HOST:
            return NoReply(
                f"There is no route to {where}: no machine answers at that address",
                _no_route_step(),
            )
        case _Kind.NO_NETWORK:
            return NoReply(
                f"This computer is not on the network of {where}",
                "connect this computer to the same network as the other one",
            )
        case _Kind.OTHER:
            return NoReply(
                f"{where} could not be reached: {os.strerror(attempt.errno)}",
                "check that both computers are on the same network",
            )


def _kind(attempt: Attempt) -> _Kind:
    for kind, numbers in _KINDS.items():
        if attempt.errno in numbers:
            return kind
    return _Kind.OTHER


def _format_attempt(attempt: Attempt, target: HostPort) -> str:
    return format_host(attempt.address, target.port)


def _no_route_step() -> str:
    # From macOS 15 on, a program without this permission gets the error of a missing route.
    if sys.platform == "darwin":
        return (
            "check that it is awake, and that System Settings > Privacy & Security > Local Network"
            " allows this terminal"
        )
    return "check that it is awake, and that this is its present address"
