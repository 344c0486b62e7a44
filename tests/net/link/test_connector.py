"""Claims about net/link/connector.py, on loopback or in a network namespace."""

import contextlib
import errno
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from net.errors import DialCancelled, DialError, HostUnknown, NobodyListens, NoReply
from net.link import connector as connector_module
from net.link.address import HostPort
from net.link.connect_failure import Attempt, explain_failure
from net.link.connector import ATTEMPT_DELAY_S, Connector, interleave
from net.link.socket_address import SocketAddress

SOON_S = 0.3
"""A time limit that the test lets pass."""
LIMIT_S = 10.0
"""A time limit that only a failing test reaches."""

Sockaddr = tuple[str, int]
RunInNetwork = Callable[[Sequence[str], str], str]


def start_thread(name: str, body: Callable[[], None]) -> None:
    threading.Thread(target=body, name=name, daemon=True).start()


def dialled(target: HostPort, limit_s: float = LIMIT_S) -> socket.socket:
    return Connector(target, start_thread=start_thread, limit_s=limit_s).dial()


@pytest.fixture
def listening() -> Iterator[Sockaddr]:
    """Return the address of a port with a listener."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.fixture
def refusing() -> Iterator[Sockaddr]:
    """Return the address of a port on which no program can listen during the test."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()


@pytest.fixture
def silent() -> Iterator[Sockaddr]:
    """Return the address of a port that drops all packets, because its queue is full."""
    if sys.platform == "win32":
        pytest.skip("Windows refuses where others drop")
    with contextlib.ExitStack() as open_sockets:
        server = open_sockets.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(300):
            filler = open_sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            if not select.select([], [filler], [], 0.1)[1]:
                break
        else:
            pytest.fail("the queue does not fill")
        yield server.getsockname()


def resolve_to(monkeypatch: pytest.MonkeyPatch, *sockaddrs: Sockaddr) -> HostPort:
    """Make a name resolve to these addresses, and return it; its port is not used."""
    addresses = [SocketAddress(socket.AF_INET, sockaddr) for sockaddr in sockaddrs]
    monkeypatch.setattr(connector_module, "look_up", lambda name, port: addresses)
    return HostPort("alice.example", 5000)


def fail_to_resolve(monkeypatch: pytest.MonkeyPatch, error: Exception) -> HostPort:
    def fail(name: str, port: int) -> list[SocketAddress]:
        raise error

    monkeypatch.setattr(connector_module, "look_up", fail)
    return HostPort("alice.example", 5000)


def test_numeric_address_needs_no_look_up_thread(listening: Sockaddr) -> None:
    def fail(name: str, body: Callable[[], None]) -> None:
        pytest.fail("a numeric address needs no look-up")

    with Connector(HostPort(*listening), start_thread=fail).dial() as link:
        assert link.getpeername() == listening
        assert not link.getblocking()
        assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_name_is_looked_up_and_reached(listening: Sockaddr) -> None:
    with dialled(HostPort("localhost", listening[1])) as link:
        assert link.getpeername() == listening


def test_refused_connection_fails_at_once(refusing: Sockaddr) -> None:
    with pytest.raises(NobodyListens) as caught:
        dialled(HostPort(*refusing))
    assert str(refusing[1]) in caught.value.sentence
    assert "listen" in caught.value.next_step


def test_silent_host_raises_no_reply_at_the_limit(silent: Sockaddr) -> None:
    begin_s = time.monotonic()
    with pytest.raises(NoReply, match=r"Nothing came back .* within 0\.3 s") as caught:
        dialled(HostPort(*silent), SOON_S)
    assert SOON_S <= time.monotonic() - begin_s < LIMIT_S
    assert "firewall" in caught.value.next_step


def test_connection_to_itself_counts_as_refused(
    refusing: Sockaddr, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_the_same_port(attempt: socket.socket) -> None:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        attempt.bind(free)

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        free = bound.getsockname()
    monkeypatch.setattr(connector_module, "tune", take_the_same_port)
    with pytest.raises(NobodyListens):
        dialled(HostPort(*free))


def test_next_address_is_tried_at_once_after_a_refusal(
    refusing: Sockaddr, listening: Sockaddr, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = resolve_to(monkeypatch, refusing, listening)
    monkeypatch.setattr(connector_module, "ATTEMPT_DELAY_S", LIMIT_S)
    with dialled(target, LIMIT_S) as link:
        assert link.getpeername() == listening


def test_next_address_is_tried_after_a_delay_of_silence(
    silent: Sockaddr, listening: Sockaddr, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = resolve_to(monkeypatch, silent, listening)
    begin_s = time.monotonic()
    with dialled(target) as link:
        assert link.getpeername() == listening
    assert time.monotonic() - begin_s >= ATTEMPT_DELAY_S


@pytest.mark.parametrize("is_refusing_first", [True, False])
def test_refusal_is_reported_rather_than_silence(
    refusing: Sockaddr,
    silent: Sockaddr,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_refusing_first: bool,
) -> None:
    both = (refusing, silent) if is_refusing_first else (silent, refusing)
    target = resolve_to(monkeypatch, *both)
    with pytest.raises(NobodyListens, match=r"alice\.example \(127\.0\.0\.1\) answered"):
        dialled(target, 2 * ATTEMPT_DELAY_S)


def test_losing_attempts_are_closed(
    silent: Sockaddr, listening: Sockaddr, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned: list[socket.socket] = []
    monkeypatch.setattr(connector_module, "tune", tuned.append)
    with dialled(resolve_to(monkeypatch, silent, listening)) as link:
        assert tuned[-1] is link
        assert [attempt.fileno() for attempt in tuned[:-1]] == [-1]


def test_unknown_name_suggests_to_check_the_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    target = fail_to_resolve(monkeypatch, socket.gaierror(socket.EAI_NONAME, "not known"))
    with pytest.raises(HostUnknown, match=r"No computer called alice\.example") as caught:
        dialled(target)
    assert "spelling" in caught.value.next_step


def test_silent_name_server_differs_from_an_unknown_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = fail_to_resolve(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "try again"))
    with pytest.raises(HostUnknown, match="no name server answered"):
        dialled(target)


def test_name_that_cannot_be_encoded_is_unknown() -> None:
    with pytest.raises(HostUnknown):
        dialled(HostPort("ä" * 64 + ".example", 5000))


def test_other_address_of_the_host_is_reached(
    listening: Sockaddr, refusing: Sockaddr, silent: Sockaddr
) -> None:
    """Of the addresses in an advertisement, some may be unreachable."""
    for bad in (refusing, silent):
        others = [HostPort("fe80::1", 1), HostPort("no address", 1), HostPort(*listening)]
        connector = Connector(
            HostPort(*bad), start_thread=start_thread, limit_s=LIMIT_S, others=others
        )
        begin_s = time.monotonic()
        with connector.dial() as link:
            assert link.getpeername() == listening
        assert time.monotonic() - begin_s < LIMIT_S / 2


def test_failure_of_all_addresses_is_one_error(refusing: Sockaddr) -> None:
    connector = Connector(
        HostPort(*refusing), start_thread=start_thread, others=[HostPort("127.0.0.2", refusing[1])]
    )
    with pytest.raises(NobodyListens):
        connector.dial()


def test_endless_look_up_is_abandoned_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    ended = threading.Event()

    def look_up_for_ever(name: str, port: int) -> Sequence[SocketAddress]:
        release.wait(LIMIT_S)
        return []

    def start(name: str, body: Callable[[], None]) -> None:
        def run() -> None:
            body()
            ended.set()

        start_thread(name, run)

    monkeypatch.setattr(connector_module, "look_up", look_up_for_ever)
    connector = Connector(HostPort("alice.example", 1), start_thread=start, limit_s=SOON_S)
    with pytest.raises(HostUnknown, match=r"within 0\.3 s"):
        connector.dial()
    release.set()
    assert ended.wait(LIMIT_S), "the late answer did not end its thread"


def test_cancel_ends_a_look_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    looking = threading.Event()

    def look_up_for_ever(name: str, port: int) -> Sequence[SocketAddress]:
        looking.set()
        release.wait(LIMIT_S)
        return []

    monkeypatch.setattr(connector_module, "look_up", look_up_for_ever)
    check_that_cancel_ends(HostPort("alice.example", 1), looking)
    release.set()


def test_cancel_ends_an_attempt_at_once(silent: Sockaddr, monkeypatch: pytest.MonkeyPatch) -> None:
    trying = threading.Event()
    monkeypatch.setattr(connector_module, "tune", lambda attempt: trying.set())
    check_that_cancel_ends(HostPort(*silent), trying)


def check_that_cancel_ends(target: HostPort, is_started: threading.Event) -> None:
    connector = Connector(target, start_thread=start_thread, limit_s=LIMIT_S)

    def cancel() -> None:
        is_started.wait(LIMIT_S)
        connector.cancel()

    start_thread("cancel", cancel)
    begin_s = time.monotonic()
    with pytest.raises(DialCancelled):
        connector.dial()
    assert time.monotonic() - begin_s < LIMIT_S / 2
    connector.cancel()


def test_dial_after_cancel_fails_at_once(listening: Sockaddr) -> None:
    connector = Connector(HostPort(*listening), start_thread=start_thread)
    connector.cancel()
    with pytest.raises(DialCancelled):
        connector.dial()


def test_unknown_zone_is_named() -> None:
    with pytest.raises(HostUnknown, match="no network interface called nope0"):
        dialled(HostPort("fe80::1%nope0", 5000))


def test_link_local_address_without_a_zone_suggests_one() -> None:
    with pytest.raises(HostUnknown) as caught:
        dialled(HostPort("fe80::1", 5000))
    assert "fe80::1%" in caught.value.next_step


def test_families_take_turns_and_keep_their_order() -> None:
    def v6(last: int) -> SocketAddress:
        return SocketAddress(socket.AF_INET6, (f"::{last}", 5, 0, 0))

    def v4(last: int) -> SocketAddress:
        return SocketAddress(socket.AF_INET, (f"10.0.0.{last}", 5))

    found = [v6(1), v6(2), v6(3), v4(1), v6(1), v4(2)]
    assert interleave(found) == [v6(1), v4(1), v6(2), v4(2), v6(3)]
    assert interleave([]) == []


FAILURES: tuple[tuple[int, type[DialError], str], ...] = (
    (errno.ECONNREFUSED, NobodyListens, "no program listens"),
    (errno.ECONNRESET, NobodyListens, "no program listens"),
    (errno.EACCES, NoReply, "does not allow"),
    (errno.ETIMEDOUT, NoReply, "Nothing came back"),
    (errno.EIO, NoReply, "could not be reached"),
    (errno.EHOSTUNREACH, NoReply, "no route"),
    (errno.ENETUNREACH, NoReply, "not on the network"),
)


@pytest.mark.parametrize(("number", "kind", "words"), FAILURES)
def test_each_kind_of_failure_has_its_own_sentence(
    number: int, kind: type[DialError], words: str
) -> None:
    failure = explain_failure(HostPort("alice", 5001), [Attempt("10.0.0.1", number)], 10.0)
    assert type(failure) is kind
    assert words in failure.sentence
    assert "10.0.0.1" in failure.sentence
    assert failure.next_step


def test_most_informative_failure_is_reported() -> None:
    numbers = [number for number, _, _ in FAILURES if number != errno.ECONNRESET]
    for first, (number, kind, words) in enumerate(f for f in FAILURES if f[0] in numbers):
        attempts = [Attempt("10.0.0.1", other) for other in reversed(numbers[first:])]
        failure = explain_failure(HostPort("alice", 5001), attempts, 10.0)
        assert (type(failure), words in failure.sentence) == (kind, True), errno.errorcode[number]


if sys.platform == "linux":
    DIAL_IN_NETWORK = """
        import threading, time
        from net.errors import NetError
        from net.link.address import HostPort
        from net.link.connector import Connector
        start = lambda name, body: threading.Thread(target=body, daemon=True).start()
        try:
            Connector(HostPort({host!r}, {port}), start_thread=start, limit_s=0.5).dial()
            print("connected")
        except NetError as error:
            print(type(error).__name__, error.sentence)
    """

    IN_NETWORKS: tuple[tuple[str, list[str], str], ...] = (
        ("10.77.0.2", [], "NoReply This computer is not on the network of 10.77.0.2"),
        (
            "10.77.0.2",
            ["link set lo up", "route add unreachable 10.77.0.0/16"],
            "NoReply There is no route to 10.77.0.2",
        ),
        (
            "10.77.0.2",
            ["link set lo up", "route add prohibit 10.77.0.0/16"],
            "NoReply This computer does not allow",
        ),
        (
            "10.77.0.2",
            [
                "link add near type veth peer name far",
                "address add 10.77.0.1/24 dev near",
                "link set near up",
                "link set far up",
                "neighbour add 10.77.0.2 lladdr 02:00:00:00:00:01 dev near",
            ],
            "NoReply Nothing came back from 10.77.0.2",
        ),
        ("alice.example", ["link set lo up"], "HostUnknown"),
        ("127.0.0.1", ["link set lo up"], "NobodyListens 127.0.0.1 answered"),
    )

    @pytest.mark.parametrize(("host", "ip_commands", "words"), IN_NETWORKS)
    def test_each_network_fault_has_its_own_error(
        host: str, ip_commands: list[str], words: str, run_in_network: RunInNetwork
    ) -> None:
        printed = run_in_network(ip_commands, DIAL_IN_NETWORK.format(host=host, port=5000))
        assert printed.startswith(words)
