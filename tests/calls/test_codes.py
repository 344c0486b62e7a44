"""Whole calls by code and by name, and attempts without either."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.hosts import TwoHosts
from call.outgoing.resolver import TRY_S
from net.protocol.control import (
    Accept,
    CodeProof,
    Hello,
    Proof,
    Ringing,
    decode_control,
    encode_control,
)
from net.protocol.framing import Message
from net.protocol.transcript import CODE_LABEL, LABEL
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.code_listener import EVIL, CodeListener
from tests.support.peer_process import SLACK_S, StartPeer
from tests.support.raw_peer import RawPeer, accept_used
from tests.support.tampering_relay import Change, TamperingRelay

WRONG = b"zoo-zoo"


@pytest.fixture
def listening(start: StartPeer, tmp_path: Path) -> CodeListener:
    """Start a listener that accepts codes, on this computer."""
    return CodeListener(start, tmp_path)


def test_first_call_needs_a_code_and_later_calls_only_a_name(
    start: StartPeer, hosts: TwoHosts, tmp_path: Path
) -> None:
    bob = {"XDG_DATA_HOME": str(tmp_path / "bob")}
    alice = {"XDG_DATA_HOME": str(tmp_path / "alice")}
    closed = ("--set=listen.open=false", "--set=listen.announce=true")
    listener = start(
        *("listen", *closed, "--accept", "--name=Bob"),
        prefix=hosts.first.command(),
        environment=bob,
    )
    code = CodeListener.code_of(listener)
    for times, words in enumerate((code, "Bob", "bob"), 1):
        caller = start(
            *("connect", words, "--name=Alice", "--duration=1"),
            prefix=hosts.second.command(),
            environment=alice,
        )
        caller.wait_event("calling")
        caller.wait_event("accepted", limit_s=2.0 + SLACK_S)
        assert caller.wait() == 0
        listener.wait_event("ended", times=times, reason="remote_hung_up")
    assert len(listener.find_events("known")) == 1


def test_callee_may_take_longer_to_answer_than_an_attempt_may_last(
    start: StartPeer, hosts: TwoHosts, tmp_path: Path
) -> None:
    """`TRY_S` limits an attempt only until it rings. A second listener is on the same computer."""
    closed = ("--set=listen.open=false", "--set=listen.announce=true")
    listeners = [
        start(
            *("listen", *closed, f"--name={name}"),
            prefix=hosts.first.command(),
            environment={"XDG_DATA_HOME": str(tmp_path / name)},
        )
        for name in ("Bob", "Carol")
    ]
    code = CodeListener.code_of(listeners[0])
    CodeListener.code_of(listeners[1])
    for words in (code, "Bob"):
        caller = start(
            *("connect", words, "--name=Alice", "--duration=1"),
            prefix=hosts.second.command(),
            environment={"XDG_DATA_HOME": str(tmp_path / "alice")},
        )
        caller.wait_event("ringing", peer="Bob")
        time.sleep(TRY_S + 1)
        listeners[0].type_line("y")
        caller.wait_call()
        assert caller.wait() == 0


@pytest.mark.parametrize(
    ("options", "environment"),
    [(("-q",), {}), ((), {"QT_QPA_PLATFORM": "offscreen"})],
    ids=["quiet", "with a window"],
)
def test_code_is_printed_even_with_quiet_or_a_window(
    start: StartPeer, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    listener = start(*("listen", "--set=listen.open=false", *options), environment=environment)
    listener.wait_said(f"{CodeListener.code_of(listener)}\n")


def test_both_ends_remember_each_other(listening: CodeListener) -> None:
    listening.check_honest()
    listening.listener.wait_event("known", peer="Alice")
    for words in ("Bob", f"127.0.0.1:{listening.port}"):
        caller = listening.connect(words)
        assert caller.wait() == 0
        caller.wait_event("ringing", peer="Bob", trust="known")


def test_known_peer_keeps_its_stored_name_when_it_claims_another(listening: CodeListener) -> None:
    listening.check_honest()
    listening.listener.wait_event("known", peer="Alice")
    caller = listening.connect("Bob", name="Mum")
    assert caller.wait() == 0
    listening.listener.wait_event("accepted", peer="Alice (Mum)", trust="known")


def test_peer_that_knows_the_other_reads_the_words_aloud(
    listening: CodeListener, tmp_path: Path
) -> None:
    """Otherwise the other user would have nothing to compare the words with."""
    listening.check_honest()
    listening.listener.wait_event("known", peer="Alice")
    KnownPeers(tmp_path / "alice" / "vis-a-vis" / KNOWN_PEERS_FILE).forget("Bob")
    caller = listening.connect_here()
    words = caller.wait_event("words", task="compare")["words"]
    assert len(words.split()) == 4
    listening.listener.wait_event("words", task="read aloud", words=words)
    assert caller.wait() == 0


def test_caller_without_a_code_is_refused(listening: CodeListener) -> None:
    caller = listening.connect_here()
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="code needed")
    listening.listener.wait_event(
        "rejected", reason="code needed", peer="Alice", address="127.0.0.1"
    )


def test_stranger_does_not_learn_the_listeners_name(listening: CodeListener) -> None:
    caller = listening.connect_here()
    assert caller.wait() == 4
    assert "Bob" not in caller.said


@pytest.mark.parametrize("kind", ["other words", "one word reversed"])
def test_wrong_code_is_reported_at_both_ends(listening: CodeListener, kind: str) -> None:
    number, first, second = listening.code.split("-")
    other = "zoo" if "zoo" not in (first, second) else "abandon"
    words = f"{other}-{other}" if kind == "other words" else f"{second}-{other}"
    caller = listening.connect_here(f"--code={number}-{words}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="wrong code")
    listening.listener.wait_event("warning", key="wrong_code")
    listening.check_honest()


def test_mistyped_word_gets_suggestions_that_are_not_tried(listening: CodeListener) -> None:
    caller = listening.connect_here("--code=7-rabit-lamp")
    assert caller.wait() == 4
    assert "rabbit" in caller.wait_event("ended", reason="rejected")["sentence"]
    listening.listener.wait_event("warning", key="wrong_code")


def test_code_without_a_listener_is_not_found(start: StartPeer, hosts: TwoHosts) -> None:
    caller = start("connect", "7-rabbit-lamp", prefix=hosts.second.command())
    assert caller.wait() == 3
    caller.wait_event("ended", reason="not_found")


def test_ten_guesses_are_counted_and_slowed_but_block_no_other_caller(
    listening: CodeListener,
) -> None:
    reasons = []
    for _ in range(10):
        with listening.raw() as raw:
            reasons.append(raw.guess(WRONG))
    assert set(reasons) == {"wrong code", "too many wrong codes"}
    counted = reasons.count("wrong code")
    listening.listener.wait_event("warning", key="wrong_code", times=counted)
    listening.check_honest()


def test_honest_caller_at_a_guessers_address_waits_and_gets_through(
    listening: CodeListener,
) -> None:
    """A user who mistyped a few times need not type the code again after the wait."""
    reasons: list[str] = []
    while reasons.count("wrong code") < 6:  # Then the wait is 3.6 s, too long to hold a link.
        with listening.raw("127.0.0.1") as raw:
            reasons.append(raw.guess(WRONG))
        time.sleep(0.2)
    caller = listening.connect_here(f"--code={listening.code}")
    caller.wait_call()
    assert caller.wait() == 0


def test_hanging_up_before_the_answer_counts_as_a_guess(listening: CodeListener) -> None:
    for count in range(1, 5):
        with listening.raw() as raw:
            raw.claim(WRONG)
            raw.break_off()
        listening.listener.wait_event("warning", key="wrong_code", times=count)
    reasons = []
    for _ in range(2):  # The second arrives more than 2 s before its answer would be due.
        with listening.raw() as raw:
            reasons.append(raw.guess(WRONG))
    assert reasons[1] == "too many wrong codes", "dropped guesses count"
    listening.check_honest()


def test_simultaneous_guesses_on_two_links_count_twice(listening: CodeListener) -> None:
    with listening.raw() as one:
        one.claim(WRONG)  # Soon, since a listener waits 5 s for the handshake.
        with listening.raw() as other:
            other.claim(WRONG)
            one.break_off()
            other.break_off()
    listening.listener.wait_event("warning", key="wrong_code", times=2)


@pytest.fixture
def between(listening: CodeListener, tmp_path: Path) -> Iterator[Callable[..., TamperingRelay]]:
    """Return a function that starts a relay in front of the listener."""
    made: list[TamperingRelay] = []

    def make(*change: Change) -> TamperingRelay:
        made.append(TamperingRelay(listening.port, tmp_path, *change))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_relay_that_changes_nothing_is_refused(
    listening: CodeListener, between: Callable[..., TamperingRelay]
) -> None:
    caller = listening.connect(f"127.0.0.1:{between().port}", f"--code={listening.code}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="wrong proof")
    listening.listener.wait_event("rejected", reason="proof_wrong", address=EVIL)
    listening.check_honest()


def resign(between: TamperingRelay, from_caller: bool, message: Message) -> bytes:
    """Replace the caller's key and signature by the relay's own, and pass on the rest."""
    control = decode_control(message.payload)
    if not isinstance(control, CodeProof):
        return message.payload
    certificate, signature = between.as_own(control.nonce, CODE_LABEL)
    return encode_control(CodeProof(control.nonce, certificate, signature, control.exchange))


def test_relay_that_signs_the_code_with_its_own_key_is_refused(
    listening: CodeListener, between: Callable[..., TamperingRelay]
) -> None:
    caller = listening.connect(f"127.0.0.1:{between(resign).port}", f"--code={listening.code}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="wrong code")
    assert EVIL in listening.listener.wait_event("warning", key="wrong_code")["sentence"]
    listening.check_honest()


def strip(between: TamperingRelay, from_caller: bool, message: Message) -> bytes:
    """Replace the caller's proof by the relay's own proof without a code."""
    control = decode_control(message.payload)
    if not isinstance(control, CodeProof):
        return message.payload
    return encode_control(Proof(control.nonce, *between.as_own(control.nonce, LABEL)))


def test_listener_refuses_a_relay_that_strips_the_code(
    listening: CodeListener, between: Callable[..., TamperingRelay]
) -> None:
    caller = listening.connect(f"127.0.0.1:{between(strip).port}", f"--code={listening.code}")
    assert caller.wait() == 4
    listening.listener.wait_event("rejected", reason="code needed")
    listening.check_honest()


def test_caller_refuses_a_relay_that_strips_the_code_for_an_open_listener(
    start: StartPeer, tmp_path: Path
) -> None:
    bob = start("listen", "--accept", environment={"XDG_DATA_HOME": str(tmp_path / "bob")})
    code = "7-rabbit-lamp"
    with closing(TamperingRelay(bob.port, tmp_path, strip)) as between:
        caller = start(
            *("connect", f"127.0.0.1:{between.port}", f"--code={code}"),
            environment={"XDG_DATA_HOME": str(tmp_path / "alice")},
        )
        assert caller.wait() == 4
        caller.wait_event("ended", reason="not_trusted")


def test_impostor_listener_without_the_code_is_refused(start: StartPeer, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        caller = start("connect", f"127.0.0.1:{server.getsockname()[1]}", "--code=7-rabbit-lamp")
        with RawPeer(accept_used(server), tmp_path / "evil", is_caller=False) as evil:
            evil.await_control(Hello)
            evil.send(Hello(1, "Bob", bytes(32)))
            evil.await_control(CodeProof)
            for control in (Ringing(), Accept()):
                evil.send(control)
            evil.await_end()
        assert caller.wait() == 4
        caller.wait_event("ended", reason="not_trusted")


def test_replayed_proof_is_refused(listening: CodeListener) -> None:
    with listening.raw() as first:
        _, proof, hello, _ = first.claim(listening.secret)
    with listening.raw() as second:
        second.send_control(hello)
        second.await_control(Hello)
        second.send(proof)
        second.await_end()
    listening.listener.wait_event("rejected", reason="proof_wrong")
    listening.check_honest()


def test_fifty_wrong_codes_block_codes_until_the_user_allows_them(listening: CodeListener) -> None:
    for number in range(50):
        with listening.raw(f"127.0.1.{number + 1}") as raw:
            raw.claim(WRONG)
            raw.break_off()
        listening.listener.wait_event("warning", key="wrong_code", times=number + 1)
    listening.listener.wait_event("waiting", availability="codes blocked")
    caller = listening.connect_here(f"--code={listening.code}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="too many wrong codes")
    listening.listener.type_line("c")
    listening.listener.wait_event("waiting", availability="available", times=2)
    listening.check_honest()


def test_caller_is_told_about_do_not_disturb(listening: CodeListener) -> None:
    listening.listener.type_line("d")
    listening.listener.wait_event("waiting", availability="do not disturb")
    caller = listening.connect_here(f"--code={listening.code}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="do not disturb")
    listening.listener.type_line("d")
    listening.listener.wait_event("waiting", availability="available", times=2)
    listening.check_honest()


def test_known_address_with_another_key_is_refused(listening: CodeListener, tmp_path: Path) -> None:
    listening.check_honest()
    listening.listener.wait_event("known")
    listening.listener.kill()
    (tmp_path / "bob" / "vis-a-vis" / "identity.pem").unlink()
    listening.listen(f"--port={listening.port}").wait_event("waiting")
    for words in ("Bob", f"127.0.0.1:{listening.port}"):
        caller = listening.connect(words)
        assert caller.wait() == 4
        caller.wait_event("ended", reason="not_trusted")


def test_open_ring_shows_the_same_four_words_at_both_ends(start: StartPeer, tmp_path: Path) -> None:
    listener = start(
        *("listen", "--accept", "--name=Bob"), environment={"XDG_DATA_HOME": str(tmp_path / "b")}
    )
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "--name=Alice"),
        environment={"XDG_DATA_HOME": str(tmp_path / "a")},
    )
    words = {peer.wait_event("words", task="compare")["words"] for peer in (listener, caller)}
    assert len(words) == 1
    for peer in (listener, caller):
        peer.type_line("w")
        peer.wait_event("known")
        peer.wait_event("words", task="compared")
    caller.type_line("q")
    assert caller.wait() == 0
    again = start(
        *("connect", "Bob", "--name=Alice", "--duration=1"),
        environment={"XDG_DATA_HOME": str(tmp_path / "a")},
    )
    assert again.wait() == 0
    again.wait_event("ringing", peer="Bob", trust="known")
