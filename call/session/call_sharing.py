"""Call sharing: chat and files of a call, between the user and the live call. Call thread."""

import logging
from collections.abc import Callable
from pathlib import Path

from call.live.active_call import ActiveCall
from call.live.call_chat import CallChat
from call.live.transfer_list import MAX_OPEN
from call.session.chat_file import ChatRecord
from core import events
from core.clock import utc_now
from media.files.errors import FileProblem
from net.errors import ProtocolError
from net.protocol.chat_messages import Chat, ChatReceived, Feature, Features
from net.protocol.control import Control, PictureState
from net.protocol.file_messages import FileKind
from ui.actions import AnswerFile, CancelFile, SendChat
from ui.sharing import SharingProblem, SharingView, TransferState
from ui.wording.sharing import word_transfer

_log = logging.getLogger(__name__)


_NOT_OPENED = {
    FileProblem.MISSING: SharingProblem.NO_SUCH_FILE,
    FileProblem.FOLDER: SharingProblem.IS_FOLDER,
    FileProblem.NOT_REGULAR: SharingProblem.NOT_A_FILE,
}


_UNTOLD = (TransferState.WAITING, TransferState.MOVING)


class CallSharing:
    """Chat and files of one call.

    Args:
        report: given each event.
        notify: tells the user of a problem: what, of which file, and how many.
        on_change: called when the view has to be shown again.
        has_window: whether the log has to tell what a terminal would show.
    """

    def __init__(
        self,
        live: ActiveCall,
        local_name: str,
        peer_name: str,
        *,
        report: Callable[[events.Event], None],
        notify: Callable[..., None],
        on_change: Callable[[], None],
        has_window: bool,
    ) -> None:
        self._live = live
        self._local_name = local_name
        self._peer_name = peer_name
        self._report = report
        self._notify = notify
        self._on_change = on_change
        self._has_window = has_window
        self._began_ms = _utc_ms()
        self._chat = CallChat(live.send, _utc_ms)
        self._files = live.files
        self._files.send = live.send
        self._reported: dict[int, TransferState] = {}

    def begin(self) -> None:
        """Tell the other peer what we understand, before all else."""
        self._send_features()

    def _send_features(self) -> None:
        self._live.send(Features([feature.value for feature in Feature]))

    def move(self) -> None:
        """Send again, on a new link, what the former one may have lost."""
        self._send_features()
        self._chat.send_again()
        self._files.offer_again()

    def on_control(self, control: Control, came_us: int) -> None:
        """Handle a message about what is shared; one that breaks the protocol ends the call."""
        try:
            self._on_control(control, came_us)
        except ProtocolError as error:
            self._live.lose(error)

    def _on_control(self, control: Control, came_us: int) -> None:
        if isinstance(control, Features):
            self._on_features(frozenset(control.names))
        elif isinstance(control, PictureState) and self._chat.is_offered is None:
            self._on_features(frozenset())  # An older peer, whose first messages are others.
        elif isinstance(control, Chat):
            if self._chat.on_chat(control, came_us):
                message = self._chat.messages[-1]
                self._report(events.Chat(is_own=False, text=message.text))
                self._on_change()
        elif isinstance(control, ChatReceived):
            if self._chat.on_received(control):
                self._report(events.ChatDelivered(undelivered=self._chat.undelivered_count))
                self._on_change()
        elif self._files.on_control(control):
            self._show_files()

    def _on_features(self, names: frozenset[str]) -> None:
        self._files.is_offered = Feature.FILES.value in names
        problem = self._chat.offer(is_offered=Feature.CHAT.value in names)
        if problem is not None:
            self._notify(problem)
        self._on_change()

    def send_chat(self, action: SendChat) -> None:
        """Send a message of the user."""
        before = self._chat.messages
        problem = self._chat.write(action.text)
        if problem is SharingProblem.CHAT_TOO_LONG:
            self._notify(problem, count=len(action.text))
        elif problem is not None:
            self._notify(problem, count=self._chat.undelivered_count)
        elif self._chat.messages is not before:
            self._report(events.Chat(is_own=True, text=self._chat.messages[-1].text))
            self._on_change()

    def send_file(self, source: Path | tuple[str, bytes], kind: str = FileKind.FILE) -> None:
        """Offer a file, or name and bytes of one, to the other peer."""
        name = source.name if isinstance(source, Path) else source[0]
        if not self._files.is_offered:
            self._notify(SharingProblem.NO_FILES)
        elif not self._files.offer(source, kind):
            self._notify(SharingProblem.TOO_MANY_FILES, subject=name, count=MAX_OPEN)

    def answer_file(self, action: AnswerFile) -> None:
        """Accept or decline a file."""
        if not self._files.answer(action.transfer, accepts=action.accepts):
            self._notify(SharingProblem.NO_SUCH_TRANSFER)
        self._show_files()

    def cancel_file(self, action: CancelFile) -> None:
        """Cancel a transfer."""
        if not self._files.cancel(action.transfer):
            self._notify(SharingProblem.NO_SUCH_TRANSFER)
        self._show_files()

    def on_tick(self, now_us: int) -> None:
        """Handle what the disk has done; about 20 times a second."""
        try:
            has_changed = self._files.on_tick(now_us)
        except ProtocolError as error:
            self._live.lose(error)
            return
        for shown, failure in self._files.take_failed_opens():
            problem = _NOT_OPENED.get(failure.problem, SharingProblem.UNREADABLE)
            self._notify(problem, subject=shown, detail=failure.detail)
        if has_changed:
            self._show_files()

    def finish(self) -> None:
        """Report what the end of the call has done to files."""
        self._show_files()

    def _show_files(self) -> None:
        """Report the states that have changed, and show them."""
        for transfer in self._files.views:
            if self._reported.get(transfer.number) is not transfer.state:
                self._reported[transfer.number] = transfer.state
                self._report(
                    events.File(
                        transfer=transfer.number,
                        is_own=transfer.is_outgoing,
                        state=transfer.state.value,
                        name=transfer.name,
                        size_bytes=transfer.size_bytes,
                        reason=transfer.reason,
                        path=transfer.path,
                    )
                )
                if self._has_window and transfer.state not in _UNTOLD:
                    _log.info("%s", word_transfer(transfer, self._peer_name))
        self._on_change()

    @property
    def undelivered_count(self) -> int:
        """How many of our messages the other peer has not acknowledged."""
        return self._chat.undelivered_count

    @property
    def view(self) -> SharingView:
        """The part of the view that shows it."""
        return SharingView(
            can_chat=self._chat.is_offered is True,
            can_send_files=self._files.is_offered,
            chat=self._chat.messages,
            transfers=self._files.views,
        )

    @property
    def record(self) -> ChatRecord:
        """The chat as it is saved."""
        return ChatRecord(self._local_name, self._peer_name, self._began_ms, self._chat.messages)


def _utc_ms() -> int:
    return int(utc_now().timestamp() * 1000)
