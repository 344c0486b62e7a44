"""Notice line: what became of a recording, a photo or a saved chat, for a while. Display thread.

It lies above the controls, in two lines at most. The whole text is its tooltip, and its name for
screen readers. Pressing it hides it.
"""

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from ui.call_notice import CallNotice
from ui.sharing import SharingNotice
from ui.window import palette
from ui.window.fitted_text import fit_lines, word_plain_tooltip
from ui.window.panel import PanelStyle, TextPanel
from ui.wording.call_notices import word_call_notice
from ui.wording.sharing import word_sharing_notice

STAYS_MS = 15_000
"""Long enough to read a path and to write it down."""
FONT_PX = 14.0
MOST_LINES = 2
PADDING_SHARE = 1.6
"""Of the font's height: what the panel takes at the left and the right together."""


class NoticeLine(QPushButton):
    """One notice."""

    hidden = Signal()
    """It went away by itself, or was pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._notice: CallNotice | SharingNotice | None = None
        self._sentence, self._path = "", ""
        self._panel = TextPanel(PanelStyle(ground=palette.BANNER))
        self._pixmap = QPixmap()
        self._lines: tuple[str, ...] = ()
        self._timer = QTimer(self, singleShot=True)
        self._timer.setInterval(STAYS_MS)
        self._timer.timeout.connect(self._leave)
        self.clicked.connect(self._hide)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    @property
    def shown_lines(self) -> tuple[str, ...]:
        """The text as it is shown; empty while it is hidden."""
        return () if self.isHidden() else self._lines

    def show_notice(self, notice: CallNotice | SharingNotice | None, peer_name: str = "") -> None:
        """Show a notice once, for a while; None hides it.

        Args:
            peer_name: how this user knows the other peer.
        """
        if notice is None:
            self._hide()
        elif notice != self._notice:
            self._notice = notice
            if isinstance(notice, CallNotice):
                sentence, self._path = word_call_notice(notice), notice.path
            else:
                sentence, self._path = word_sharing_notice(notice, peer_name), notice.subject
            self._sentence = sentence
            self.setAccessibleName(sentence)
            self.setAccessibleDescription("Press to hide this message")
            self.setToolTip(word_plain_tooltip(sentence))
            self.show()
            self._timer.start()

    def fit(
        self, area: QRect, text_unit: float, ratio: float, *, most_lines: int = MOST_LINES
    ) -> None:
        """Take the middle of the bottom of an area, logical pixels."""
        if self._notice is None or self.isHidden():
            return
        font_px = max(9.0, FONT_PX * text_unit) * ratio
        font = QFont()
        font.setPixelSize(round(font_px))
        metrics = QFontMetricsF(font)
        self._lines = fit_lines(
            self._sentence,
            self._path,
            advance=metrics.horizontalAdvance,
            room_px=area.width() * ratio - PADDING_SHARE * font_px,
            most_lines=most_lines,
        )
        room_px = round(area.width() * ratio)
        self._pixmap = QPixmap(self._panel.lay_out(self._lines, font_px=font_px, room_px=room_px))
        self._pixmap.setDevicePixelRatio(ratio)
        size = self._pixmap.deviceIndependentSize().toSize()
        left = area.x() + (area.width() - size.width()) // 2
        self.setGeometry(left, area.bottom() + 1 - size.height(), size.width(), size.height())
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter would reach the window, where it hangs up.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._pixmap.isNull():
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        if self.hasFocus():
            pen = painter.pen()
            pen.setColor(QColor(palette.FOCUS))
            pen.setWidthF(2.0)
            painter.setPen(pen)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.end()

    def _leave(self) -> None:
        if self.underMouse() or self.hasFocus():
            self._timer.start()
        else:
            self._hide()

    def _hide(self) -> None:
        self._timer.stop()
        was_shown = not self.isHidden()
        self.hide()
        if was_shown:
            self.hidden.emit()
