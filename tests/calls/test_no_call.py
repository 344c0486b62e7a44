"""Why there is no call: what a person typed, and what is or is not at the other end."""

import contextlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bench.hosts import Host, TwoHosts, run
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
from net.protocol.control import Accept, Bye, Hello, Reject, Ringing, VideoFormat
from net.protocol.framing import MessageType, encode_message
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.calls.conftest import StartPeer
from tests.support.peer_process import PEER, SLACK_S, Input, wait_until
from tests.support.raw_peer import RawPeer

NO_CALL_S = 10.0
"""Looking up and trying all addresses share this."""

SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "unknown": ("video.colour=red", ("video.colour", "no setting")),
    "of the wrong type": ("video.width_px=wide", ("video.width_px", "64 to 1920", "wide")),
    "out of range": ("video.frame_rate_hz=500", ("video.frame_rate_hz", "1 to 60", "500")),
    "not one of a list": ("video.codec=vp9", ("video.codec", "h264", "mjpeg", "vp9")),
    "not a truth value": ("listen.accept=perhaps", ("listen.accept", "true or false")),
    "below its range": ("call.silence_timeout_s=0.1", ("call.silence_timeout_s", "1 to 60")),
}


@pytest.mark.parametrize("command", ["listen", "connect"])
@pytest.mark.parametrize(("assignment", "named"), SETTINGS.values(), ids=SETTINGS)
def test_a_bad_setting_is_named_with_what_it_may_be(
    command: str, assignment: str, named: tuple[str, ...], start: StartPeer
) -> None:
    host = () if command == "listen" else ("localhost",)
    peer = start(command, *host, f"--set={assignment}")
    assert peer.wait() == 2
    for text in named:
        assert text in peer.said
    assert (peer.said.count("\n"), peer.out) == (1, "")


def test_a_bad_settings_file_is_named_with_its_line(start: StartPeer, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    for text, named in (
        ("video:\n  width_px: 640\n  width_px: 320\n", "Line 3"),
        ("video:\n  codec: 7\n", "Line 2"),
        ("listen:\n  prot: 5001\n", "listen.port"),
    ):
        config.write_text(text)
        peer = start("listen", "--config", str(config))
        assert peer.wait() == 2
        assert named in peer.said
        assert str(config) in peer.said


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Hold a port on which nobody listens."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_where_nobody_listens_that_is_said(start: StartPeer, closed_port: int) -> None:
    caller = start("connect", f"127.0.0.1:{closed_port}")
    assert caller.wait(NO_CALL_S) == 3
    caller.wait_event("ended", reason="nobody_listens", exit_status=3)
    assert str(closed_port) in caller.said
    assert "peer.py listen" in caller.said


def test_a_host_that_is_unknown_is_called_so(start: StartPeer) -> None:
    caller = start("connect", "nobody.invalid")
    assert caller.wait(NO_CALL_S + SLACK_S) == 3
    caller.wait_event("ended", reason="host_unknown")
    assert "nobody.invalid" in caller.said


def drop_packets(host: Host) -> None:
    """Have packets for 10.77.0.9 leave for a machine that is not there; nothing tells us so."""
    neighbour = ("10.77.0.9", "lladdr", "02:00:00:00:00:09", "dev", host.device)
    run("ip", "-n", str(host.namespace), "neigh", "add", *neighbour)


def test_a_network_that_drops_packets_gives_no_reply_within_ten_seconds(
    start: StartPeer, hosts: TwoHosts
) -> None:
    host = hosts.first
    drop_packets(host)
    dropped = start("connect", "10.77.0.9:5000", prefix=host.command())
    absent = start("connect", "10.77.0.8:5000", prefix=host.command())
    elsewhere = start("connect", "203.0.113.7:5000", prefix=host.command())
    for peer, address in (
        (elsewhere, "203.0.113.7"),
        (absent, "10.77.0.8"),
        (dropped, "10.77.0.9"),
    ):
        assert peer.wait(NO_CALL_S + SLACK_S) == 3
        peer.wait_event("ended", reason="no_reply")
        assert address in peer.said


def test_ctrl_c_ends_a_caller_whose_packets_are_dropped(start: StartPeer, hosts: TwoHosts) -> None:
    host = hosts.first
    drop_packets(host)
    caller = start("connect", "10.77.0.9:5000", prefix=host.command())
    caller.wait_event("calling", target="10.77.0.9:5000")
    caller.signal(signal.SIGINT)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 130


def test_a_port_that_is_taken_is_named_with_the_way_to_another(start: StartPeer) -> None:
    first = start("listen")
    port = first.port
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        for taken in (port, other.getsockname()[1]):
            second = start("listen", "--port", str(taken))
            assert second.wait() == 2
            assert f"Port {taken}" in second.said
            assert "--port N" in second.said
            assert second.out == ""
    assert first.is_running


def test_two_callers_without_a_listener_both_hear_that_nobody_listens(
    start: StartPeer, closed_port: int
) -> None:
    callers = [start("connect", f"127.0.0.1:{closed_port}") for _ in range(2)]
    for caller in callers:
        assert caller.wait(NO_CALL_S) == 3


def test_without_its_packages_it_names_make_setup(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(PEER), "connect", "localhost"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"DISPLAY": ":987"}, "DISPLAY ':987'"),
        ({"NO_SCREEN": "1"}, "WAYLAND_DISPLAY"),
    ],
    ids=["a stale DISPLAY", "no DISPLAY"],
)
def test_without_a_screen_the_call_goes_on_and_one_line_says_why(
    environment: dict[str, str], why: str, start: StartPeer
) -> None:
    listener = start("listen", "--accept", "--once", environment=environment)
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "--duration=0.3"), environment=environment
    )
    assert caller.wait() == 0
    assert listener.wait() == 0
    for peer in (listener, caller):
        (warning,) = peer.find_events("warning", key="no_window")
        assert why in warning["sentence"]


def test_an_offscreen_platform_counts_as_a_screen(start: StartPeer) -> None:
    listener = start(
        *("listen", "--set=listen.ring_timeout_s=1", "--name=Bob"),
        stdin=Input.NULL,
        environment={"QT_QPA_PLATFORM": "offscreen"},
    )
    caller = start("connect", f"127.0.0.1:{listener.port}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="no answer")
    assert listener.find_events("warning") == []
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130


# What may be at the other end instead of a listener.


class Server:
    """A TCP server of one connection, whose other end is peer.py.

    Args:
        serve: what it does with the connection; in a thread of its own.
    """

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError), self._server:
            connection, _ = self._server.accept()
            with connection:
                connection.settimeout(NO_CALL_S + SLACK_S)
                self._serve(connection)

    def end(self) -> None:
        """Stop, whatever it waits for."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


ServeOnce = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve_once() -> Iterator[ServeOnce]:
    """Serve one connection, and return the port."""
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
def test_what_is_no_listener_is_named_and_there_is_no_call(
    serve: Callable[[socket.socket], None],
    reason: str,
    start: StartPeer,
    serve_once: ServeOnce,
) -> None:
    caller = start("connect", f"127.0.0.1:{serve_once(serve)}")
    assert caller.wait(NO_CALL_S + SLACK_S) == 3
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
def test_a_server_that_speaks_another_tls_is_none_of_ours(
    version: ssl.TLSVersion,
    alpn: list[str],
    start: StartPeer,
    serve_once: ServeOnce,
    tmp_path: Path,
) -> None:
    context = _tls(tmp_path / "raw", version, alpn)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            _read_to_end(encrypted)

    caller = start("connect", f"127.0.0.1:{serve_once(serve)}")
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
    "rejected for a reason of its own": (
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
def test_a_listener_that_ends_or_breaks_it_before_accept_leaves_no_call(
    body: Callable[[RawPeer], None],
    status: int,
    reason: str,
    start: StartPeer,
    serve_once: ServeOnce,
    tmp_path: Path,
) -> None:
    caller = start("connect", f"127.0.0.1:{serve_once(_as_raw(tmp_path / 'raw', body))}")
    assert caller.wait(NO_CALL_S + SLACK_S) == status
    caller.wait_event("ended", reason=reason)
    assert "\x1b" not in caller.said


def test_a_connection_that_is_reset_before_its_first_word_is_no_fault(
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
            with pytest.raises(LinkLost, match="closed the connection"):
                attempt.run()


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _announce_too_large(raw: RawPeer) -> None:
    raw.send(VideoFormat("h264", 16_384, 16_384, 0))


def _picture_without_format(raw: RawPeer) -> None:
    raw.write(encode_message(MessageType.VIDEO, bytes(15) + b"\5" + bytes(5), 7))


def _malformed(raw: RawPeer) -> None:
    raw.send_control(b"\x81\xa4type\xa4ping")


def _ring_again(raw: RawPeer) -> None:
    raw.send(Ringing())


AFTER_ACCEPT: dict[str, tuple[Callable[[RawPeer], None], str]] = {
    "a format that was not agreed on": (_announce_too_large, "protocol_error"),
    "a picture without its format": (_picture_without_format, "protocol_error"),
    "malformed control": (_malformed, "protocol_error"),
    "control out of turn": (_ring_again, "protocol_error"),
    "the end without a goodbye": (RawPeer.break_off, "link_lost"),
}


@pytest.mark.parametrize(("body", "reason"), AFTER_ACCEPT.values(), ids=AFTER_ACCEPT)
def test_a_listener_that_breaks_the_protocol_in_a_call_ends_it_with_5(
    body: Callable[[RawPeer], None],
    reason: str,
    start: StartPeer,
    serve_once: ServeOnce,
    tmp_path: Path,
) -> None:
    def accept_and_break(raw: RawPeer) -> None:
        raw.take_call()
        body(raw)

    port = serve_once(_as_raw(tmp_path / "raw", accept_and_break))
    caller = start("connect", f"127.0.0.1:{port}")
    assert caller.wait() == 5
    caller.wait_event("ended", reason=reason)
