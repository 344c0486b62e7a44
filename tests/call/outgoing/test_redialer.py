"""call/outgoing/redialer.py: real connections to a callee that the test plays."""

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from call.inbox import Inbox, LinkResumed, LinkStillHeard, RemoteHungUp
from call.outgoing.redialer import MAX_TALKING, UNKNOWN_LIMIT_US, Redialer
from core.clock import now_us
from net.errors import LinkLost
from net.link.address import HostPort
from net.protocol.control import Accept, Bye, PictureState, Reject, Resume, ResumeAnswer
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity
from net.protocol.states import Role
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock
from tests.support.raw_peer import Gone, RawPeer

CALL = CallIdentity(b"i" * 16, b"s" * 32)


class Redialling:
    """A redialer in its thread, and the listening socket that it dials."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(DEADLINE_S)
        self.address = HostPort(*self.server.getsockname())
        self.inbox = Inbox()
        self.error: BaseException | None = None
        self.fingerprint = load_or_make_identity(folder).fingerprint
        self.redialer: Redialer | None = None
        self._thread = threading.Thread(target=self._run)

    def start(
        self,
        clock_us: Callable[[], int] = now_us,
        addresses: Sequence[HostPort] = (),
        found: Sequence[Sequence[HostPort]] = (),
    ) -> Redialer:
        """Start to dial the callee, or other addresses, and those that a search has found."""
        self.redialer = Redialer(
            addresses or [self.address],
            self.fingerprint,
            CALL,
            itertools.count(2),
            self.inbox,
            clock_us,
        )
        for each in found:
            self.redialer.add(each)
        self._thread.start()
        return self.redialer

    def _run(self) -> None:
        assert self.redialer is not None
        try:
            self.redialer.run()
        except LinkLost as error:
            self.error = error

    def answer(self) -> tuple[RawPeer, Resume]:
        """Return the next connection as its callee, after the request.

        The redialer drops attempts while two others talk; here the kernel has connected them.
        """
        while True:
            sock, _ = self.server.accept()
            with contextlib.suppress(ssl.SSLEOFError, ConnectionError):
                raw = RawPeer(sock, self.folder, is_caller=False)
                try:
                    return raw, raw.await_control(Resume)
                except Gone:
                    raw.socket.close()

    def prove(self, raw: RawPeer, request: Resume) -> None:
        """Prove the callee, and check the caller's proof."""
        assert request == raw.resume_request(CALL, request.generation)
        raw.send(ResumeAnswer(raw.resume_mac(CALL, Role.CALLEE, request.generation)))

    def wait_end(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def close(self) -> None:
        """End everything."""
        if self.redialer is not None:
            self.redialer.cancel()
            self.wait_end()
        self.server.close()


@pytest.fixture(name="redialling")
def _redialling(tmp_path: Path) -> Iterator[Redialling]:
    redialling = Redialling(tmp_path)
    yield redialling
    redialling.close()


def test_accepted_attempt_continues_the_call(redialling: Redialling) -> None:
    redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialling.prove(raw, request)
        raw.send(Accept())
        resumed = redialling.inbox.take(DEADLINE_S)
        assert isinstance(resumed, LinkResumed)
        assert (resumed.call_id, resumed.generation) == (CALL.call_id, request.generation)
        assert resumed.address == redialling.address
        redialling.wait_end()
        resumed.link.release()


def test_attempts_overlap_and_each_has_a_higher_generation(redialling: Redialling) -> None:
    redialling.start()
    (first, early), (second, late) = redialling.answer(), redialling.answer()
    with first, second:
        assert early.generation < late.generation
        assert early.mac != late.mac


def test_nothing_is_sent_to_another_key(redialling: Redialling, tmp_path: Path) -> None:
    redialling.start()
    sock, _ = redialling.server.accept()
    with sock, pytest.raises(ssl.SSLError):  # It does not even complete TLS.
        RawPeer(sock, tmp_path / "other", is_caller=False)
    raw, _ = redialling.answer()  # The next attempt follows.
    raw.socket.close()


def test_link_that_the_callee_still_hears_is_reported_and_dialling_goes_on(
    redialling: Redialling,
) -> None:
    redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialling.prove(raw, request)
        raw.send(Reject(Reason.LINK_ALIVE))
        assert redialling.inbox.take(DEADLINE_S) == LinkStillHeard()
    raw, _ = redialling.answer()
    raw.socket.close()


def test_callee_that_has_given_the_call_up_ends_it(redialling: Redialling) -> None:
    clock = ManualClock()
    redialling.start(clock)
    for _ in range(2):
        raw, _ = redialling.answer()
        with raw:
            raw.send(Reject(Reason.NO_SUCH_CALL))
            raw.await_end()
        clock.us += UNKNOWN_LIMIT_US
    redialling.wait_end()
    assert isinstance(redialling.error, LinkLost)


def test_callee_that_does_not_know_the_call_yet_is_dialled_again(redialling: Redialling) -> None:
    redialling.start()
    first, _ = redialling.answer()
    with first:
        first.send(Reject(Reason.NO_SUCH_CALL))
        first.await_end()
    raw, request = redialling.answer()
    with raw:
        redialling.prove(raw, request)
        raw.send(Accept())
        resumed = redialling.inbox.take(DEADLINE_S)
        assert isinstance(resumed, LinkResumed)
        redialling.wait_end()
        resumed.link.release()


def test_callee_that_has_hung_up_ends_the_call_with_its_bye(redialling: Redialling) -> None:
    redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialling.prove(raw, request)
        raw.send(Bye("its time was over"))
        assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "its time was over")
        assert raw.await_control(Bye) == Bye()
        redialling.wait_end()


def test_bye_goes_out_on_a_link_that_has_proven_itself(redialling: Redialling) -> None:
    redialler = redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialling.prove(raw, request)
        redialler.hang_up("its time was over")
        assert raw.await_control(Bye) == Bye("its time was over")
    assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "")
    redialling.wait_end()


def test_bye_goes_out_on_an_attempt_that_begins_after_the_hang_up(redialling: Redialling) -> None:
    redialler = redialling.start()
    first, _ = redialling.answer()
    first.socket.close()
    redialler.hang_up("")
    while True:
        raw, request = redialling.answer()
        with raw, contextlib.suppress(Gone):
            redialling.prove(raw, request)
            assert raw.await_control(Bye) == Bye()
            break
    assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "")
    redialling.wait_end()


def test_bye_that_crossed_a_refusal_is_said_again(redialling: Redialling) -> None:
    redialler = redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialler.hang_up("its time was over")
        assert raw.await_control(Bye) == Bye("its time was over")
        redialling.prove(raw, request)
        raw.send(Reject(Reason.LINK_ALIVE))
    assert redialling.inbox.take(DEADLINE_S) == LinkStillHeard()
    while True:
        raw, request = redialling.answer()
        with raw, contextlib.suppress(Gone):
            redialling.prove(raw, request)
            assert raw.await_control(Bye) == Bye("its time was over")
            raw.send(Bye())
            break
    assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "")
    redialling.wait_end()


def test_bye_that_crossed_the_acceptance_is_answered_by_the_end_of_the_link(
    redialling: Redialling,
) -> None:
    redialler = redialling.start()
    raw, request = redialling.answer()
    with raw:
        redialler.hang_up("")
        assert raw.await_control(Bye) == Bye()
        redialling.prove(raw, request)
        raw.send(Accept())
        raw.send(PictureState("sent"))
    assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "")
    redialling.wait_end()


def test_callee_whose_call_is_over_needs_no_bye(redialling: Redialling) -> None:
    redialler = redialling.start()
    raw, _ = redialling.answer()
    with raw:
        redialler.hang_up("")
        assert raw.await_control(Bye) == Bye()
        raw.send(Reject(Reason.NO_SUCH_CALL))
    assert redialling.inbox.take(DEADLINE_S) == RemoteHungUp(CALL.call_id, "")
    redialling.wait_end()
    assert redialling.error is None


def test_address_that_a_search_has_found_is_dialled_too(redialling: Redialling) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        former = HostPort(*silent.getsockname())
        many = [HostPort(f"127.0.0.{number}", 9) for number in range(2, 99)]
        redialling.start(addresses=[former], found=[many, [former, redialling.address]])
        raw, _ = redialling.answer()
        raw.socket.close()


def test_silent_address_does_not_keep_out_one_that_is_found_later(redialling: Redialling) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(DEADLINE_S)
        redialler = redialling.start(addresses=[HostPort(*silent.getsockname())])
        attempts = [silent.accept()[0] for _ in range(MAX_TALKING)]
        for attempt in attempts:
            attempt.recv(1)  # TLS has begun, so the redialer knows that it is connected.
        redialler.add([redialling.address])
        raw, request = redialling.answer()
        with raw:
            redialling.prove(raw, request)
            raw.send(Accept())
            resumed = redialling.inbox.take(DEADLINE_S)
            assert isinstance(resumed, LinkResumed)
            assert resumed.address == redialling.address
            resumed.link.release()
        for attempt in attempts:
            attempt.close()


def test_port_that_refuses_for_three_seconds_ends_the_call(redialling: Redialling) -> None:
    redialling.server.close()
    times = itertools.count(0, 400_000)
    redialling.start(lambda: next(times))
    redialling.wait_end()
    assert isinstance(redialling.error, LinkLost)


def test_settled_redialer_keeps_only_an_attempt_that_has_proven_itself(
    redialling: Redialling,
) -> None:
    redialer = redialling.start()
    proven, request = redialling.answer()
    redialling.prove(proven, request)
    unproven, _ = redialling.server.accept()
    unproven.settimeout(DEADLINE_S)
    with proven, unproven:
        redialer.settle()
        while unproven.recv(4096):  # The first message of TLS, and then the end.
            pass
        proven.send(Accept())
        resumed = redialling.inbox.take(DEADLINE_S)
        assert isinstance(resumed, LinkResumed)
        redialling.wait_end()
        resumed.link.release()


def test_cancelled_redialer_ends_at_once(redialling: Redialling) -> None:
    redialer = redialling.start()
    raw, _ = redialling.answer()
    with raw:
        redialer.cancel()
        redialling.wait_end()
        raw.await_end()
    assert redialling.error is None
