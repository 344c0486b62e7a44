"""Card widget: sentence, details and the buttons that answer a call. Display thread.

It uses real labels and buttons, so that text can be copied and a screen reader reads it. It reports
what was pressed and decides nothing.
"""

import unicodedata
from enum import Enum
from itertools import product
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTextBoundaryFinder, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.window import palette
from ui.window.avatar import Avatar
from ui.window.fitted_text import let_break
from ui.window.fonts import provide_fonts
from ui.window.look import Look, button_style
from ui.window.measure import Measure
from ui.wording.stages import Card

SCALES = (1.0, 0.88, 0.76, 0.66, 0.56, 0.48, 0.42, 0.36, 0.3)
"""Tried in turn until the card fits into the window."""
SMALLEST_WHOLE_SCALE = 0.6
"""A card becomes this small before a word is shortened."""
SENTENCE_PX = 28.0
DETAIL_PX = 16.0
HINT_PX = 13.0
BUTTON_PX = 17.0
BUTTON_WIDTH_PX = 130.0
LEAST_FOR_TWO_ROWS = 4
"""Fewer buttons stand in one row, however small."""
AVATAR_PX = 72.0
SMALLEST_AVATAR_UNIT = 0.33
PADDING_PX = 30.0
WIDEST_TEXT_PX = 720.0
CORNER_PX = 54.0
"""Kept free above and below a card that leaves the corners: a margin and a badge."""
SMALLEST_FONT_PX = 8.0
LEAST_MOVE_PX = 4.0
"""Logical."""
LEFT_TO_RIGHT_MARK = "\u200e"


class CardButton(Enum):
    """A button of a card."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CALL_AGAIN = "call again"
    REPORT = "report"
    SAVE_CHAT = "save chat"
    CLOSE = "close"


_WORDS = {
    CardButton.ACCEPT: ("Accept (y)", "Accept the call"),
    CardButton.DECLINE: ("Decline (n)", "Decline the call"),
    CardButton.CALL_AGAIN: ("Call again", "Call again"),
    CardButton.REPORT: ("Report", "Report on the call, in the browser"),
    CardButton.SAVE_CHAT: ("Save chat", "Save the chat"),
    CardButton.CLOSE: ("Close", "Close the window"),
}
"""The text of each button, and its name for screen readers."""
_COLOURS = {
    CardButton.ACCEPT: (palette.ACCEPT, palette.ACCEPT_LIT, palette.TEXT),
    CardButton.DECLINE: (palette.DECLINE, palette.DECLINE_LIT, palette.TEXT),
    CardButton.CALL_AGAIN: (palette.ACCEPT, palette.ACCEPT_LIT, palette.TEXT),
}
"""Ground, ground below the pointer, and text of each button that is not plain."""


class CardWidget(QWidget):
    """A card with text, and with buttons where the user has a choice."""

    pressed = Signal(object)
    """The `CardButton` that was pressed."""
    pointed_at = Signal()
    """The user moves the pointer on the card. A pointer that only rests there means nothing."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._card: Card | None = None
        self._look = look
        self._measure_of_canvas = Measure((1, 1))
        self._below_px = self._above_px = 0
        self._avatar = Avatar(self)
        self._sentence, self._details, self._hint = (_make_label(self) for _ in range(3))
        self._shown: tuple[CardButton, ...] = ()
        self._entered_at = QPointF()
        self._buttons = {each: self._make_button(each) for each in CardButton}
        self._rows = QGridLayout()
        self._centred_rows = QHBoxLayout()
        self._centred_rows.addStretch()
        self._centred_rows.addLayout(self._rows)
        self._centred_rows.addStretch()
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._sentence)
        self._column.addWidget(self._details)
        self._column.addWidget(self._hint)
        self._column.addLayout(self._centred_rows)
        for part in (self, *self.findChildren(QWidget)):
            part.setMouseTracking(True)
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self._sentence.setStyleSheet(_label_style(look.text))
        self._hint.setStyleSheet(_label_style(look.muted))
        self._details.setStyleSheet(_label_style(look.muted))
        for each, button in self._buttons.items():
            ground, lit, text = _COLOURS.get(each, ("", "", ""))
            button.setStyleSheet(button_style(look, ground=ground, lit=lit, text=text))
        self.update()

    def button(self, button: CardButton) -> QPushButton:
        """Return the widget of a button, which may be hidden."""
        return self._buttons[button]

    def show_card(self, card: Card | None, buttons: tuple[CardButton, ...] = ()) -> None:
        """Show this card with these buttons, or none, in the middle of the canvas."""
        if card is None:
            self._card = None
            self.hide()
            return
        if card != self._card:
            self._card = card
            provide_fonts("\n".join((card.sentence, *card.details, card.hint, card.initial)))
            self._avatar.set_initial(card.initial)
            _set_text(self._sentence, card.sentence)
            _set_text(self._details, let_break("\n".join(line.strip() for line in card.details)))
            _set_text(self._hint, card.hint)
        self._shown = buttons
        for each, widget in self._buttons.items():
            widget.setVisible(each in buttons)
        self.fit(self._measure_of_canvas, self._below_px, self._above_px)
        self.show()

    def fit(self, measure: Measure, below_px: int = 0, above_px: int = 0) -> None:
        """Choose font sizes so that the card fits into a canvas, and centre it.

        Args:
            below_px: the height that is taken at the bottom, logical pixels.
            above_px: the height that is taken at the top, likewise.
        """
        self._measure_of_canvas = measure
        self._below_px, self._above_px = below_px, above_px
        if self._card is None:
            return
        room = QSize(measure.size[0], measure.size[1] - below_px - above_px)
        unit = measure.logical_text_unit
        most = QSize(round(room.width() * 0.94), round(room.height() * 0.94))
        if self._card.leaves_corners and not below_px:
            most.setHeight(room.height() - 2 * round(CORNER_PX * measure.logical_unit))
        for scale, per_row in product(SCALES, self._arrangements()):
            size, is_whole = self._measure(unit * scale, most.width(), per_row)
            is_fitting = size.height() <= most.height() and size.width() <= most.width()
            if is_fitting and (is_whole or scale < SMALLEST_WHOLE_SCALE):
                break
        self.setGeometry(
            (room.width() - size.width()) // 2,
            above_px + max(0, (room.height() - size.height()) // 2),
            size.width(),
            size.height(),
        )

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._entered_at = event.globalPosition()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        moved = event.globalPosition() - self._entered_at
        if moved.manhattanLength() >= LEAST_MOVE_PX:
            self.pointed_at.emit()
        super().mouseMoveEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(QColor(self._look.card))
        painter.setPen(QPen(QColor(self._look.edge), 1.0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 16.0, 16.0)
        painter.end()

    def _make_button(self, kind: CardButton) -> QPushButton:
        text, name = _WORDS[kind]
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        # Enter presses a button only after the user moved to it with Tab.
        button.setAutoDefault(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.pressed.emit(kind))
        button.hide()
        return button

    def _arrangements(self) -> tuple[int, ...]:
        """Return how many buttons may stand in a row: all, or else half of them."""
        count = len(self._shown)
        return (count,) if count < LEAST_FOR_TWO_ROWS else (count, ceil(count / 2))

    def _arrange(self, per_row: int) -> None:
        """Put the buttons that are shown into rows."""
        for number, each in enumerate(self._shown):
            self._rows.addWidget(self._buttons[each], *divmod(number, per_row))

    def _measure(self, unit: float, widest: int, per_row: int) -> tuple[QSize, bool]:
        """Set all sizes; return the card's size, and whether every word has room."""
        assert self._card is not None
        _set_font(self._sentence, QFont(), SENTENCE_PX * unit, QFont.Weight.DemiBold)
        _set_font(self._details, QFont(), DETAIL_PX * unit)
        _set_font(self._hint, QFont(), HINT_PX * unit)
        for button in self._buttons.values():
            _set_font(button, QFont(), BUTTON_PX * unit, QFont.Weight.DemiBold)
            button.setMinimumWidth(round(BUTTON_WIDTH_PX * unit))
            button.setMinimumHeight(round(44 * unit))
        is_face_shown = bool(self._card.initial) and unit >= SMALLEST_AVATAR_UNIT
        self._avatar.setVisible(is_face_shown)
        self._avatar.setFixedSize(round(AVATAR_PX * unit), round(AVATAR_PX * unit))
        padding = round(PADDING_PX * unit)
        self._column.setContentsMargins(padding, padding, padding, padding)
        self._column.setSpacing(round(14 * unit))
        self._arrange(per_row)
        self._rows.setSpacing(round(16 * unit))
        self._rows.setContentsMargins(0, round(10 * unit) if self._shown else 0, 0, 0)
        inner = min(round(WIDEST_TEXT_PX * unit), widest - 2 * padding)
        _set_text(self._sentence, self._card.sentence)
        text = max(_text_width(label) for label in (self._sentence, self._details, self._hint))
        least = self._rows.sizeHint().width() if self._shown else round(240 * unit)
        inner = max(min(text, inner), min(least, widest - 2 * padding))
        width = inner + 2 * padding
        is_whole = _fit_words(self._sentence, self._card.sentence, inner)
        for layout in (self._rows, self._centred_rows, self._column):
            layout.invalidate()
        height = self._column.heightForWidth(width)
        # A row of buttons that is wider than the window makes the next smaller scale be tried.
        width = max(width, least + 2 * padding)
        height = height if height > 0 else self._column.sizeHint().height()
        return QSize(width, height), is_whole


def _make_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    # Names come from the other peer: they are text, never markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.hide()
    return label


def _label_style(colour: str) -> str:
    return f"color: {colour}; background: transparent;"


def _set_text(label: QLabel, text: str) -> None:
    # Qt lays a sentence out in the direction of its first word, which may be an Arabic name.
    label.setText(LEFT_TO_RIGHT_MARK + text if _begins_right_to_left(text) else text)
    label.setVisible(bool(text))


def _begins_right_to_left(text: str) -> bool:
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def _fit_words(label: QLabel, text: str, room_px: int) -> bool:
    """Shorten each word that is wider than the label, such as a name of 64 letters.

    Return whether there was none.

    A text in a script without spaces, such as Chinese, is wrapped by Qt and stays whole.
    """
    metrics = QFontMetrics(label.font())
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Line, text)
    units = text.encode("utf-16-le")  # Qt counts in these
    shown, start, is_whole = "", 0, True
    while (end := finder.toNextBoundary()) >= 0:
        word = units[2 * start : 2 * end].decode("utf-16-le")
        if metrics.horizontalAdvance(word.rstrip()) > room_px:
            is_whole = False
            word = metrics.elidedText(word, Qt.TextElideMode.ElideRight, room_px) + " "
        shown += word
        start = end
    _set_text(label, shown)
    return is_whole


def _set_font(
    widget: QWidget, font: QFont, size_px: float, weight: QFont.Weight = QFont.Weight.Normal
) -> None:
    font.setPixelSize(round(max(SMALLEST_FONT_PX, size_px)))
    font.setWeight(weight)
    widget.setFont(font)


def _text_width(label: QLabel) -> int:
    if not label.text():
        return 0
    metrics = QFontMetrics(label.font())
    return max(metrics.horizontalAdvance(line) for line in label.text().split("\n")) + 4
