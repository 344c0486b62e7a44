"""Reaches the listener of a host: looks its name up and tries all its addresses, in one limit.

Runs on the thread that calls `Connector.dial`, and blocks it; `cancel` from another ends that at
once. A look-up cannot be interrupted, so it runs on a thread that the caller of this module
starts, and which is abandoned when nobody waits for it any longer.

Several addresses are tried as RFC 8305 ("happy eyeballs") says: the families take turns, the next
attempt starts 250 ms after the last one or as soon as that has failed, and the first that connects
wins.
"""

import contextlib
import errno
import itertools
import selectors
import socket
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from core.clock import Deadline
from core.program import COMMAND
from core.wake_up import WakeUp
from net.errors import DialCancelled, HostUnknown
from net.link.address import HostPort
from net.link.connect_failure import Attempt, dial_failure
from net.link.socket_address import (
    SocketAddress,
    lacks_zone,
    looked_up,
    numeric_address,
)
from net.link.socket_options import tune

StartThread = Callable[[str, Callable[[], None]], object]
"""Starts a thread of that name that runs that function; what it returns is not used."""

LIMIT_S = 10.0
ATTEMPT_DELAY_S = 0.25
"""RFC 8305 section 8."""

_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)}


class Connector:
    """One attempt to reach one host, for one use.

    Args:
        others: more addresses of the same host, in digits; those that cannot be used are left out.
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
        """Return a socket that is connected to the host, non-blocking and tuned.

        Blocks up to the limit, which look-up and all attempts share.

        Raises:
            HostUnknown: the name has no address, or was not found in time.
            NobodyListens: the machine is there and refuses.
            NoReply: nothing came back, or there is no way there.
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
        """End `dial`, now or as soon as it begins. From any thread; never blocks."""
        with self._lock:
            self._is_cancelled = True
            self._wake()

    def _wake(self) -> None:
        if self._wake_up is not None:
            self._wake_up.wake()

    def _select(self, selector: selectors.BaseSelector, limit_s: float) -> list[socket.socket]:
        """Wait for `limit_s` or a wake-up; return the attempts that have an end."""
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
                raise DialCancelled(f"The call to {self._target} was given up")

    def _look_up(
        self, selector: selectors.BaseSelector, deadline: Deadline
    ) -> Sequence[SocketAddress]:
        host, port = self._target.host, self._target.port
        try:
            address = numeric_address(host, port)
        except OSError as error:
            zone = host.partition("%")[2]
            raise HostUnknown(
                f"This computer has no network interface called {zone}",
                "after the % of an address stands the name of this computer's own interface",
            ) from error
        if lacks_zone(host):
            raise HostUnknown(
                f"{host} is an address of every network that this computer is on",
                f"add the interface that it is reached by, as in {host}%eth0",
            )
        if address is not None:
            return [address, *self._other_addresses()]
        self._start_thread(f"look up {host}", self._run_look_up)
        while (answer := self._taken_answer()) is None:
            if deadline.has_passed:
                raise HostUnknown(
                    f"The name {host} was not found within {self._limit_s:g} s:"
                    " no name server answered",
                    f"give the address instead, as `{COMMAND} listen` prints it",
                )
            self._select(selector, deadline.left_s)
        if isinstance(answer, Exception):
            raise _unknown(host, answer) from answer
        return answer

    def _other_addresses(self) -> Iterator[SocketAddress]:
        for other in self._others:
            with contextlib.suppress(OSError):
                address = numeric_address(other.host, other.port)
                if address is not None and not lacks_zone(other.host):
                    yield address

    def _run_look_up(self) -> None:
        answer: Sequence[SocketAddress] | Exception
        try:
            answer = looked_up(self._target.host, self._target.port)
        except (OSError, ValueError) as error:  # ValueError: a name that IDNA cannot encode
            answer = error
        with self._lock:
            self._answer = answer
            self._wake()

    def _taken_answer(self) -> Sequence[SocketAddress] | Exception | None:
        with self._lock:
            return self._answer

    def _connect(
        self,
        selector: selectors.BaseSelector,
        addresses: Sequence[SocketAddress],
        deadline: Deadline,
    ) -> socket.socket:
        waiting = interleaved(addresses)
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
                    number = _result(attempt)
                    address = pending.pop(attempt)
                    if number == 0:
                        return attempt
                    attempt.close()
                    failed.append(Attempt(str(address), number))
                    pause = Deadline(0)
        finally:
            for attempt in pending:
                attempt.close()
        late = [*pending.values(), *waiting]
        failed += [Attempt(str(address), errno.ETIMEDOUT) for address in late]
        raise dial_failure(self._target, failed, self._limit_s)


def interleaved(addresses: Sequence[SocketAddress]) -> list[SocketAddress]:
    """Return `addresses` with the families taking turns, in their order otherwise.

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
    """Begin to connect; return the number of the error if that failed at once, else 0."""
    try:
        attempt = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        return error.errno or errno.EAFNOSUPPORT
    try:
        attempt.setblocking(False)
        tune(attempt)
        number = attempt.connect_ex(address.sockaddr)
        if number not in _UNDER_WAY:
            attempt.close()
            return number
        selector.register(attempt, selectors.EVENT_WRITE)
    except OSError as error:
        attempt.close()
        return error.errno or errno.ECONNRESET
    pending[attempt] = address
    return 0


def _result(attempt: socket.socket) -> int:
    """Return the number of the error that an attempt ended with, or 0."""
    number = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        return number
    try:
        # On one machine, with nobody listening, an attempt can be given the very port that it
        # dials, and connect to itself.
        is_own_echo = attempt.getpeername() == attempt.getsockname()
    except OSError:  # gone already
        return errno.ECONNRESET
    return errno.ECONNREFUSED if is_own_echo else 0


def _unknown(host: str, error: Exception) -> HostUnknown:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return HostUnknown(
            f"The name {host} cannot be looked up now: no name server answered",
            "see that this computer is connected,"
            f" or give the address, as `{COMMAND} listen` prints it",
        )
    return HostUnknown(
        f"No computer called {host} was found",
        "see how it is spelled, or give the code or the address that the listener shows;"
        f" `{COMMAND} known` lists whom you can call by name",
    )
