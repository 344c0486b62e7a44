"""A listener's answer to resume requests that have no right to its call, and to those that have."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from net.protocol.control import (
    Bye,
    CompareWords,
    Control,
    Feedback,
    Hello,
    PictureState,
    Ping,
    Pong,
    ResumeAnswer,
    ResumeShare,
    SoundState,
    VideoFormat,
)
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity
from tests.support.raw_peer import Gone, RawPeer, dial
from tests.support.shared_listener import SharedListener

REQUESTS = 1000
FLOODERS = 8
GROWN_BYTES = 20_000_000


@contextmanager
def another_link(listener: SharedListener, name: str = "Raw") -> Iterator[RawPeer]:
    """Yield another link of a peer to the listener."""
    with dial(listener.peer.port, listener.folder / name) as raw:
        yield raw


def ask(listener: SharedListener, identity: CallIdentity, generation: int = 2) -> str:
    """Ask on another link to continue the call; return the reason of the rejection."""
    with another_link(listener) as raw:
        return raw.resume(raw.resume_request(identity, generation))


def check_alive(raw: RawPeer) -> None:
    """Check that the listener answers on a link of the call."""
    raw.send(Ping(77))
    raw.await_control(Pong, lambda pong: pong.sent_us == 77)


def break_off(listener: SharedListener, raw: RawPeer) -> None:
    """Break a link of the call off, and wait until the listener has noticed."""
    check_alive(raw)  # A reset may overtake what was sent before.
    lost = len(listener.peer.find_events("link_lost"))
    raw.break_off()
    listener.peer.wait_event("link_lost", times=lost + 1)


def test_requests_without_a_right_are_refused_and_the_call_goes_on(
    shared_listener: SharedListener,
) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        stranger = CallIdentity(secrets.token_bytes(16), secrets.token_bytes(32))
        thief = CallIdentity(identity.call_id, secrets.token_bytes(32))
        assert ask(shared_listener, stranger) == Reason.NO_SUCH_CALL
        assert ask(shared_listener, thief) == Reason.WRONG_PROOF
        assert ask(shared_listener, identity, generation=1) == Reason.OLD_GENERATION
        check_alive(raw)
        assert ask(shared_listener, identity) == Reason.LINK_ALIVE
        check_alive(raw)
        raw.hang_up()
    for reason in (Reason.NO_SUCH_CALL, Reason.WRONG_PROOF, Reason.OLD_GENERATION):
        assert shared_listener.peer.find_events("rejected", reason=reason)
    assert shared_listener.peer.find_events("rejected", reason=Reason.LINK_ALIVE)
    shared_listener.check_unharmed()


def test_replayed_proof_is_refused(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        with another_link(shared_listener) as first:
            request = first.resume_request(identity)
            assert first.resume(request) == Reason.LINK_ALIVE
        with another_link(shared_listener) as second:
            assert second.resume(request) == Reason.WRONG_PROOF
        check_alive(raw)
        raw.hang_up()


def test_call_moves_to_a_link_that_proves_itself_and_all_counts_begin_there(
    shared_listener: SharedListener,
) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        raw.await_control(VideoFormat)
        break_off(shared_listener, raw)
        with another_link(shared_listener) as again:
            assert again.resume(again.resume_request(identity, 5)) == ""
            announced = again.await_control(VideoFormat)
            assert announced.from_sequence > 0
            again.send(Feedback(0, 0, 0, 0))
            check_alive(again)
            assert ask(shared_listener, identity, generation=5) == Reason.OLD_GENERATION
            again.hang_up()
    shared_listener.peer.wait_event("resumed", reconnects=1)
    assert shared_listener.statistics.count('"reconnects": 1') >= 1
    shared_listener.check_unharmed()


def test_what_the_lost_link_may_have_lost_is_sent_again(shared_listener: SharedListener) -> None:
    missing: set[type[Control]] = {PictureState, SoundState, VideoFormat, CompareWords}
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        break_off(shared_listener, raw)
        with another_link(shared_listener) as again:
            assert again.resume(again.resume_request(identity)) == ""
            while missing:
                missing.discard(type(again.await_either(*missing)))
            again.hang_up()


def test_call_moves_at_most_once_a_second(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        break_off(shared_listener, raw)
        with another_link(shared_listener) as second:
            assert second.resume(second.resume_request(identity)) == ""
            break_off(shared_listener, second)
        generation, reason = 3, ask(shared_listener, identity, 3)
        assert reason == Reason.LINK_ALIVE
        while reason == Reason.LINK_ALIVE:
            generation += 1
            with another_link(shared_listener) as later:
                reason = later.resume(later.resume_request(identity, generation))
                if not reason:
                    later.hang_up()
        assert reason == ""


def test_resume_after_the_call_is_refused(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        raw.hang_up()
    assert ask(shared_listener, identity) == Reason.NO_SUCH_CALL


@pytest.mark.parametrize(
    "control",
    [ResumeAnswer(bytes(32)), Hello(1, "Raw", bytes(32)), SoundState("sent")],
    ids=lambda control: type(control).__name__,
)
def test_request_followed_by_something_else_is_turned_away(
    control: Control, shared_listener: SharedListener
) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        with another_link(shared_listener) as other:
            other.send(other.resume_request(identity))
            other.send(control)
            with pytest.raises(Gone):
                other.await_control(Bye)
        check_alive(raw)
        raw.hang_up()


def test_second_share_breaks_the_protocol(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        raw.agree_identity()
        raw.send(ResumeShare(bytes(32)))
        raw.await_end()
    shared_listener.peer.wait_event("ended", reason="protocol_error")


def test_caller_that_cannot_resume_is_lost_with_its_link(shared_listener: SharedListener) -> None:
    lost = len(shared_listener.peer.find_events("link_lost"))
    with shared_listener.call() as raw:
        raw.break_off()
    shared_listener.peer.wait_event("ended", reason="link_lost")
    assert len(shared_listener.peer.find_events("link_lost")) == lost


def test_thousand_requests_disturb_no_call_and_take_no_memory(
    shared_listener: SharedListener,
) -> None:
    with shared_listener.call() as raw:
        identity = raw.agree_identity()
        thief = CallIdentity(identity.call_id, secrets.token_bytes(32))
        stranger = CallIdentity(secrets.token_bytes(16), thief.secret)

        def flood(number: int) -> None:
            for index in range(REQUESTS // FLOODERS):
                claimed = thief if index % 2 else stranger
                source = f"127.0.3.{1 + (number + index * FLOODERS) % 100}"
                try:
                    with dial(
                        shared_listener.peer.port, shared_listener.folder / "Mallory", source
                    ) as link:
                        link.resume(link.resume_request(claimed))
                except (Gone, OSError):
                    continue

        def flood_all() -> None:
            flooders = [
                threading.Thread(target=flood, args=(number,)) for number in range(FLOODERS)
            ]
            for flooder in flooders:
                flooder.start()
            while any(flooder.is_alive() for flooder in flooders):
                check_alive(raw)
            for flooder in flooders:
                flooder.join()

        flood_all()
        before_bytes = shared_listener.resident_bytes()
        flood_all()
        assert shared_listener.resident_bytes() - before_bytes < GROWN_BYTES
        check_alive(raw)
        raw.hang_up()
    shared_listener.check_unharmed()
