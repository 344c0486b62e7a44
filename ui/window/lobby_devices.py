"""Lobby devices: lists of cameras, microphones and loudspeakers, each with what is wrong with it.

Display thread. It reports what was chosen and decides nothing.
"""

from functools import partial

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton, QWidget

from media.device_state import DeviceKind
from ui.actions import ChooseDevice
from ui.device_view import DeviceMenu, DevicesView
from ui.view import UserEvent
from ui.window.bar_menus import LOOK_EVERY_MS
from ui.window.lobby_style import (
    FIELD_PX,
    ROW_PX,
    SMALL_PX,
    TEXT_PX,
    label_style,
    list_style,
    make_label,
    set_font,
    text_width,
)
from ui.window.look import Look, button_style
from ui.wording.devices import (
    KIND_NAMES,
    TEST_SOUND,
    TEST_SOUND_NAME,
    word_changing,
    word_menu_problem,
    word_option,
)


class DeviceBox(QComboBox):
    """The list of one kind of device. Looks for devices when it opens, and while it is open."""

    opened = Signal()
    value_chosen = Signal(str)

    def __init__(self, parent: QWidget, kind: DeviceKind) -> None:
        super().__init__(parent)
        self._kind = kind
        self._menu: DeviceMenu | None = None
        self.setAccessibleName(KIND_NAMES[kind])
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(self._report)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.opened)

    def show_menu(self, menu: DeviceMenu) -> None:
        """Show these devices, and the one in use or being opened."""
        if menu == self._menu:
            return
        self._menu = menu
        self.blockSignals(True)
        entries = [(word_option(self._kind, each), each.value) for each in menu.options]
        if self.view().isVisible() and len(entries) != self.count():
            self._refill_popup(entries)
        else:
            self._show_entries(entries)
        self.setCurrentIndex(self.findData(menu.changing_to or menu.chosen))
        self.blockSignals(False)

    def _show_entries(self, entries: list[tuple[str, str]]) -> None:
        """Add and remove what has changed, so that an open list stays as it is otherwise."""
        for number in reversed(range(self.count())):
            if (self.itemText(number), self.itemData(number)) not in entries:
                self.removeItem(number)
        for number, (text, value) in enumerate(entries):
            if (self.itemText(number), self.itemData(number)) != (text, value):
                present = self.findData(value)
                if present >= 0:
                    self.removeItem(present)
                self.insertItem(number, text, value)

    def _refill_popup(self, entries: list[tuple[str, str]]) -> None:
        """Give an open list the room of other entries, and leave the keyboard at its entry."""
        lit = self.view().currentIndex().data(Qt.ItemDataRole.UserRole)
        self._show_entries(entries)
        super().showPopup()  # Otherwise it keeps its size.
        if (row := self.findData(lit)) >= 0:
            self.view().setCurrentIndex(self.model().index(row, self.modelColumn()))

    def showPopup(self) -> None:
        self.opened.emit()
        self._timer.start()
        super().showPopup()

    def hidePopup(self) -> None:
        self._timer.stop()
        super().hidePopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen = QPen(self.palette().color(QPalette.ColorRole.Text), self.height() / 20)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        half, centre = (
            self.height() / 8,
            QPointF(self.width() - self.height() / 2, self.height() / 2),
        )
        low = centre + QPointF(0, half / 2)
        painter.drawPolyline([low + QPointF(-half, -half), low, low + QPointF(half, -half)])
        painter.end()

    def _report(self, index: int) -> None:
        menu = self._menu
        value = str(self.itemData(index))
        if menu is not None and value != (menu.changing_to or menu.chosen):
            self.value_chosen.emit(value)


class _Row:
    """The widgets of one kind."""

    def __init__(self, parent: QWidget, kind: DeviceKind) -> None:
        self.kind = kind
        self.label = make_label(parent)
        self.label.setText(KIND_NAMES[kind])
        self.label.setWordWrap(False)
        self.box = DeviceBox(parent, kind)
        self.label.setBuddy(self.box)
        self.problem = make_label(parent, is_selectable=True)
        self.problem.hide()


class LobbyDevices(QWidget):
    """The lists of all devices."""

    acted = Signal(object)
    """A `UserAction`."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._rows = [_Row(self, kind) for kind in DeviceKind]
        self.test_button = QPushButton(TEST_SOUND, self)
        self.test_button.setAccessibleName(TEST_SOUND_NAME)
        self.test_button.setToolTip(TEST_SOUND_NAME)
        self.test_button.setAutoDefault(True)
        self.test_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.test_button.clicked.connect(lambda: self.acted.emit(UserEvent.TEST_SOUND))
        self._line = QHBoxLayout()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        for number, row in enumerate(self._rows):
            self._grid.addWidget(row.label, 2 * number, 0)
            if row.kind is DeviceKind.LOUDSPEAKER:
                self._line.addWidget(row.box, 1)
                self._line.addWidget(self.test_button)
                self._grid.addLayout(self._line, 2 * number, 1)
            else:
                self._grid.addWidget(row.box, 2 * number, 1)
            self._grid.addWidget(row.problem, 2 * number + 1, 0, 1, 2)
            row.box.opened.connect(lambda: self.acted.emit(UserEvent.LIST_DEVICES))
            row.box.value_chosen.connect(partial(self._choose, row.kind))
        self.set_look(look)

    def box(self, kind: DeviceKind) -> DeviceBox:
        """Return the list of a kind."""
        return next(row.box for row in self._rows if row.kind is kind)

    def problem(self, kind: DeviceKind) -> str:
        """Return the line below the list of a kind."""
        return next(row.problem.text() for row in self._rows if row.kind is kind)

    @property
    def label_px(self) -> int:
        """The width of the widest label, logical pixels."""
        return max(text_width(row.label) for row in self._rows)

    def set_label_px(self, width_px: int) -> None:
        """Give all labels one width, so that they align with others."""
        for row in self._rows:
            row.label.setMinimumWidth(width_px)

    def show_devices(self, devices: DevicesView) -> None:
        """Show these devices."""
        menus = (devices.camera, devices.microphone, devices.loudspeaker)
        for row, menu in zip(self._rows, menus, strict=True):
            row.box.show_menu(menu)
            text = word_changing(menu) or word_menu_problem(menu)
            row.problem.setText(text)
            row.problem.setVisible(bool(text))
            row.box.setAccessibleDescription(text)
        self.test_button.setEnabled(devices.loudspeaker.chosen != "none")

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        for row in self._rows:
            row.label.setStyleSheet(label_style(look.muted))
            row.problem.setStyleSheet(label_style(look.notice))
            row.box.setStyleSheet(list_style(look))
        self.test_button.setStyleSheet(button_style(look))

    def set_unit(self, unit: float) -> None:
        """Take another size of text and margins, logical pixels."""
        self._line.setSpacing(round(10 * unit))
        self._grid.setHorizontalSpacing(round(12 * unit))
        self._grid.setVerticalSpacing(round(6 * unit))
        for row in self._rows:
            set_font(row.label, TEXT_PX * unit)
            set_font(row.problem, SMALL_PX * unit)
            set_font(row.box, FIELD_PX * unit)
            set_font(row.box.view(), FIELD_PX * unit)
            row.box.setFixedHeight(round(ROW_PX * unit))
        set_font(self.test_button, TEXT_PX * unit)
        self.test_button.setFixedHeight(round(ROW_PX * unit))

    def _choose(self, kind: DeviceKind, value: str) -> None:
        self.acted.emit(ChooseDevice(kind, value))
