"""Lobby code: the user's own code, large, with a button that copies it. Display thread."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.view import Availability, ListenerView
from ui.window.fitted_text import let_break
from ui.window.fonts import provide_fonts
from ui.window.lobby_style import (
    HEADING_PX,
    ROW_PX,
    SMALL_PX,
    TEXT_PX,
    label_style,
    make_label,
    set_font,
)
from ui.window.look import Look, button_style
from ui.window.text_size import widen_button
from ui.wording.listener import word_news, word_waiting_details
from ui.wording.waiting import (
    CODE_HEADING,
    COPIED,
    COPY,
    DOES_NOT_CONNECT,
    HIDE_HELP,
    word_page_button,
    word_page_heading,
    word_page_lines,
)

CODE_PX = 30.0
COPIED_MS = 2000


class LobbyCode(QWidget):
    """How others can call this user."""

    availability_pressed = Signal()
    """The user wants to take calls, or codes, again."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._listener: ListenerView | None = None
        self._heading, self._text, self._news = (make_label(self) for _ in range(3))
        self._code, self._help = (make_label(self, is_selectable=True) for _ in range(2))
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button = _button(self, COPY, "Copy the code")
        self.copy_button.clicked.connect(self._copy)
        self.availability_button = _button(self, "", "")
        self.availability_button.clicked.connect(self.availability_pressed)
        self.help_button = _button(self, DOES_NOT_CONNECT, DOES_NOT_CONNECT)
        self.help_button.clicked.connect(self._toggle_help)
        self._copied = QTimer(self, singleShot=True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(lambda: self.copy_button.setText(COPY))
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.copy_button)
        self._buttons.addWidget(self.availability_button)
        self._buttons.addWidget(self.help_button)
        self._buttons.addStretch()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._heading)
        self._column.addWidget(self._code)
        self._column.addWidget(self._text)
        self._column.addWidget(self._news)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self._help)
        self._help.hide()
        self.set_look(look)

    @property
    def code(self) -> str:
        """The code that is shown; "" while no codes are taken."""
        return self._code.text()

    def show_listener(self, listener: ListenerView) -> None:
        """Show how this listener can be called."""
        if listener == self._listener:
            return
        self._listener = listener
        is_available = listener.availability is Availability.AVAILABLE
        self._heading.setText(CODE_HEADING if is_available else word_page_heading(listener))
        self._code.setText(listener.code if is_available else "")
        self._code.setAccessibleName(f"{CODE_HEADING}: {listener.code}" if is_available else "")
        self._text.setText(word_page_lines(listener))
        news = "\n".join(word_news(listener))
        provide_fonts(news)
        self._news.setText(let_break(news))
        self._news.setVisible(bool(self._news.text()))
        self._help.setText("\n".join(word_waiting_details(listener, at_terminal=False)))
        button = word_page_button(listener)
        had_focus = self.availability_button.hasFocus()
        self.availability_button.setText(button)
        self.availability_button.setAccessibleName(button)
        self.availability_button.setVisible(bool(button))
        for widget in (self._code, self.copy_button, self.help_button):
            widget.setVisible(is_available)
        if had_focus and not button:
            self.copy_button.setFocus()  # Qt would choose the field of the name.
        if not is_available:
            self._show_help(is_shown=False)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        for label, colour in (
            (self._heading, look.text),
            (self._code, look.accent),
            (self._text, look.muted),
            (self._news, look.notice),
            (self._help, look.muted),
        ):
            label.setStyleSheet(label_style(colour))
        for button in (self.copy_button, self.availability_button, self.help_button):
            button.setStyleSheet(button_style(look))

    def set_unit(self, unit: float) -> None:
        """Take another size of text and margins, logical pixels."""
        self._column.setSpacing(round(6 * unit))
        self._buttons.setSpacing(round(10 * unit))
        set_font(self._heading, HEADING_PX * unit, QFont.Weight.DemiBold)
        set_font(self._code, CODE_PX * unit, QFont.Weight.Bold)
        set_font(self._text, SMALL_PX * unit)
        set_font(self._news, SMALL_PX * unit)
        set_font(self._help, SMALL_PX * unit)
        for button in (self.copy_button, self.availability_button):
            set_font(button, TEXT_PX * unit, QFont.Weight.DemiBold)
        set_font(self.help_button, SMALL_PX * unit)
        for button in (self.copy_button, self.availability_button, self.help_button):
            widen_button(button, unit, ROW_PX)
            button.setFixedHeight(round(ROW_PX * unit))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code.text())
        self.copy_button.setText(COPIED)
        self._copied.start()

    def _toggle_help(self) -> None:
        self._show_help(is_shown=self._help.isHidden())

    def _show_help(self, *, is_shown: bool) -> None:
        self._help.setVisible(is_shown)
        self.help_button.setText(HIDE_HELP if is_shown else DOES_NOT_CONNECT)


def _button(parent: QWidget, text: str, name: str) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAccessibleName(name)
    button.setAutoDefault(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
