"""The sockets that take calls: opened on one port, for all addresses of this machine or for one.

For all addresses there are two sockets, one for IPv4 and one for IPv6 alone, and not one for both
kinds: so the port is ours only if nobody holds it in either, and a second listener on it fails
instead of taking half of the calls.
"""

import errno
import platform
import socket
import sys

from net.errors import AddressUnusable, ListenError, PortTaken
from net.link.socket_address import SocketAddress, lacks_zone, numeric_address
from net.link.socket_options import tune

BACKLOG = 64
_PORT_TRIES = 16
"""A free port of IPv4 is seldom taken in IPv6; that many times in a row it is not chance."""

_ALL = ("0.0.0.0", "::")
_TAKEN = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, getattr(errno, "WSAEACCES", errno.EACCES)}
_NO_FAMILY = {
    getattr(errno, name)
    for name in ("EAFNOSUPPORT", "WSAEAFNOSUPPORT", "EPROTONOSUPPORT", "EADDRNOTAVAIL")
    if hasattr(errno, name)
}
_FIRST_FREE_PORT = 1024
_AIRPLAY_PORTS = (5000, 7000)


def open_listening_sockets(address: str, port: int) -> list[socket.socket]:
    """Return non-blocking listening sockets, all on the same port; the caller closes them.

    Args:
        address: an IPv4 or IPv6 address of this machine, or "" for all that it has.
        port: 0 to 65535; 0 takes any that is free.
    Raises:
        PortTaken: another program has the port, or this one has it already.
        AddressUnusable: the address is none of this machine's.
        ListenError: this user may not take that port.
    """
    if address:
        return [_open(_own_address(address, port))]
    for _ in range(_PORT_TRIES - 1):
        try:
            return _open_all(port)
        except PortTaken:
            if port:
                raise
    return _open_all(port)


def accept(listener: socket.socket) -> tuple[socket.socket, str] | None:
    """Return a connection that waits, non-blocking and tuned, and the address that it is from.

    None if none waits, or none any more.

    Raises:
        OSError: it cannot be taken, such as for want of file descriptors.
    """
    try:
        sock, address = listener.accept()
    except (BlockingIOError, InterruptedError, ConnectionError):
        return None
    try:
        sock.setblocking(False)
        tune(sock)
    except OSError:  # Reset already: some systems refuse to set anything then.
        sock.close()
        return None
    return sock, str(address[0]).removeprefix("::ffff:")


def _own_address(address: str, port: int) -> SocketAddress:
    try:
        own = numeric_address(address, port)
    except OSError as error:
        raise _not_ours(address) from error
    if own is None or lacks_zone(address):
        raise AddressUnusable(
            f"{address} is not an address to listen on",
            "give an IPv4 or IPv6 address of this computer (fe80:... with %interface),"
            " or none for all of them",
        )
    return own


def _open_all(port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    last_error: AddressUnusable | None = None
    for any_address in _ALL:
        wanted = numeric_address(any_address, port)
        assert wanted is not None
        try:
            sockets.append(_open(wanted))
        except AddressUnusable as error:  # this machine has no IPv4, or no IPv6
            last_error = error
        except ListenError:
            _close(sockets)
            raise
        else:
            port = sockets[0].getsockname()[1]
    if not sockets and last_error is not None:
        raise AddressUnusable(
            "This computer has neither IPv4 nor IPv6", "see that it has a network"
        ) from last_error
    return sockets


def _open(address: SocketAddress) -> socket.socket:
    try:
        listening = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        raise _failure(address, error) from error
    try:
        if address.family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # On Windows SO_REUSEADDR would let two programs share a port; elsewhere it lets us have
        # the port again while connections of our last run are still in TIME_WAIT.
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address.sockaddr)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _failure(address, error) from error
    return listening


def _close(sockets: list[socket.socket]) -> None:
    for listening in sockets:
        listening.close()


def _failure(address: SocketAddress, error: OSError) -> ListenError:
    port = address.sockaddr[1]
    number = error.errno or 0
    # Windows says "forbidden" of a port that another program holds for itself alone.
    if number in _TAKEN or (number in _FORBIDDEN and platform.system() == "Windows"):
        return PortTaken(f"Port {port} is taken by another program", _taken_step(port))
    if number in _FORBIDDEN and 0 < port < _FIRST_FREE_PORT:
        return ListenError(
            f"Port {port} is kept for programs with administrator's rights",
            f"choose one from {_FIRST_FREE_PORT} on, as in `--port 5001`",
        )
    if number in _NO_FAMILY:
        return _not_ours(str(address))
    return ListenError(
        f"This computer cannot listen on {address}, port {port}: {error.strerror or error}",
        "choose another port with `--port N`",
    )


def _not_ours(address: str) -> AddressUnusable:
    return AddressUnusable(
        f"{address} is not an address of this computer",
        "give one that it has now, or none for all of them",
    )


def _taken_step(port: int) -> str:
    step = (
        "end the other program, or choose another port: `--port N`, or `--port 0` for any free one"
    )
    if platform.system() == "Darwin" and port in _AIRPLAY_PORTS:
        step += (
            "; on a Mac it is AirPlay Receiver, in System Settings > General > AirDrop & Handoff"
        )
    return step
