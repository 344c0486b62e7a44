"""Waiting page: the code of a listener, large, what to do where it does not connect, and how the
last call was.

Display thread. It reports what was pressed and decides nothing.
"""

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QTextOption,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui.view import Availability, ListenerView, UserEvent, View
from ui.window.fitted_text import let_break
from ui.window.fonts import provide_fonts
from ui.window.look import Look, button_style, scroll_bar_style
from ui.window.measure import Measure
from ui.window.panel import monospace_font
from ui.window.text_size import widen_button
from ui.wording.listener import word_news, word_waiting_details
from ui.wording.stages import word_report
from ui.wording.waiting import (
    CODE_HEADING,
    COPIED,
    COPY,
    DOES_NOT_CONNECT,
    HIDE_HELP,
    REPORT,
    REPORT_NAME,
    SAVE_CHAT,
    SAVE_CHAT_NAME,
    word_last_call,
    word_page_button,
    word_page_heading,
    word_page_lines,
)

SCALES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Tried in turn until the page fits into the window."""
HEADING_PX = 17.0
TITLE_PX = 28.0
TITLE_WEIGHT = QFont.Weight.DemiBold
CODE_PX = 46.0
CODE_BESIDE_HELP_PX = 30.0
TEXT_PX = 15.0
HELP_PX = 14.0
PADDING_PX = 30.0
PADDING_BESIDE_HELP_PX = 18.0
WIDEST_PX = 660.0
COPIED_MS = 2000
HELP_EDGES_PX = 30
"""Logical: around the text of the help, with room for a scroll bar."""


class WaitingPage(QWidget):
    """The page of a listener that waits."""

    availability_pressed = Signal()
    """The user wants to take calls, or codes, again."""
    acted = Signal(object)
    """A `UserEvent`."""
    chat_saved = Signal()
    """The user wants to save the chat of the last call."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._listener: ListenerView | None = None
        self._shown: tuple[object, ...] = ()
        """The values of the view that the page depends on."""
        self._measure, self._below_px = Measure((1, 1)), 0
        self._heading, self._code, self._text = (_label(self) for _ in range(3))
        self._news, self._last = (_label(self) for _ in range(2))
        self._code.setWordWrap(False)
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button = _button(self, COPY)
        self.copy_button.setAccessibleName("Copy the code")
        self.copy_button.clicked.connect(self._copy)
        self._copied = QTimer(self, singleShot=True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(lambda: self.copy_button.setText(COPY))
        self.availability_button = _button(self, "")
        self.availability_button.clicked.connect(self.availability_pressed)
        self.help_button = _button(self, DOES_NOT_CONNECT)
        self.help_button.clicked.connect(self._toggle_help)
        self.report_button = _button(self, REPORT)
        self.report_button.setAccessibleName(REPORT_NAME)
        self.report_button.clicked.connect(lambda: self.acted.emit(UserEvent.SHOW_REPORT))
        self.save_button = _button(self, SAVE_CHAT)
        self.save_button.setAccessibleName(SAVE_CHAT_NAME)
        self.save_button.clicked.connect(self.chat_saved)
        self._buttons = (
            self.copy_button,
            self.availability_button,
            self.help_button,
            self.report_button,
            self.save_button,
        )
        self.help = QPlainTextEdit(self)
        self.help.setReadOnly(True)
        # A command that is selected over several lines is copied as the one line that it is.
        self.help.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.help.setAccessibleName("What to type on the other computer")
        self.help.setTabChangesFocus(True)
        self.help.hide()
        self._column = QVBoxLayout(self)
        self._code_row = self._row(self._code, self.copy_button)
        self._column.addWidget(self._heading)
        self._column.addLayout(self._code_row)
        self._column.addWidget(self._text)
        self._column.addWidget(self._news)
        self._column.addLayout(self._row(self.availability_button))
        self._column.addLayout(self._row(self.help_button))
        self._column.addWidget(self.help)
        self._column.addWidget(self._last)
        self._column.addLayout(self._row(self.report_button, self.save_button))
        self.set_look(look)
        self.hide()

    @property
    def code(self) -> str:
        """The code that is shown; "" while no codes are taken."""
        return self._code.text()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self._colour_heading()
        for label, colour in (
            (self._code, look.accent),
            (self._text, look.text),
            (self._news, look.notice),
            (self._last, look.muted),
        ):
            label.setStyleSheet(f"color: {colour}; background: transparent;")
        for button in self._buttons:
            button.setStyleSheet(button_style(look))
        self.help.setStyleSheet(
            f"QPlainTextEdit {{ color: {look.text}; background: {look.field};"
            f" border: 1px solid {look.edge}; border-radius: 8px; padding: 4px; }}"
            f"QPlainTextEdit:focus {{ border-color: {look.focus}; }}" + scroll_bar_style(look)
        )
        self.update()

    def show_view(self, view: View | None) -> None:
        """Show how this listener can be called, and how its last call was, or hide the page."""
        if view is None or view.listener is None:
            self._listener = None
            self._shown = ()
            self.hide()
            return
        listener = view.listener
        last = "\n".join(line for line in (word_last_call(view), word_report(view)) if line)
        shown = (listener, last, view.can_report, bool(view.sharing.chat))
        if shown != self._shown:
            self._listener, self._shown = listener, shown
            provide_fonts(last)
            self._last.setText(let_break(last))
            self.report_button.setEnabled(view.can_report)
            self.save_button.setEnabled(bool(view.sharing.chat))
            is_available = listener.availability is Availability.AVAILABLE
            self._heading.setText(CODE_HEADING if is_available else word_page_heading(listener))
            self._code.setText(listener.code if is_available else "")
            self._code.setAccessibleName(f"{CODE_HEADING}: {listener.code}" if is_available else "")
            self._colour_heading()
            self._text.setText(word_page_lines(listener))
            news = "\n".join(word_news(listener))
            provide_fonts(news)
            self._news.setText(let_break(news))
            self.help.setPlainText("\n".join(word_waiting_details(listener, at_terminal=False)))
            button = word_page_button(listener)
            self.availability_button.setText(button)
            self.availability_button.setVisible(bool(button))
            for widget in (self._code, self.copy_button, self.help_button):
                widget.setVisible(is_available)
            self._news.setVisible(bool(self._news.text()))
            if not is_available:
                self.help.hide()
        self.show()
        self.fit(self._measure, self._below_px)

    def fit(self, measure: Measure, below_px: int = 0) -> None:
        """Choose font sizes so that the page fits into a canvas, and centre it.

        Args:
            below_px: the height that is taken at the bottom, logical pixels.
        """
        self._measure, self._below_px = measure, below_px
        if self._listener is None:
            return
        wide, high = measure.size
        most = QSize(round(wide * 0.94), round(high * 0.96) - below_px)
        for scale in SCALES:
            size = self._lay_out(measure.logical_text_unit * scale, most)
            if size.width() <= most.width() and size.height() <= most.height():
                break
        height = min(size.height(), most.height())
        top = max(round(high * 0.02), (high - below_px - height) // 2)
        self.setGeometry((wide - size.width()) // 2, top, size.width(), height)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(QColor(self._look.card))
        painter.setPen(QPen(QColor(self._look.edge), 1.0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 16.0, 16.0)
        painter.end()

    def _lay_out(self, unit: float, most: QSize) -> QSize:
        is_helping = not self.help.isHidden()
        self._heading.setVisible(not is_helping)
        self._text.setVisible(not is_helping)
        has_last = bool(self._last.text()) and not is_helping
        for widget in (self._last, self.report_button, self.save_button):
            widget.setVisible(has_last and widget.isEnabled())
        heading = (HEADING_PX, QFont.Weight.Normal) if self.code else (TITLE_PX, TITLE_WEIGHT)
        for label, size_px, weight in (
            (self._heading, *heading),
            (self._code, CODE_BESIDE_HELP_PX if is_helping else CODE_PX, QFont.Weight.Bold),
            (self._text, TEXT_PX, QFont.Weight.Normal),
            (self._news, TEXT_PX, QFont.Weight.Normal),
            (self.copy_button, TEXT_PX, QFont.Weight.DemiBold),
            (self.availability_button, TEXT_PX, QFont.Weight.DemiBold),
            (self.help_button, HELP_PX, QFont.Weight.Normal),
            (self._last, HELP_PX, QFont.Weight.Normal),
            (self.report_button, HELP_PX, QFont.Weight.Normal),
            (self.save_button, HELP_PX, QFont.Weight.Normal),
        ):
            font = QFont()
            font.setPixelSize(max(9, round(size_px * unit)))
            font.setWeight(weight)
            label.setFont(font)
        for button in self._buttons:
            widen_button(button, unit)
        mono = monospace_font()
        mono.setPixelSize(max(9, round(HELP_PX * unit)))
        self.help.setFont(mono)
        padding = round((PADDING_BESIDE_HELP_PX if is_helping else PADDING_PX) * unit)
        full = self._help_height(most.width() - 2 * padding)
        self._column.setContentsMargins(padding, padding, padding, padding)
        self._column.setSpacing(round(12 * unit))
        self._code_row.setSpacing(round(18 * unit))
        self.help.setMinimumHeight(min(full, round(100 * unit)))
        self.help.setMaximumHeight(full)
        width = min(round(WIDEST_PX * unit), most.width())
        if is_helping:
            width = most.width()
        width = max(width, self._column.minimumSize().width())
        self._column.invalidate()
        height = self._column.heightForWidth(width)
        if height < 0:  # No text that is wrapped is shown.
            height = self._column.minimumSize().height()
        if is_helping:
            height += max(0, min(full, most.height() - height) - self.help.minimumHeight())
        return QSize(width, height)

    def _help_height(self, width: int) -> int:
        """Return the height in which all lines of the help are seen, logical pixels."""
        metrics = self.help.fontMetrics()
        room = max(1, width - HELP_EDGES_PX)
        lines = self.help.toPlainText().split("\n")
        shown = sum(max(1, ceil(metrics.horizontalAdvance(line) / room)) for line in lines)
        return shown * metrics.lineSpacing() + HELP_EDGES_PX

    def _colour_heading(self) -> None:
        """Above a code it is less important than the code."""
        colour = self._look.muted if self.code else self._look.text
        self._heading.setStyleSheet(f"color: {colour}; background: transparent;")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code.text())
        self.copy_button.setText(COPIED)
        self._copied.start()

    def _toggle_help(self) -> None:
        is_shown = self.help.isHidden()
        self.help.setVisible(is_shown)
        self.help_button.setText(HIDE_HELP if is_shown else DOES_NOT_CONNECT)
        self.fit(self._measure, self._below_px)

    @staticmethod
    def _row(*widgets: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch()
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch()
        return row


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label


def _button(parent: QWidget, text: str) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAutoDefault(True)  # Enter presses it once the user moved to it with Tab.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
