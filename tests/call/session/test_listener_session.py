"""call/session/listener_session.py: the ring that a key answers, and the addresses shown."""

from pathlib import Path
from typing import cast
from unittest.mock import MagicMock

import pytest

from call.endings import ending_of_user
from call.inbox import Established, LineTyped, ResumeAsked, RingGone, RingLoss, Rung, ScreenGone
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.listener import Listener
from call.remote_peer import RemotePeer
from call.session.listener_parts import ListenerParts
from call.session.listener_session import (
    ADDRESS_CHECK_US,
    NOTICE_US,
    SWAP_US,
    ListenerSession,
)
from call.session.missed_calls import MOST_MISSED
from call.session.session import Session
from call.session.session_context import SessionContext
from core import events
from core.exit_status import ExitStatus
from net.protocol.control import Hello
from net.protocol.resume import CallIdentity
from net.trust.call_code import parse_code
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.user_interface import ScreenLost
from ui.view import ListenerView, Trust, UserEvent

RING_S = 45.0


class ListenerBench:
    """A session with a window, at which rings and keys arrive at times of the test's choice."""

    def __init__(self, folder: Path) -> None:
        self.now_us = 10_000_000
        self.addresses: tuple[str, ...] = ("10.0.0.1:5000",)
        self.reported: list[events.Event] = []
        self.listening = MagicMock(spec=Listener)
        context = MagicMock()
        context.now_us = lambda: self.now_us
        context.settings.listen.accept = False
        context.settings.listen.ring_timeout_s = RING_S
        context.has_window = True
        context.local_audio.is_muted = False
        context.report = self.reported.append
        known = KnownPeers(folder / KNOWN_PEERS_FILE)
        self.admission = AdmissionPolicy(
            parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=True
        )
        self.session = ListenerSession(
            cast(SessionContext, context),
            ListenerParts(
                self.listening,
                None,
                self.admission,
                ListenerView("7-rabbit-lamp", "peer.py", "10.0.0.1:5000"),
                lambda: self.addresses,
                is_once=False,
                keeps_early_lines=False,
            ),
        )

    def ring(self, number: int) -> None:
        hello = Hello(1, "A", bytes(32))
        peer = RemotePeer(hello, "A", b"a" * 32, "10.0.0.2", Trust.NONE, "w o r d")
        self.session.handle(Rung(number, peer))

    def hang_up(self, number: int) -> None:
        self.session.handle(RingGone(number, RingLoss.HUNG_UP))

    def press_y(self) -> None:
        self.session.handle(UserEvent.ACCEPT)

    @property
    def has_ended(self) -> bool:
        """True once the user has ended the program."""
        return self.session.exit_status is ExitStatus.INTERRUPTED

    @property
    def accepted(self) -> list[int]:
        return [call.args[0] for call in self.listening.accept.call_args_list]


def lost_call() -> MagicMock:
    """Return a call with the peer that rings, whose link is lost."""
    call = MagicMock()
    call.live.is_reconnecting = True
    call.fingerprint = b"a" * 32
    call.finish.return_value = ending_of_user(in_call=True)
    return call


@pytest.fixture
def listener(tmp_path: Path) -> ListenerBench:
    return ListenerBench(tmp_path)


def test_accept_answers_the_first_ring_at_once(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.press_y()
    assert listener.accepted == [1]


def test_accept_right_after_a_change_of_callers_answers_nobody(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.now_us += 3_000_000
    listener.hang_up(1)
    listener.now_us += SWAP_US // 2
    listener.ring(2)
    listener.now_us += NOTICE_US // 2
    listener.press_y()
    assert listener.accepted == []
    listener.now_us += NOTICE_US
    listener.press_y()
    assert listener.accepted == [2]


def test_accept_answers_a_later_ring_at_once(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.hang_up(1)
    listener.now_us += SWAP_US
    listener.ring(2)
    listener.press_y()
    assert listener.accepted == [2]


def test_q_declines_a_ring_and_the_listener_waits_for_the_next(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.session.handle(UserEvent.HANG_UP)
    listener.listening.reject.assert_called_once_with(1, "declined")
    assert not listener.has_ended
    listener.ring(2)
    listener.press_y()
    assert listener.accepted == [2]


def test_missed_calls_are_kept_until_a_call_begins(
    listener: ListenerBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missed() -> list[str]:
        return [each.peer_name for each in listener.session.listener_view.missed]

    listener.ring(1)
    listener.session.handle(UserEvent.DECLINE)
    assert missed() == []
    for number in range(2, 7):
        listener.ring(number)
        listener.hang_up(number)
    assert missed() == ["A"] * MOST_MISSED
    with monkeypatch.context() as patch:
        # A call has threads, which do not matter here.
        patch.setattr(Session, "begin_call", MagicMock())
        listener.session.begin_call(MagicMock(spec=Established))
    assert missed() == []


def test_caller_who_leaves_while_the_call_begins_is_not_missed(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.press_y()
    listener.hang_up(1)
    assert listener.session.listener_view.missed == ()


def test_call_that_nobody_answers_and_one_beside_a_ring_are_missed(
    listener: ListenerBench,
) -> None:
    listener.ring(1)
    listener.ring(2)
    assert len(listener.session.listener_view.missed) == 1
    listener.session.on_idle_tick(listener.now_us + round(RING_S * 1e6) + 1)
    assert len(listener.session.listener_view.missed) == 2


def test_close_button_ends_the_program_while_it_rings(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.session.handle(UserEvent.QUIT)
    assert listener.has_ended


def test_lost_screen_ends_the_program_with_a_warning(
    listener: ListenerBench, caplog: pytest.LogCaptureFixture
) -> None:
    listener.session.handle(ScreenGone(ScreenLost()))
    assert listener.has_ended
    (warning,) = caplog.messages
    assert warning.startswith("The screen is gone")


def test_q_for_a_ring_that_has_just_ended_does_not_end_the_program(
    listener: ListenerBench,
) -> None:
    listener.ring(1)
    listener.hang_up(1)
    listener.now_us += NOTICE_US // 2
    listener.session.handle(UserEvent.HANG_UP)
    assert not listener.has_ended
    listener.now_us += NOTICE_US
    listener.session.handle(UserEvent.HANG_UP)
    assert listener.has_ended


def test_q_after_accept_hangs_up_the_coming_call_and_the_listener_waits_again(
    listener: ListenerBench,
) -> None:
    listener.ring(1)
    listener.press_y()
    listener.session.handle(UserEvent.HANG_UP)
    assert listener.session.is_hanging_up
    assert not listener.session.is_quitting
    listener.listening.reject.assert_not_called()


def test_bare_enter_at_the_terminal_does_nothing_beside_a_window(listener: ListenerBench) -> None:
    listener.ring(1)
    for line in ("", "  "):
        listener.session.handle(LineTyped(line))
    listener.listening.reject.assert_not_called()
    listener.session.handle(LineTyped("n"))
    listener.listening.reject.assert_called_once_with(1, "declined")


def test_mute_ends_with_the_call(listener: ListenerBench) -> None:
    audio = listener.session.context.local_audio
    listener.session.handle(UserEvent.TOGGLE_MUTE)
    assert audio.is_muted, "a mute before the call holds for it"
    listener.ring(1)
    assert audio.is_muted
    listener.session.end_call(lost_call())
    assert not audio.is_muted


def test_end_of_the_last_call_is_shown_while_the_listener_waits(listener: ListenerBench) -> None:
    endings = [listener.session.ending]
    listener.ring(1)
    listener.session.end_call(lost_call())
    endings.append(listener.session.ending)
    listener.ring(2)
    endings.append(listener.session.ending)
    assert endings == [None, ending_of_user(in_call=True), None]


def test_mute_holds_while_the_same_peer_calls_again_for_a_lost_link(
    listener: ListenerBench,
) -> None:
    listener.session.call = lost_call()
    audio = listener.session.context.local_audio
    audio.is_muted = True
    listener.ring(1)
    assert audio.is_muted
    assert listener.session.call is None


def test_second_ring_beside_the_first_is_rejected_as_busy(listener: ListenerBench) -> None:
    listener.ring(1)
    listener.ring(2)
    listener.listening.reject.assert_called_once_with(2, "busy")


def test_resume_of_another_call_than_the_present_one_is_refused(listener: ListenerBench) -> None:
    call = listener.session.call = MagicMock()
    call.live.has_id = lambda call_id: call_id == b"b" * 16
    call.live.answer_resume.return_value = ""
    listener.session.handle(ResumeAsked(1, b"a" * 16, 2))
    listener.listening.reject.assert_called_once_with(1, "no such call")
    listener.session.handle(ResumeAsked(2, b"b" * 16, 2))
    listener.listening.accept.assert_called_once_with(2)


def test_resume_of_a_call_that_was_hung_up_meanwhile_is_to_be_tried_again(
    listener: ListenerBench,
) -> None:
    listener.admission.note_hung_up(CallIdentity(b"a" * 16, b"s" * 32), "")
    listener.session.handle(ResumeAsked(1, b"a" * 16, 2))
    listener.listening.reject.assert_called_once_with(1, "link alive")


@pytest.mark.parametrize("is_quitting", [False, True])
def test_listener_waits_for_its_bye_to_arrive_only_if_its_program_ends(
    is_quitting: bool, listener: ListenerBench
) -> None:
    call = MagicMock()
    call.live.identity = CallIdentity(b"a" * 16, b"s" * 32)
    call.live.end.bye_reason = "its time was over"
    call.live.end.is_bye_stuck = True
    listener.session.is_quitting = is_quitting
    listener.session.follow_link(call)
    assert listener.admission.bye_reason(b"a" * 16) == "its time was over"
    assert call.live.end_by_bye.called is not is_quitting


def test_new_address_is_shown_and_reported(listener: ListenerBench) -> None:
    session = listener.session
    session.on_idle_tick(listener.now_us)
    listener.addresses = ("10.0.0.9:5000", "10.0.0.1:5000")
    session.on_idle_tick(listener.now_us + ADDRESS_CHECK_US - 1)
    assert session.listener_view.address == "10.0.0.1:5000"
    session.on_idle_tick(listener.now_us + ADDRESS_CHECK_US)
    assert session.listener_view.address == "10.0.0.9:5000"
    assert session.listener_view.other_addresses == ("10.0.0.1:5000",)
    assert listener.reported == [
        events.Listening(addresses=("10.0.0.9:5000", "10.0.0.1:5000"), code="7-rabbit-lamp")
    ]


def test_unchanged_addresses_are_not_reported_again(listener: ListenerBench) -> None:
    for _ in range(3):
        listener.now_us += ADDRESS_CHECK_US
        listener.session.on_idle_tick(listener.now_us)
    assert listener.reported == []


def test_listener_that_waits_wakes_only_to_check_its_addresses(listener: ListenerBench) -> None:
    assert listener.session.idle_wait_s() == pytest.approx(ADDRESS_CHECK_US / 1e6)
    listener.ring(1)
    assert listener.session.idle_wait_s() < 1
    listener.hang_up(1)
    assert listener.session.idle_wait_s() == pytest.approx(ADDRESS_CHECK_US / 1e6)
