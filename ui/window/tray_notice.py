"""Tray notice: a notification of Windows while somebody rings. Display thread.

Elsewhere `ui/desktop/ring_notice.py` shows one, which has buttons on Linux. Windows shows only
those of an icon beside the clock, which is there for as long as it rings. Pressing the notification
brings the window to the front.
"""

import sys

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from core.program import NAME
from core.safe_text import cut_controls
from ui.view import PeerView, Stage, View
from ui.window import palette
from ui.window.icons import Icon, paint_icon
from ui.wording.ringing import word_ring_notice, word_ring_title

STAYS_MS = 45_000
"""As long as a ring lasts; Windows may shorten it."""
ICON_PX = 64


class TrayNotice(QWidget):
    """The notification of a ring. Never seen itself."""

    pressed = Signal()

    def __init__(self, parent: QWidget, platform: str = sys.platform) -> None:
        super().__init__(parent)
        self.hide()
        self._platform = platform
        self._icon: QSystemTrayIcon | None = None

    def follow(self, former: View, view: View) -> None:
        """Show a notification when somebody begins to ring, and remove it at the end."""
        if self._platform != "win32":
            return
        is_ringing = view.stage is Stage.INCOMING and view.peer is not None
        if is_ringing and (former.stage is not Stage.INCOMING or former.peer != view.peer):
            assert view.peer is not None
            self._show(view.peer)
        elif not is_ringing and self._icon is not None:
            self._icon.hide()

    def _show(self, peer: PeerView) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._icon is None:
            self._icon = QSystemTrayIcon(_draw_icon(), self)
            self._icon.setToolTip(NAME)
            for press in (self._icon.messageClicked, self._icon.activated):
                press.connect(lambda *_: self.pressed.emit())
        self._icon.show()
        title, body = cut_controls(word_ring_title(peer)), cut_controls(word_ring_notice(peer))
        self._icon.showMessage(title, body, _draw_icon(), STAYS_MS)


def _draw_icon() -> QIcon:
    pixmap = QPixmap(ICON_PX, ICON_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.ACCEPT))
    painter.drawEllipse(pixmap.rect())
    inner = QRectF(pixmap.rect()).adjusted(14, 14, -14, -14)
    paint_icon(painter, Icon.CAMERA, inner, colour=QColor(palette.TEXT))
    painter.end()
    return QIcon(pixmap)
