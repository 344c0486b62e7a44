"""Sharing lines: what a terminal prints of chat and files, each thing once. Main thread."""

from datetime import UTC, datetime

from ui.sharing import LASTING_STATES, ChatMessage, TransferState, TransferView
from ui.view import View
from ui.wording.peers import name_peer
from ui.wording.sharing import word_sharing_notice, word_transfer

MAX_LINES = 40
"""The most lines that one message may take of the screen."""
BURST_LINES = 200
"""Lines of chat that may come at once."""
LINE_INTERVAL_US = 50_000
"""Between two lines beyond that, on average: the other peer must not fill the screen."""


class SharingLines:
    """The lines of chat and files that were printed already."""

    def __init__(self) -> None:
        self._last: ChatMessage | None = None
        self._told: dict[int, TransferState] = {}
        self._notice_serial = 0
        self._filled_us = 0
        """When the lines printed so far will have used up no more than their share."""
        self._left_out = 0

    def take_new(self, view: View, now_us: int) -> tuple[str, ...]:
        """Return the lines that are new in a view."""
        sharing, name = view.sharing, name_peer(view)
        lines: list[str] = []
        for message in self._new_messages(sharing.chat):
            worded = _word_message(message, name)
            if not self._may_print(len(worded), now_us):
                self._left_out += 1
                continue
            if self._left_out:
                lines.append(f"{self._left_out} messages were left out; /save FILE saves them")
                self._left_out = 0
            lines += worded
        for transfer in sharing.transfers:
            lines += self._word_new(transfer, name)
        if not sharing.transfers:
            self._told.clear()
        notice = sharing.notice
        if notice is not None and notice.serial > self._notice_serial:
            self._notice_serial = notice.serial
            lines.append(word_sharing_notice(notice, name))
        return tuple(lines)

    def _new_messages(self, chat: tuple[ChatMessage, ...]) -> tuple[ChatMessage, ...]:
        """Return the other peer's messages since the last view; the user sees what they type."""
        theirs = [message for message in chat if not message.is_own]
        if not theirs:
            self._last = None
            return ()
        at = next((at for at in range(len(theirs), 0, -1) if theirs[at - 1] is self._last), 0)
        self._last = theirs[-1]
        return tuple(theirs[at:])

    def _may_print(self, line_count: int, now_us: int) -> bool:
        filled_us = max(self._filled_us, now_us) + line_count * LINE_INTERVAL_US
        if filled_us - now_us > BURST_LINES * LINE_INTERVAL_US:
            return False
        self._filled_us = filled_us
        return True

    def _word_new(self, transfer: TransferView, name: str) -> list[str]:
        before = self._told.get(transfer.number)
        self._told[transfer.number] = transfer.state
        if before is transfer.state:
            return []
        if transfer.state is TransferState.OFFERED and not transfer.is_outgoing:
            number = transfer.number
            how = f"Type /accept {number} or /decline {number} and Enter"
            return [f"{word_transfer(transfer, name)}. {how}"]
        if transfer.state in LASTING_STATES - {TransferState.OFFERED}:
            return []  # The status line tells how far it is.
        return [word_transfer(transfer, name)]


def _word_message(message: ChatMessage, name: str) -> list[str]:
    at = datetime.fromtimestamp(message.at_ms / 1000, UTC).astimezone()
    first, *others = message.text.split("\n")
    lines = [f"[{at:%H:%M}] {name}: {first}", *(f"    {line}" for line in others)]
    left_out = len(lines) - MAX_LINES
    if left_out > 0:
        lines[MAX_LINES:] = [f"    ... and {left_out} more lines; /save FILE saves them"]
    return lines
