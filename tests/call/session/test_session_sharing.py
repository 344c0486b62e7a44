"""call/session/session_sharing.py: what is kept of chat and files after a call."""

from unittest.mock import MagicMock

from call.session.call_sharing import CallSharing
from call.session.session_sharing import SessionSharing
from net.protocol.file_messages import FileReason
from ui.actions import SendChat
from ui.sharing import SharingProblem, SharingView, TransferState, TransferView

CUT = TransferView(
    1, "a", 9, is_outgoing=True, state=TransferState.FAILED, reason=FileReason.CALL_ENDED
)
STORED = TransferView(2, "b", 9, is_outgoing=True, state=TransferState.STORED)


def make_call() -> MagicMock:
    call = MagicMock(spec=CallSharing, undelivered_count=2)
    call.view = SharingView(transfers=(CUT, STORED))
    return call


def test_end_of_a_call_keeps_what_it_has_cut_off_until_the_next_call() -> None:
    sharing = SessionSharing(has_window=True, on_change=lambda: None)
    sharing.begin(make_call(), "Bob")
    assert sharing.view == SharingView(transfers=(CUT, STORED))
    sharing.end()
    assert sharing.view == SharingView(chat=sharing.view.chat, transfers=(CUT,), undelivered=2)
    next_call = make_call()
    next_call.view = SharingView()
    sharing.begin(next_call, "Carl")
    assert sharing.view == SharingView()


def test_next_call_shows_no_notice_of_the_one_before() -> None:
    sharing = SessionSharing(has_window=True, on_change=lambda: None)
    sharing.on_action(SendChat("hello"))
    assert sharing.view.notice is not None
    assert sharing.view.notice.problem is SharingProblem.NO_CALL
    sharing.begin(make_call(), "Bob")
    assert sharing.view.notice is None
