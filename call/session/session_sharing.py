"""Session sharing: what a session keeps of chat and files, in a call and after it. Call thread."""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from call.session.call_sharing import CallSharing
from call.session.chat_file import ChatRecord, save_chat
from core.safe_text import cut_controls
from net.protocol.file_messages import FileReason
from ui.actions import (
    AnswerFile,
    CancelFile,
    SaveChat,
    SendChat,
    SendFile,
    SendImage,
    UserAction,
)
from ui.sharing import NOTHING_SHARED, SharingNotice, SharingProblem, SharingView
from ui.wording.sharing import word_sharing_notice, word_undelivered

_log = logging.getLogger(__name__)


class SessionSharing:
    """Chat and files of the present call, the last chat, and the newest notice.

    Args:
        has_window: whether the log has to tell what a terminal would show.
        on_change: called when the view has to be shown again.
    """

    def __init__(self, *, has_window: bool, on_change: Callable[[], None]) -> None:
        self._has_window = has_window
        self._on_change = on_change
        self._call: CallSharing | None = None
        self._peer_name = ""
        self._last: ChatRecord | None = None
        self._cut_off = NOTHING_SHARED
        """What the end of the last call has cut off."""
        self._notice: SharingNotice | None = None
        self._serial = 0

    def begin(self, call: CallSharing, peer_name: str) -> None:
        """Share with the other peer of a new call."""
        self._call, self._peer_name, self._last = call, peer_name, None
        self._cut_off, self._notice = NOTHING_SHARED, None

    def end(self) -> None:
        """Keep the chat of a call that has ended."""
        call, self._call = self._call, None
        if call is None:
            return
        self._last = call.record
        self._cut_off = SharingView(
            transfers=tuple(
                each for each in call.view.transfers if each.reason == FileReason.CALL_ENDED
            ),
            undelivered=call.undelivered_count,
        )
        if call.undelivered_count:
            _log.info("%s", word_undelivered(call.undelivered_count, self._peer_name))

    def on_action(self, action: UserAction) -> None:
        """Handle an action of the user that carries a value."""
        if isinstance(action, SaveChat):
            self._save(action)
        elif self._call is None:
            self.notify(SharingProblem.NO_CALL)
        elif isinstance(action, SendChat):
            self._call.send_chat(action)
        elif isinstance(action, SendFile):
            self._call.send_file(action.path)
        elif isinstance(action, SendImage):
            self._call.send_file((action.name, action.data))
        elif isinstance(action, AnswerFile):
            self._call.answer_file(action)
        elif isinstance(action, CancelFile):
            self._call.cancel_file(action)

    def notify(
        self, problem: SharingProblem, *, subject: str = "", detail: str = "", count: int = 0
    ) -> None:
        """Tell the user of a problem, once."""
        self._serial += 1
        self._notice = SharingNotice(
            self._serial, problem, cut_controls(subject), cut_controls(detail), count
        )
        if self._has_window:  # A terminal shows the view, which says the same.
            _log.info("%s", word_sharing_notice(self._notice, self._peer_name))
        self._on_change()

    @property
    def view(self) -> SharingView:
        """The part of the view that shows it."""
        if self._call is not None:
            return replace(self._call.view, notice=self._notice)
        chat = () if self._last is None else self._last.messages
        return replace(self._cut_off, chat=chat, notice=self._notice)

    def _save(self, action: SaveChat) -> None:
        record = self._last if self._call is None else self._call.record
        if record is None or not record.messages:
            self.notify(SharingProblem.NO_MESSAGES)
            return
        subject = str(action.path)
        try:
            save_chat(record, action.path.expanduser(), replaces=action.replaces)
        except FileExistsError:
            self.notify(SharingProblem.CHAT_EXISTS, subject=subject)
        except (OSError, RuntimeError, ValueError) as error:  # No home folder; a zero byte in it.
            why = error.strerror if isinstance(error, OSError) else None
            self.notify(SharingProblem.CHAT_NOT_SAVED, subject=subject, detail=why or str(error))
        else:
            self.notify(SharingProblem.CHAT_SAVED, subject=subject)
