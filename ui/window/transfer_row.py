"""Transfer row: one file in the chat panel, with its progress and its buttons. Display thread."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.actions import AnswerFile, CancelFile, UserAction
from ui.sharing import LASTING_STATES, TransferState, TransferView
from ui.window.fitted_text import let_break, word_plain_tooltip
from ui.window.fonts import provide_fonts
from ui.window.look import Look, button_style
from ui.window.text_size import widen_button
from ui.wording.sharing import word_transfer

TEXT_PX = 13.0
BUTTON_PX = 26.0
PARTS = 1000
"""Of the progress bar: a file may have more bytes than it can count."""


class TransferRow(QWidget):
    """A file that is offered, moves, or has ended."""

    def __init__(
        self, parent: QWidget, look: Look, post: Callable[[UserAction], object], number: int
    ) -> None:
        super().__init__(parent)
        self._sentence = ""
        self._label = QLabel(self)
        # Names of files come from the other peer: they are text, never markup.
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._progress = QProgressBar(self)
        self._progress.setRange(0, PARTS)
        self._progress.setTextVisible(False)
        self.accept_button = self._button("Accept", lambda: post(AnswerFile(number, accepts=True)))
        self.decline_button = self._button(
            "Decline", lambda: post(AnswerFile(number, accepts=False))
        )
        self.cancel_button = self._button("Cancel", lambda: post(CancelFile(number)))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.accept_button, self.decline_button, self.cancel_button):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._label)
        column.addWidget(self._progress)
        column.addLayout(buttons)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.set_look(look)

    @property
    def text(self) -> str:
        """The sentence about the file."""
        return self._sentence

    @property
    def progress(self) -> float:
        """The share that has moved, from 0 to 1."""
        return self._progress.value() / PARTS

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self.setStyleSheet(
            f"TransferRow {{ background: {look.raised}; border-radius: 8px; }}"
            f"QLabel {{ color: {look.text}; background: transparent; }}"
            f"QProgressBar {{ background: {look.field}; border: 1px solid {look.field_edge};"
            f" border-radius: 4px; max-height: 8px; min-height: 8px; }}"
            f"QProgressBar::chunk {{ background: {look.accent}; border-radius: 3px; }}"
            + button_style(look, ground=look.button_lit, lit=look.button)
        )
        self.accept_button.setStyleSheet(
            button_style(look, ground=look.accent, lit=look.accent, text=look.on_accent)
        )

    def set_text_unit(self, text_unit: float) -> None:
        """Take another size of text, in logical pixels for one of the design."""
        font = QFont()
        font.setPixelSize(max(9, round(TEXT_PX * text_unit)))
        self._label.setFont(font)
        for button in (self.accept_button, self.decline_button, self.cancel_button):
            button.setFont(font)
            widen_button(button, text_unit, BUTTON_PX)

    def show_transfer(self, transfer: TransferView, peer_name: str) -> None:
        """Show how far it is."""
        sentence = word_transfer(transfer, peer_name)
        provide_fonts(sentence)
        self._sentence = sentence
        self._label.setText(let_break(sentence))
        self._label.setAccessibleName(sentence)
        self._label.setToolTip(word_plain_tooltip(sentence))
        is_asked = transfer.state is TransferState.OFFERED and not transfer.is_outgoing
        is_lasting = transfer.state in LASTING_STATES
        is_moving = transfer.state in (TransferState.WAITING, TransferState.MOVING)
        for button, is_shown in (
            (self.accept_button, is_asked),
            (self.decline_button, is_asked),
            (self.cancel_button, is_lasting and not is_asked),
        ):
            button.setVisible(is_shown)
            button.setAccessibleName(f"{button.text()} {transfer.name}")
        self._progress.setVisible(is_moving)
        self._progress.setAccessibleName(f"Progress of {transfer.name}")
        size = max(1, transfer.size_bytes)
        self._progress.setValue(PARTS * min(transfer.moved_bytes, size) // size)

    def _button(self, text: str, press: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(lambda: press())
        button.setAutoDefault(True)  # Enter presses it once the user moved to it with Tab.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        return button
