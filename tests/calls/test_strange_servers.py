"""A caller that reaches something other than a well-behaved listener."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from call.inbox import Inbox
from call.local_peer import LocalPeer
from call.outgoing.call_attempt import CallAttempt
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.resolver import Candidate
from core.wake_up import WakeUp
from net.errors import LinkLost
from net.link.address import HostPort
from net.link.connector import Connector
from net.link.tls import ALPN
from net.protocol.control import Accept, Bye, Hello, Reject
from net.protocol.framing import MessageType, encode_message
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.peer_process import NO_CALL_S, SLACK_S, StartPeer, wait_until
from tests.support.raw_peer import RawPeer


class Server:
    """A TCP server for peer.py, one connection after another.

    A caller whose start takes long connects a second time.

    Args:
        serve: called with each connection, in another thread.
    """

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError), self._server:
            while True:
                connection, _ = self._server.accept()
                with contextlib.suppress(OSError), connection:
                    connection.settimeout(NO_CALL_S + SLACK_S)
                    self._serve(connection)

    def end(self) -> None:
        """Stop at once, even while the thread blocks."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve_connections() -> Iterator[Serve]:
    """Yield a function that serves connections and returns the port."""
    with ExitStack() as stack:

        def serve(body: Callable[[socket.socket], None]) -> int:
            server = Server(body)
            stack.callback(server.end)
            return server.port

        yield serve


def _read_to_end(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def _speak(greeting: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.sendall(greeting)
        _read_to_end(connection)

    return serve


STRANGE_SERVERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "a web server": (_speak(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not_our_protocol"),
    "an SSH server": (_speak(b"SSH-2.0-OpenSSH_9.2\r\n"), "not_our_protocol"),
    "noise": (_speak(bytes(range(200, 256)) * 8), "not_our_protocol"),
    "one that closes": (lambda connection: None, "link_lost"),
    "one that resets": (_reset, "link_lost|nobody_listens"),
    "one that says nothing": (_read_to_end, "no_reply"),
}


@pytest.mark.parametrize(("serve", "reason"), STRANGE_SERVERS.values(), ids=STRANGE_SERVERS)
def test_server_that_is_not_a_listener_ends_the_caller_without_a_call(
    serve: Callable[[socket.socket], None],
    reason: str,
    start: StartPeer,
    serve_connections: Serve,
) -> None:
    caller = start("connect", f"127.0.0.1:{serve_connections(serve)}")
    assert caller.ends_without_call() == 3
    assert re.fullmatch(reason, caller.wait_event("ended")["reason"])


def _tls(folder: Path, version: ssl.TLSVersion, alpn: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(load_or_make_identity(folder).pem_path)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


@pytest.mark.parametrize(
    ("version", "alpn"),
    [
        (ssl.TLSVersion.TLSv1_3, []),
        (ssl.TLSVersion.TLSv1_3, ["h2"]),
        (ssl.TLSVersion.TLSv1_2, [ALPN]),
    ],
    ids=["without ALPN", "with another ALPN", "TLS 1.2"],
)
def test_server_with_other_tls_settings_is_not_our_protocol(
    version: ssl.TLSVersion,
    alpn: list[str],
    start: StartPeer,
    serve_connections: Serve,
    tmp_path: Path,
) -> None:
    context = _tls(tmp_path / "raw", version, alpn)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            _read_to_end(encrypted)

    caller = start("connect", f"127.0.0.1:{serve_connections(serve)}")
    assert caller.wait(NO_CALL_S) == 3
    caller.wait_event("ended", reason="not_our_protocol")


def _as_raw(folder: Path, body: Callable[[RawPeer], None]) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with RawPeer(connection, folder, is_caller=False) as raw:
            body(raw)
            with contextlib.suppress(OSError):
                raw.await_end()

    return serve


def _say_version_2(raw: RawPeer) -> None:
    raw.await_control(Hello)
    raw.send(Hello(2, "Raw", bytes(32)))


def _reject(reason: str) -> Callable[[RawPeer], None]:
    def serve(raw: RawPeer) -> None:
        raw.take_ring()
        raw.send(Reject(reason))

    return serve


def _accept_at_once(raw: RawPeer) -> None:
    raw.await_control(Hello)
    raw.send(Accept())


def _send_picture(raw: RawPeer) -> None:
    raw.take_ring()
    raw.write(encode_message(MessageType.VIDEO, bytes(20), 3))


def _say_bye(raw: RawPeer) -> None:
    raw.take_ring()
    raw.send(Bye())


def _break_off(raw: RawPeer) -> None:
    raw.take_ring()
    raw.break_off()


def _stay_silent_after_hello(raw: RawPeer) -> None:
    raw.await_control(Hello)


BEFORE_ACCEPT: dict[str, tuple[Callable[[RawPeer], None], int, str]] = {
    "another version": (_say_version_2, 4, "rejected"),
    "rejected: version": (_reject("version"), 4, "rejected"),
    "rejected for an unknown reason": (
        _reject("moon\x1b[2J too full"),
        4,
        "rejected",
    ),
    "accept out of turn": (_accept_at_once, 3, "protocol_error"),
    "a picture before accept": (_send_picture, 3, "protocol_error"),
    "bye while it rings": (_say_bye, 3, "link_lost"),
    "the end while it rings": (_break_off, 3, "link_lost"),
    "silence": (_stay_silent_after_hello, 3, "no_reply"),
}


@pytest.mark.parametrize(("body", "status", "reason"), BEFORE_ACCEPT.values(), ids=BEFORE_ACCEPT)
def test_listener_that_breaks_the_protocol_before_accept_leaves_no_call(
    body: Callable[[RawPeer], None],
    status: int,
    reason: str,
    start: StartPeer,
    serve_connections: Serve,
    tmp_path: Path,
) -> None:
    caller = start("connect", f"127.0.0.1:{serve_connections(_as_raw(tmp_path / 'raw', body))}")
    assert caller.ends_without_call() == status
    caller.wait_event("ended", reason=reason)
    assert "\x1b" not in caller.said


def test_connection_reset_before_its_first_byte_is_a_lost_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
        _reset(theirs)
        theirs.close()
        wait_until(lambda: not _is_connected(ours), "the reset arrives")

        monkeypatch.setattr(Connector, "dial", lambda connector: ours)
        with closing(WakeUp()) as wake_up:
            attempt = CallAttempt(
                Candidate(HostPort("127.0.0.1", 5000)),
                CalleeVerifier(
                    LocalPeer(load_or_make_identity(tmp_path), "Ann", [], []),
                    KnownPeers(tmp_path / KNOWN_PEERS_FILE),
                ),
                lambda name, body: None,
                Inbox(),
                lambda: 0,
                wake_up,
                on_ring=lambda: None,
                silence_timeout_us=1_000_000,
            )
            attempt.connect()
            with pytest.raises(LinkLost, match="closed the connection"):
                attempt.run()


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
