"""Chat log: the messages of a call as text that can be read, selected and copied. Display thread.

Only what has changed is laid out again: new messages at the end, and those whose delivery is news.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.sharing import ChatMessage
from ui.window.fonts import provide_fonts
from ui.window.look import Look
from ui.wording.chat import word_message_head

TEXT_PX = 14.0
HEAD_PX = 12.0
MOST_MESSAGES = 1000
"""Older ones are in the chat that can be saved."""
BLOCKS_A_MESSAGE = 2
LINE_SEPARATOR = "\u2028"
"""Begins a line without a new block."""


class ChatLog(QTextEdit):
    """The messages, the newest at the bottom."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._look = look
        self._text_unit = 1.0
        self._shown: list[tuple[ChatMessage, str]] = []
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Messages")
        self._is_at_end = True
        self._is_filling = False
        self.verticalScrollBar().valueChanged.connect(self._note_place)
        self.verticalScrollBar().rangeChanged.connect(self._keep_end)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self._lay_out_again()

    def set_text_unit(self, text_unit: float) -> None:
        """Take another size of text, in logical pixels for one of the design."""
        font = QFont()
        font.setPixelSize(max(9, round(TEXT_PX * text_unit)))
        self.setFont(font)
        if text_unit != self._text_unit:
            self._text_unit = text_unit
            self._lay_out_again()

    def show_messages(self, messages: tuple[ChatMessage, ...], peer_name: str) -> None:
        """Show these messages; stay at the end if the user has not scrolled up."""
        wanted = [
            (message, word_message_head(message, peer_name))
            for message in messages[-MOST_MESSAGES:]
        ]
        if wanted == self._shown:
            return
        self._is_filling = True
        same = 0
        for former, new in zip(self._shown, wanted, strict=False):
            if former != new:
                break
            same += 1
        self._cut(same)
        for message, head in wanted[same:]:
            self._append(message, head)
        self._shown = wanted
        self._is_filling = False
        if self._is_at_end:
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _note_place(self, value: int) -> None:
        """Store whether the user reads the newest messages."""
        if not self._is_filling:
            self._is_at_end = value >= self.verticalScrollBar().maximum() - 4

    def _keep_end(self, _: int, maximum: int) -> None:
        """Stay at the end when the room for the messages becomes another one."""
        if self._is_at_end and not self._is_filling:
            self.verticalScrollBar().setValue(maximum)

    def _cut(self, count: int) -> None:
        """Remove all messages but the first ones."""
        if count >= len(self._shown):
            return
        if count == 0:
            self.clear()
            return
        block = self.document().findBlockByNumber(count * BLOCKS_A_MESSAGE)
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def _append(self, message: ChatMessage, head: str) -> None:
        provide_fonts(message.text + head)
        unit, look = self._text_unit, self._look
        head_colour = look.accent if message.is_own else look.muted
        for text, colour, size_px, above_px in (
            (head, head_colour, HEAD_PX, 12 * unit),
            (message.text.replace("\n", LINE_SEPARATOR), look.text, TEXT_PX, 2 * unit),
        ):
            block, characters = QTextBlockFormat(), QTextCharFormat()
            block.setTopMargin(above_px)
            font = QFont()
            font.setPixelSize(max(9, round(size_px * unit)))
            characters.setFont(font)
            characters.setForeground(QColor(colour))
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            if not self.document().isEmpty():
                cursor.insertBlock(block, characters)
            else:
                cursor.setBlockFormat(block)
                cursor.setBlockCharFormat(characters)
            cursor.insertText(text, characters)

    def _lay_out_again(self) -> None:
        shown, self._shown = self._shown, []
        self.clear()
        for message, head in shown:
            self._append(message, head)
        self._shown = shown
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
