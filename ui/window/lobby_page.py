"""Lobby page: the own picture and devices on one side; whom to call and the own code on the other.

Display thread. In a narrow window, or with large text, one side stands below the other, and what
does not fit is scrolled to.
"""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.safe_text import MAX_NAME_CHARACTERS
from ui.actions import ChooseName
from ui.view import View
from ui.window.lobby_code import LobbyCode
from ui.window.lobby_contacts import LobbyContacts
from ui.window.lobby_devices import LobbyDevices
from ui.window.lobby_preview import LobbyPreview
from ui.window.lobby_style import (
    FIELD_PX,
    ROW_PX,
    TEXT_PX,
    field_style,
    label_style,
    make_label,
    scroll_style,
    set_font,
    text_width,
)
from ui.window.look import DARK, Look
from ui.window.measure import Measure
from ui.window.window_pictures import WindowPictures
from ui.wording.lobby import NAME_HEADING, NAME_NAME, word_preview

TWO_COLUMNS_PX = 760.0
"""Of the design: in a narrower window one column stands below the other."""
WIDEST_PX = 1000.0
COLUMN_PX = 470.0
PADDING_PX = 22.0
CORNER_PX = 16.0
MARGIN_PX = 14.0
SCROLL_BAR_PX = 12
SCALES = (1.0, 0.92, 0.84, 0.77)
"""Tried in turn until the page fits into the window."""


class _Sheet(QWidget):
    """The card that lies behind the page."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(QColor(self.look.card))
        painter.setPen(QPen(QColor(self.look.edge), 1.0))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, CORNER_PX, CORNER_PX)
        painter.end()


class LobbyPage(QScrollArea):
    """The page of a lobby in which nobody rings and nobody is called."""

    acted = Signal(object)
    """A `UserAction`."""
    availability_pressed = Signal()

    def __init__(
        self,
        parent: QWidget,
        pictures: WindowPictures,
        level_dbfs: Callable[[], float | None],
        *,
        is_mirrored: bool,
    ) -> None:
        super().__init__(parent)
        look = DARK  # `set_look` follows, with that of the setting.
        self._name = ""
        self._measure, self._below_px = Measure((1, 1)), 0
        # New labels know their size only after Qt has given them their style.
        self._refit = QTimer(self, singleShot=True)
        self._refit.timeout.connect(lambda: self.fit(self._measure, self._below_px))
        self._sheet = _Sheet(look)
        # In the order in which Tab visits them.
        self.contacts = LobbyContacts(self._sheet, look)
        self.code = LobbyCode(self._sheet, look)
        self.preview = LobbyPreview(
            self._sheet, look, pictures, level_dbfs, is_mirrored=is_mirrored
        )
        self._name_label = make_label(self._sheet)
        self._name_label.setText(NAME_HEADING)
        self._name_label.setWordWrap(False)
        self.name_field = QLineEdit(self._sheet)
        self.name_field.setAccessibleName(NAME_NAME)
        self.name_field.setMaxLength(MAX_NAME_CHARACTERS)
        self.devices = LobbyDevices(self._sheet, look)
        self._name_label.setBuddy(self.name_field)
        self.name_field.editingFinished.connect(self._rename)
        self.devices.acted.connect(self.acted)
        self.contacts.acted.connect(self.acted)
        self.code.availability_pressed.connect(self.availability_pressed)
        self._arrange()
        self.setWidget(self._sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setStyleSheet("background: transparent;")
        self.hide()

    def _arrange(self) -> None:
        """Put the parts into their columns."""
        self._name_line = QHBoxLayout()
        self._name_line.addWidget(self._name_label)
        self._name_line.addWidget(self.name_field, 1)
        self._own = QVBoxLayout()
        self._own.addWidget(self.preview)
        self._own.addLayout(self._name_line)
        self._own.addWidget(self.devices)
        self._own.addStretch()
        self._others = QVBoxLayout()
        self._others.addWidget(self.contacts)
        self._others.addStretch()
        self._others.addWidget(self.code)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._sheet)
        self._columns.addLayout(self._own, 1)
        self._columns.addLayout(self._others, 1)

    def show_view(self, view: View | None) -> None:
        """Show the lobby of a view, or hide the page."""
        if view is None or view.lobby is None or view.listener is None:
            self.hide()
            return
        if view.local_name != self._name or not self.name_field.hasFocus():
            self._name = view.local_name
            self.name_field.setText(view.local_name)
        self.preview.show_text(word_preview(view))
        self.devices.show_devices(view.devices)
        self.contacts.show_lobby(view.lobby)
        self.code.show_listener(view.listener)
        self.show()
        self._refit.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # What is typed here is whom to call.
        self.contacts.take_keyboard()

    def take_own(self) -> None:
        """Paint the newest own picture soon."""
        if self.isVisible():
            self.preview.update()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self.setStyleSheet(scroll_style(look))
        self._sheet.look = look
        self._sheet.update()
        self._name_label.setStyleSheet(label_style(look.muted))
        self.name_field.setStyleSheet(field_style(look))
        for part in (self.preview, self.devices, self.contacts, self.code):
            part.set_look(look)

    def fit(self, measure: Measure, below_px: int) -> None:
        """Fill the window, except for what is taken at its bottom.

        Args:
            below_px: logical pixels.
        """
        self._measure, self._below_px = measure, below_px
        margin = round(MARGIN_PX * measure.logical_unit)
        high = max(1, measure.size[1] - below_px - 2 * margin)
        is_wide = measure.size[0] >= TWO_COLUMNS_PX * measure.logical_text_unit
        # Where a little less is enough, nobody has to scroll.
        for scale in SCALES:
            unit = measure.logical_text_unit * scale
            design_px = WIDEST_PX if is_wide else COLUMN_PX
            wide = min(measure.size[0] - 2 * margin, round(design_px * unit))
            needed = self._lay_out(unit, wide, is_wide=is_wide)
            if needed <= high:
                break
        else:
            unit = measure.logical_text_unit
            wide = min(measure.size[0] - 2 * margin, round(design_px * unit))
            needed = self._lay_out(unit, wide - SCROLL_BAR_PX, is_wide=is_wide)
        left, used = (measure.size[0] - wide) // 2, min(needed, high)
        self.setGeometry(QRect(left, margin + (high - used) // 2, wide, used))

    def _lay_out(self, unit: float, wide: int, *, is_wide: bool) -> int:
        """Set all sizes, and return the height of the page at a width, logical pixels."""
        direction = QBoxLayout.Direction
        # One below the other, whom to call comes first.
        self._columns.setDirection(direction.LeftToRight if is_wide else direction.BottomToTop)
        padding = round(PADDING_PX * unit)
        self._columns.setContentsMargins(padding, padding, padding, padding)
        self._columns.setSpacing(round(1.6 * padding if is_wide else padding))
        for column in (self._own, self._others):
            column.setSpacing(round(12 * unit))
        self._name_line.setSpacing(round(12 * unit))
        set_font(self._name_label, TEXT_PX * unit)
        set_font(self.name_field, FIELD_PX * unit)
        self.name_field.setFixedHeight(round(ROW_PX * unit))
        parts = (self.preview, self.devices, self.contacts, self.code)
        for part in parts:
            part.set_unit(unit)
        label_px = max(self.devices.label_px, text_width(self._name_label))
        self.devices.set_label_px(label_px)
        self._name_label.setMinimumWidth(label_px)
        for layout in (*(part.layout() for part in parts), self._own, self._others, self._columns):
            if layout is not None:
                layout.invalidate()
        least = self._columns.totalMinimumSize().height()
        return max(1, least, self._columns.totalHeightForWidth(wide))

    def _rename(self) -> None:
        text = self.name_field.text().strip()
        if text and text != self._name:
            self.acted.emit(ChooseName(text))
        elif not text:
            self.name_field.setText(self._name)
