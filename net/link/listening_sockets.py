"""The listening sockets, on one port and on one or all addresses of this computer. Never block.

Listening on all addresses takes two sockets, one for IPv4 only and one for IPv6 only, instead of
one for both. Opening them fails if another program holds the port in either family, so a second
listener never receives half of the calls.
"""

import errno
import socket
import sys

from net.errors import AddressUnusable, ListenError, PortTaken
from net.link.socket_address import SocketAddress, lacks_zone, parse_numeric
from net.link.socket_options import tune

BACKLOG = 64
_PORT_TRIES = 16
"""A free IPv4 port is seldom taken in IPv6; this many times in a row is no coincidence."""

ALL_ADDRESSES = ("0.0.0.0", "::")
"""The wildcard addresses, one for each family."""
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
    """Open non-blocking listening sockets on one port, and return them; the caller closes them.

    Args:
        address: an IPv4 or IPv6 address of this computer, or "" for all of them.
        port: 0 to 65535; 0 means any free one.
    Raises:
        PortTaken: another socket has the port.
        AddressUnusable: the address is not one of this computer's.
        ListenError: this user may not listen on that port.
    """
    if address:
        return [_open_socket(_parse_local_address(address, port))]
    for _ in range(_PORT_TRIES - 1):
        try:
            return _open_all(port)
        except PortTaken:
            if port:
                raise
    return _open_all(port)


def accept(listener: socket.socket) -> tuple[socket.socket, str] | None:
    """Accept a waiting connection; return its socket, non-blocking and tuned, and its address.

    Returns None if no connection waits.

    Raises:
        OSError: the system cannot accept it, for example for lack of file descriptors.
    """
    try:
        sock, address = listener.accept()
    except (BlockingIOError, InterruptedError, ConnectionError):
        return None
    try:
        sock.setblocking(False)
        tune(sock)
    except OSError:  # The caller has reset it; some systems then refuse all options.
        sock.close()
        return None
    return sock, str(address[0]).removeprefix("::ffff:")


def _parse_local_address(address: str, port: int) -> SocketAddress:
    try:
        parsed = parse_numeric(address, port)
    except OSError as error:
        raise _unusable(address) from error
    if parsed is None or lacks_zone(address):
        raise AddressUnusable(
            f"{address} is not an address to listen on",
            "set listen.address to an address of this computer, with %interface after fe80:...,"
            " or leave it empty for all addresses",
        )
    return parsed


def _open_all(port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    last_error: AddressUnusable | None = None
    for any_address in ALL_ADDRESSES:
        wanted = parse_numeric(any_address, port)
        assert wanted is not None
        try:
            sockets.append(_open_socket(wanted))
        except AddressUnusable as error:  # This computer has no IPv4, or no IPv6.
            last_error = error
        except ListenError:
            _close_all(sockets)
            raise
        else:
            port = sockets[0].getsockname()[1]
    if not sockets and last_error is not None:
        raise AddressUnusable(
            "This computer has neither IPv4 nor IPv6", "connect it to a network"
        ) from last_error
    return sockets


def _open_socket(address: SocketAddress) -> socket.socket:
    try:
        listening = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:
        raise _listen_error(address, error) from error
    try:
        if address.family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # On Windows, SO_REUSEADDR would let two programs share a port. Elsewhere, it lets us reuse
        # the port while connections of our last run are in TIME_WAIT.
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address.sockaddr)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _listen_error(address, error) from error
    return listening


def _close_all(sockets: list[socket.socket]) -> None:
    for listening in sockets:
        listening.close()


def _listen_error(address: SocketAddress, error: OSError) -> ListenError:
    port = address.sockaddr[1]
    number = error.errno or 0
    # If another program holds the port exclusively, Windows reports it as forbidden.
    if number in _TAKEN or (number in _FORBIDDEN and sys.platform == "win32"):
        return PortTaken(f"Port {port} is taken by another program", _taken_step(port))
    if number in _FORBIDDEN and 0 < port < _FIRST_FREE_PORT:
        return ListenError(
            f"Port {port} is reserved for programs with administrator rights",
            f"choose a port from {_FIRST_FREE_PORT} on, for example `--port 5001`",
        )
    if number in _NO_FAMILY:
        return _unusable(str(address))
    return ListenError(
        f"This computer cannot listen on {address}, port {port}: {error.strerror or error}",
        "choose another port with `--port N`",
    )


def _unusable(address: str) -> AddressUnusable:
    return AddressUnusable(
        f"{address} is not an address of this computer",
        "set listen.address to one of its present addresses, or leave it empty for all",
    )


def _taken_step(port: int) -> str:
    step = "end that program, or choose another port: `--port N`, or `--port 0` for any free one"
    if sys.platform == "darwin" and port in _AIRPLAY_PORTS:
        step += (
            "; on a Mac that program is usually AirPlay Receiver, which you can turn off in"
            " System Settings > General > AirDrop & Handoff"
        )
    return step
