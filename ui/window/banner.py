"""Banner: lines at the top of the picture, with buttons where the user has something to do.

Display thread. It lies on a picture, so it is dark in both looks.
"""

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.window import palette
from ui.window.fonts import provide_fonts
from ui.window.kept_button import KeptButton
from ui.window.look import DARK, button_style
from ui.window.text_size import widen_button

FONT_PX = 17.0
EMPHASIS = 1.35
"""How much larger the emphasized line is."""
PADDING_PX = 10.0
STAYS_MS = 30_000
"""For as long as lines stay that ask for nothing and announce no lasting state."""


class Banner(QWidget):
    """Lines over the picture."""

    confirmed = Signal()
    """The words are the same on both screens."""
    hidden = Signal()
    """It went away by itself or by its button."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: tuple[str, ...] = ()
        self._is_folded = False
        self._key: tuple[object, ...] = ()
        self._pixmap = QPixmap()
        self._labels = tuple(_UnpaintedLabel(self) for _ in range(3))
        """Of the lines before the emphasized one, of that one, and of those after it."""
        self.confirm_button = _make_button(self, "They match (w)", "The words match")
        self.confirm_button.clicked.connect(self.confirmed)
        self.hide_button = _make_button(self, "Hide", "Hide this message")
        self.hide_button.clicked.connect(self.fold)
        row = QHBoxLayout()
        self._row = row
        row.addStretch()
        row.addWidget(self.confirm_button)
        row.addWidget(self.hide_button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setSpacing(6)
        for label in self._labels:
            column.addWidget(label)
        column.addLayout(row)
        self._column = column
        self._timer = QTimer(self, singleShot=True)
        self._timer.setInterval(STAYS_MS)
        self._timer.timeout.connect(self.fold)
        self.hide()

    @property
    def shown_text(self) -> str:
        """The lines, as shown; "" while it is hidden."""
        return "" if self.isHidden() else "\n".join(self._lines)

    def show_lines(
        self, lines: tuple[str, ...], *, emphasized: str = "", is_question: bool, stays: bool
    ) -> None:
        """Show these lines, unless the user has hidden the same ones.

        Args:
            emphasized: the line that is larger than the others, if it is among them.
            is_question: whether the user is to say that the words match.
            stays: whether they stay for as long as they hold.
        """
        if lines != self._lines:
            self._lines, self._is_folded = lines, False
            provide_fonts("\n".join(lines))
            at = lines.index(emphasized) if emphasized in lines else len(lines)
            parts = (lines[:at], lines[at : at + 1], lines[at + 1 :])
            for label, part in zip(self._labels, parts, strict=True):
                label.setText("\n".join(part))
                label.setVisible(bool(part))
            self._timer.stop()
        self.confirm_button.setVisible(is_question)
        self.hide_button.setVisible(is_question)
        self.setVisible(bool(lines) and not self._is_folded)
        if not (self.isHidden() or is_question or stays):
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def fold(self) -> None:
        """Hide these lines until there are others, or until `unfold`."""
        self._is_folded = True
        self.hide()
        self.hidden.emit()

    def unfold(self) -> None:
        """Show the lines again."""
        self._is_folded = False
        self.setVisible(bool(self._lines))
        self.hidden.emit()

    def fit(self, area: QRect, text_unit: float) -> None:
        """Take the middle of the top of an area, logical pixels."""
        font = QFont()
        font.setPixelSize(max(8, round(FONT_PX * text_unit)))
        large = QFont()
        large.setPixelSize(max(8, round(FONT_PX * EMPHASIS * text_unit)))
        large.setWeight(QFont.Weight.Bold)
        for label, its_font in zip(self._labels, (font, large, font), strict=True):
            label.setFont(its_font)
        small = QFont()
        small.setPixelSize(max(8, round(FONT_PX * 0.85 * text_unit)))
        for button in (self.confirm_button, self.hide_button):
            button.setFont(small)
            widen_button(button, text_unit, 32)
        self._row.setSpacing(round(8 * text_unit))
        padding = round(PADDING_PX * text_unit)
        self._column.setContentsMargins(padding, padding, padding, padding)
        longest = max(
            label.fontMetrics().horizontalAdvance(line)
            for label in self._labels
            for line in label.text().split("\n")
        )
        least = self._column.minimumSize().width()
        width = min(max(longest + 2 * padding + 6, least), area.width())
        self._column.invalidate()
        height = self._column.heightForWidth(width)
        height = height if height > 0 else self._column.sizeHint().height()
        self.setGeometry(area.x() + (area.width() - width) // 2, area.y(), width, height)

    def paintEvent(self, _: QPaintEvent) -> None:
        ratio = self.devicePixelRatio()
        places = tuple(label.geometry().getRect() for label in self._labels)
        key = (self.width(), self.height(), ratio, places, self._lines)
        if key != self._key:
            self._key = key
            self._pixmap = self._draw(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()

    def _draw(self, ratio: float) -> QPixmap:
        """Draw the ground and the lines, which each picture then only copies."""
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.BANNER))
        painter.drawRoundedRect(QRectF(self.rect()), 12.0, 12.0)
        painter.setPen(QColor(palette.TEXT))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        for label in self._labels:
            painter.setFont(label.font())
            painter.drawText(label.geometry(), flags, label.text())
        painter.end()
        return pixmap


class _UnpaintedLabel(QLabel):
    """A label for the layout and for screen readers; the banner draws its text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # Names come from the other peer: they are text, never markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)

    def paintEvent(self, _: QPaintEvent) -> None:
        pass


def _make_button(parent: QWidget, text: str, name: str) -> KeptButton:
    button = KeptButton(text, parent)
    button.setAccessibleName(name)
    button.setAutoDefault(True)  # Enter presses it once the user moved to it with Tab.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setStyleSheet(button_style(DARK))
    return button
