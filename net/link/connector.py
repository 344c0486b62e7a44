"""The connector: name look-up and connection attempts within one time limit. Dial thread.

`Connector.dial` blocks its thread; `cancel` from another thread ends it at once. A look-up cannot
be interrupted, so it runs on another thread, which is abandoned if `dial` ends first.

The attempts follow RFC 8305, "happy eyeballs": the address families take turns, each attempt starts
250 ms after the one before or as soon as that one fails, and the first to connect wins.
"""

import contextlib
import errno
import itertools
import os
import selectors
import socket
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from core.clock import Deadline
from core.program import COMMAND
from core.wake_up import WakeUp
from net.errors import DialCancelled, HostUnknown
from net.link.address import HostPort
from net.link.connect_failure import Attempt, explain_failure
from net.link.socket_address import (
    SocketAddress,
    lacks_zone,
    look_up,
    parse_numeric,
)
from net.link.socket_options import tune, use_small_segments

StartThread = Callable[[str, Callable[[], None]], object]
"""Starts a thread with a name and a body. Its result is ignored."""

LIMIT_S = 10.0
ATTEMPT_DELAY_S = 0.25
"""RFC 8305 section 8."""

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)}


class Connector:
    """One dial of one host. Use it once.

    Args:
        start_thread: starts the look-up's thread.
        limit_s: the time limit of look-up and attempts in total, seconds.
        others: more numeric addresses of the same host; unusable ones are ignored.
    """

    def __init__(
        self,
        target: HostPort,
        *,
        start_thread: StartThread,
        limit_s: float = LIMIT_S,
        others: Sequence[HostPort] = (),
    ) -> None:
        self._target = target
        self._others = others
        self._start_thread = start_thread
        self._limit_s = limit_s
        self._lock = Lock()
        self._is_cancelled = False
        self._answer: Sequence[SocketAddress] | Exception | None = None
        self._wake_up: WakeUp | None = None

    def dial(self) -> socket.socket:
        """Connect to the host, and return the socket, non-blocking and tuned.

        Blocks for at most the time limit.

        Raises:
            HostUnknown: the name has no address, or the look-up took too long.
            NobodyListens: the computer refused the connection.
            NoReply: nothing answered, or there is no route.
            DialCancelled: `cancel` was called.
        """
        deadline = Deadline(self._limit_s)
        with contextlib.closing(WakeUp()) as wake_up, selectors.DefaultSelector() as selector:
            selector.register(wake_up, selectors.EVENT_READ)
            with self._lock:
                self._wake_up = wake_up
            addresses = self._look_up(selector, deadline)
            return self._connect(selector, addresses, deadline)

    def cancel(self) -> None:
        """End `dial` now, or as soon as it starts. Any thread; never blocks."""
        with self._lock:
            self._is_cancelled = True
            self._wake()

    def _wake(self) -> None:
        if self._wake_up is not None:
            self._wake_up.wake()

    def _select(self, selector: selectors.BaseSelector, limit_s: float) -> list[socket.socket]:
        """Wait for `limit_s` or a wake-up; return the attempts that have succeeded or failed."""
        self._raise_if_cancelled()
        ended = []
        for key, _ in selector.select(limit_s):
            if isinstance(key.fileobj, socket.socket):
                ended.append(key.fileobj)
            elif isinstance(key.fileobj, WakeUp):
                key.fileobj.clear()
        self._raise_if_cancelled()
        return ended

    def _raise_if_cancelled(self) -> None:
        with self._lock:
            if self._is_cancelled:
                raise DialCancelled(f"The call to {self._target} was cancelled")

    def _look_up(
        self, selector: selectors.BaseSelector, deadline: Deadline
    ) -> Sequence[SocketAddress]:
        host, port = self._target.host, self._target.port
        try:
            address = parse_numeric(host, port)
        except OSError as error:
            zone = host.partition("%")[2]
            raise HostUnknown(
                f"This computer has no network interface called {zone}",
                "after the % of an address, give the name of one of this computer's interfaces",
            ) from error
        if lacks_zone(host):
            raise HostUnknown(
                f"{host} is a link-local address, and its network is not given",
                f"add this computer's interface on that network, as in {host}%eth0",
            )
        if address is not None:
            return [address, *self._other_addresses()]
        self._start_thread(f"look up {host}", self._run_look_up)
        while (answer := self._look_up_answer()) is None:
            if deadline.has_passed:
                raise HostUnknown(
                    f"The name {host} was not found within {self._limit_s:g} s:"
                    " no name server answered",
                    f"dial the address instead, which `{COMMAND} listen` prints",
                )
            self._select(selector, deadline.left_s)
        if isinstance(answer, Exception):
            raise _unknown_host(host, answer) from answer
        return answer

    def _other_addresses(self) -> Iterator[SocketAddress]:
        for other in self._others:
            with contextlib.suppress(OSError):
                address = parse_numeric(other.host, other.port)
                if address is not None and not lacks_zone(other.host):
                    yield address

    def _run_look_up(self) -> None:
        answer: Sequence[SocketAddress] | Exception
        try:
            answer = look_up(self._target.host, self._target.port)
        except (OSError, ValueError) as error:  # ValueError: IDNA cannot encode the name.
            answer = error
        with self._lock:
            self._answer = answer
            self._wake()

    def _look_up_answer(self) -> Sequence[SocketAddress] | Exception | None:
        with self._lock:
            return self._answer

    def _connect(
        self,
        selector: selectors.BaseSelector,
        addresses: Sequence[SocketAddress],
        deadline: Deadline,
    ) -> socket.socket:
        waiting = interleave(addresses)
        pending: dict[socket.socket, SocketAddress] = {}
        failed: list[Attempt] = []
        pause = Deadline(0)
        try:
            while (waiting or pending) and not deadline.has_passed:
                if waiting and (pause.has_passed or not pending):
                    address = waiting.pop(0)
                    number = _start_attempt(address, selector, pending)
                    if number:
                        failed.append(Attempt(str(address), number))
                    else:
                        pause = Deadline(ATTEMPT_DELAY_S)
                    continue
                limit_s = min(deadline.left_s, pause.left_s) if waiting else deadline.left_s
                for attempt in self._select(selector, limit_s):
                    selector.unregister(attempt)
                    number = connection_error(attempt)
                    address = pending.pop(attempt)
                    if number == 0:
                        return attempt
                    attempt.close()
                    failed.append(Attempt(str(address), number))
                    pause = Deadline(0)
        finally:
            for attempt in pending:
                attempt.close()
        unfinished = [*pending.values(), *waiting]
        failed += [Attempt(str(address), errno.ETIMEDOUT) for address in unfinished]
        raise explain_failure(self._target, failed, self._limit_s)


def interleave(addresses: Sequence[SocketAddress]) -> list[SocketAddress]:
    """Return the addresses in their order, except that the families take turns.

    Source: RFC 8305 section 4, with a first address family count of one.
    """
    by_family: dict[int, list[SocketAddress]] = {}
    for address in dict.fromkeys(addresses):
        by_family.setdefault(address.family, []).append(address)
    turns = itertools.zip_longest(*by_family.values())
    return [address for turn in turns for address in turn if address is not None]


def _start_attempt(
    address: SocketAddress,
    selector: selectors.BaseSelector,
    pending: dict[socket.socket, SocketAddress],
) -> int:
    """Start to connect; return the error number if that fails at once, else 0."""
    try:
        attempt = start_connection(address)
    except OSError as error:
        return error.errno or errno.ECONNRESET
    selector.register(attempt, selectors.EVENT_WRITE)
    pending[attempt] = address
    return 0


def start_connection(address: SocketAddress, *, has_small_segments: bool = False) -> socket.socket:
    """Start to connect; return the socket, non-blocking and tuned.

    Args:
        has_small_segments: whether to send small segments, in both directions.

    Raises:
        OSError: that failed at once.
    """
    attempt = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        attempt.setblocking(False)
        tune(attempt)
        if has_small_segments:
            use_small_segments(attempt)
        number = attempt.connect_ex(address.sockaddr)
        if number not in _IN_PROGRESS:
            raise OSError(number, os.strerror(number))
    except OSError:
        attempt.close()
        raise
    return attempt


def connection_error(attempt: socket.socket) -> int:
    """Return the error number of a finished attempt; 0 if it connected."""
    number = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        return number
    try:
        # If no program listens on a local port, the system may give an attempt the same port; then
        # the attempt connects to itself.
        is_self_connection = attempt.getpeername() == attempt.getsockname()
    except OSError:  # The other side has already closed it.
        return errno.ECONNRESET
    return errno.ECONNREFUSED if is_self_connection else 0


def _unknown_host(host: str, error: Exception) -> HostUnknown:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return HostUnknown(
            f"The name {host} cannot be looked up now: no name server answered",
            "check that this computer is connected to a network,"
            f" or dial the address, which `{COMMAND} listen` prints",
        )
    return HostUnknown(
        f"No computer called {host} was found",
        "check the spelling, or dial the code or the address that the listener shows;"
        f" `{COMMAND} known` lists the peers that you can call by name",
    )
