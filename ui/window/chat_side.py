"""Chat side: when the chat panel is open, what is unread, and how the chat is saved.

Display thread.
"""

from collections.abc import Callable
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.clock import local_now
from ui.actions import SaveChat, UserAction
from ui.sharing import TransferState
from ui.view import Stage, View
from ui.window.chat_panel import ChatPanel
from ui.window.look import Look
from ui.window.measure import Measure
from ui.wording.chat import SAVE_CHAT, word_chat_news
from ui.wording.peers import name_peer

PANEL_PX = 320.0
"""Logical, in a window of the nominal size."""
WIDEST_SHARE = 0.5
WIDEST_SCALE = 1.6
LARGEST_UNIT = 1.15
"""A panel does not become wider with the window, so its text becomes hardly larger."""
SMALLEST_PICTURE_PX = 300
"""Logical: a panel that leaves less than this takes the whole window."""
LEAST_TEXT_PX = 200.0
"""Of the design: a panel that has less for its text takes the whole window too."""
SAVED_TYPES = "Text (*.txt);;JSON (*.json)"


class ChatSide(QObject):
    """The chat beside the picture."""

    changed = Signal()
    """The panel was opened or closed."""

    def __init__(self, window: QWidget, look: Look, post: Callable[[UserAction], object]) -> None:
        super().__init__(window)
        self._window = window
        self._post = post
        self._view: View | None = None
        self._seen = 0
        """How many of the other peer's messages the user has seen."""
        self._offers: frozenset[int] = frozenset()
        self.panel = ChatPanel(window, look, post)
        self.panel.closed.connect(self.close)

    @property
    def is_open(self) -> bool:
        """True while the panel is shown."""
        return not self.panel.isHidden()

    @property
    def unread(self) -> int:
        """The number of the other peer's messages that the user has not seen."""
        return 0 if self._view is None else max(0, _count_theirs(self._view) - self._seen)

    def follow(self, view: View) -> str:
        """Follow the view; return what a screen reader is to say of new messages, or "".

        A file that waits for an answer opens the panel.
        """
        former, self._view = self._view, view
        if former is not None and former.stage is not view.stage and view.stage is not Stage.CALL:
            self.panel.stop_choosing()
            self.panel.field.clear()  # The next call may be with somebody else.
            self.close()
        if view.stage is Stage.INCOMING:
            for dialog in self._window.findChildren(QFileDialog):
                dialog.reject()  # It would cover the question.
        before = 0 if former is None else len(former.sharing.chat)
        if len(view.sharing.chat) < before:
            before = self._seen = 0
        offers = frozenset(
            transfer.number
            for transfer in view.sharing.transfers
            if transfer.state is TransferState.OFFERED and not transfer.is_outgoing
        )
        has_new_offer, self._offers = bool(offers - self._offers), offers
        if has_new_offer and view.stage is Stage.CALL:
            self._open()
        if self.is_open:
            self.panel.show_view(view)
            self._seen = _count_theirs(view)
        return word_chat_news(view.sharing.chat[before:], name_peer(view))

    def toggle(self) -> None:
        """Open the panel and give it the keyboard, or close it."""
        if self.is_open:
            self.close()
        else:
            self._open()
            self.panel.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close(self) -> None:
        """Close the panel, and give the window the keyboard."""
        if not self.is_open:
            return
        has_keyboard = self.panel.has_keyboard
        self.panel.hide()
        if has_keyboard:
            self._window.setFocus()
        self.changed.emit()

    def width_in(self, measure: Measure) -> int:
        """Return the width of the panel in a window of this size, logical pixels; 0 if closed."""
        if not self.is_open:
            return 0
        whole = measure.size[0]
        scale = min(panel_unit(measure), WIDEST_SCALE)
        width = round(min(PANEL_PX * scale, max(WIDEST_SHARE * whole, PANEL_PX)))
        is_cramped = width < LEAST_TEXT_PX * panel_unit(measure)
        return whole if is_cramped or whole - width < SMALLEST_PICTURE_PX else width

    def save(self) -> None:
        """Ask where to save the chat, and save it there."""
        at = local_now()
        name = "" if self._view is None else name_peer(self._view)
        safe = "".join(each if each.isalnum() or each in " -" else "_" for each in name)
        dialog = QFileDialog(self._window, SAVE_CHAT)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(SAVED_TYPES)
        dialog.setDefaultSuffix("txt")
        dialog.setDirectory(str(_documents()))
        dialog.selectFile(f"Chat with {safe} {at:%Y-%m-%d}.txt")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The dialog has asked already whether a file is to be replaced.
        dialog.fileSelected.connect(lambda path: self._post(SaveChat(Path(path), replaces=True)))
        dialog.show()  # Not modal: a call that rings can be answered, and hung up.
        dialog.activateWindow()

    def _open(self) -> None:
        if self.is_open:
            return
        self.panel.show()
        if self._view is not None:
            self.panel.show_view(self._view)
            self._seen = _count_theirs(self._view)
        self.changed.emit()


def panel_unit(measure: Measure) -> float:
    """Return how many logical pixels one of the design takes in the panel's text."""
    return min(max(measure.logical_unit, 1.0), LARGEST_UNIT) * measure.text_scale


def _count_theirs(view: View) -> int:
    return sum(not message.is_own for message in view.sharing.chat)


def _documents() -> Path:
    """Return the user's folder for documents, or the home folder without one."""
    documents = platformdirs.user_documents_path()
    return documents if documents.is_dir() else Path.home()
