"""Chat panel: messages and files beside the picture. Display thread.

It posts what the user writes and decides, and knows nothing of how it gets there.

+-----------------------+
| Chat with Bob      x  |
| Bob · 12:03           |
| hello                 |
| [file: progress ...]  |
| notice                |
| @ [ message       ] > |
+-----------------------+
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.actions import SendFile, UserAction
from ui.call_commands import read_chat_text
from ui.sharing import LASTING_STATES, TransferView
from ui.view import View
from ui.window.chat_log import ChatLog
from ui.window.fitted_text import let_break, word_plain_tooltip
from ui.window.fonts import provide_fonts
from ui.window.icons import Icon, paint_icon
from ui.window.look import Look, button_style, scroll_bar_style
from ui.window.offered_files import has_offer, read_offer
from ui.window.transfer_row import TransferRow
from ui.wording.chat import (
    ATTACH,
    CLOSE,
    EMPTY,
    SEND,
    word_chat_heading,
    word_chat_limit,
    word_placeholder,
)
from ui.wording.peers import name_peer
from ui.wording.sharing import word_sharing_notice

HEADING_PX = 16.0
TEXT_PX = 14.0
FIELD_LINES = 2
LOW_PX = 300.0
"""Of the design: in a lower panel the field for a message has one line."""
LARGEST_BUTTON = 1.3
"""Buttons have no text, so they need not grow as text does."""
ROWS_SHARE = 0.36
"""How much of the panel's height the files may take."""
MOST_ENDED = 3
"""Files that have ended, of which the panel shows the newest ones."""


class ChatPanel(QWidget):
    """The chat of a call."""

    closed = Signal()

    def __init__(self, parent: QWidget, look: Look, post: Callable[[UserAction], object]) -> None:
        super().__init__(parent)
        self._look = look
        self._post = post
        self._text_unit = 0.0  # Set by `fit`.
        self._peer_name = ""
        self._rows: dict[int, TransferRow] = {}
        self._heading, self._empty, self.notice = (_label(self) for _ in range(3))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.close_button = _button(self, CLOSE)
        self.close_button.clicked.connect(self.closed)
        self.log = ChatLog(self, look)
        self._files = QWidget(self)
        self._files_column = QVBoxLayout(self._files)
        self._files_column.setContentsMargins(0, 0, 0, 0)
        self._files_column.setSpacing(6)
        self._files_area = QScrollArea(self)
        self._files_area.setWidgetResizable(True)
        self._files_area.setFrameShape(QFrame.Shape.NoFrame)
        self._files_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._files_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._files_area.setWidget(self._files)
        self._files.installEventFilter(self)
        self.field = MessageField(self)
        self.field.entered.connect(self._send)
        self.field.offered.connect(self._offer)
        self.attach_button, self.send_button = _button(self, ATTACH), _button(self, SEND)
        self.attach_button.clicked.connect(self._choose_file)
        self.send_button.clicked.connect(self._send)
        self._arrange()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Chat")
        self.set_look(look)
        self.hide()

    @property
    def has_keyboard(self) -> bool:
        """True while one of its parts has the keyboard."""
        return any(each.hasFocus() for each in self.findChildren(QWidget))

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        self._heading.setStyleSheet(f"color: {look.text}; background: transparent;")
        self._empty.setStyleSheet(f"color: {look.muted}; background: transparent;")
        self.notice.setStyleSheet(f"color: {look.notice}; background: transparent;")
        field = (
            f"color: {look.text}; background: {look.field};"
            f" border: 1px solid {look.field_edge}; border-radius: 8px; padding: 4px;"
        )
        self.field.setStyleSheet(
            f"QPlainTextEdit {{ {field} }}QPlainTextEdit:focus {{ border-color: {look.focus}; }}"
            + scroll_bar_style(look)
        )
        self.log.setStyleSheet(
            f"QTextEdit {{ color: {look.text}; background: transparent;"
            f" border: 1px solid transparent; border-radius: 8px; }}"
            f"QTextEdit:focus {{ border-color: {look.focus}; }}" + scroll_bar_style(look)
        )
        self._files_area.setStyleSheet(
            "QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }"
            + scroll_bar_style(look)
        )
        for button, icon in (
            (self.close_button, Icon.CLOSE),
            (self.attach_button, Icon.ATTACH),
            (self.send_button, Icon.SEND),
        ):
            button.setStyleSheet(button_style(look))
            button.setIcon(_icon(icon, look.text))
        self.log.set_look(look)
        for row in self._rows.values():
            row.set_look(look)
        self.update()

    def show_view(self, view: View) -> None:
        """Show the chat and the files of this view."""
        sharing, name = view.sharing, name_peer(view)
        if name != self._peer_name:
            self._peer_name = name
            provide_fonts(name)
            self._heading.setText(word_chat_heading(name))
            self.field.setPlaceholderText(word_placeholder(name))
            self.field.setAccessibleName(word_placeholder(name))
        self._empty.setText(EMPTY if sharing.can_chat else "")
        self._empty.setVisible(not sharing.chat)
        self.log.setVisible(bool(sharing.chat))
        self.log.show_messages(sharing.chat, name)
        self._show_transfers(sharing.transfers)
        limit = word_chat_limit(sharing, name)
        notice = sharing.notice
        told = word_sharing_notice(notice, name) if notice is not None else ""
        lines = "\n".join(dict.fromkeys(line for line in (limit, told) if line))
        self.notice.setText(let_break(lines))
        self.notice.setAccessibleName(lines)
        self.notice.setToolTip(word_plain_tooltip(lines))
        self.notice.setVisible(bool(lines))
        self.field.setEnabled(sharing.can_chat)
        self.send_button.setEnabled(sharing.can_chat)
        self.attach_button.setEnabled(sharing.can_send_files)

    def stop_choosing(self) -> None:
        """Close the dialog that asks for a file to send."""
        for dialog in self.findChildren(QFileDialog):
            dialog.reject()

    def fit(self, text_unit: float) -> None:
        """Take another size of text, in logical pixels for one of the design."""
        if text_unit == self._text_unit:
            return
        self._text_unit = text_unit
        for widget, size_px, weight in (
            (self._heading, HEADING_PX, QFont.Weight.DemiBold),
            (self._empty, TEXT_PX, QFont.Weight.Normal),
            (self.notice, TEXT_PX, QFont.Weight.Normal),
            (self.field, TEXT_PX, QFont.Weight.Normal),
        ):
            font = QFont()
            font.setPixelSize(max(9, round(size_px * text_unit)))
            font.setWeight(weight)
            widget.setFont(font)
        side = max(36, round(34 * min(text_unit, LARGEST_BUTTON)))
        for button in (self.close_button, self.attach_button, self.send_button):
            button.setFixedSize(side, side)
            button.setIconSize(QSize(side // 2, side // 2))
        self.log.set_text_unit(text_unit)
        for row in self._rows.values():
            row.set_text_unit(text_unit)
        self._limit_files()
        self._limit_field()

    def resizeEvent(self, _: object) -> None:
        self._limit_files()
        self._limit_field()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Rows know how many lines they need only once they have their width.
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._limit_files()
        return super().eventFilter(watched, event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.card))
        painter.fillRect(0, 0, 1, self.height(), QColor(self._look.edge))
        painter.end()

    def _arrange(self) -> None:
        top, bottom, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(self._heading, 1)
        top.addWidget(self.close_button)
        bottom.setSpacing(6)
        bottom.addWidget(self.attach_button)
        bottom.addWidget(self.field, 1)
        bottom.addWidget(self.send_button)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._empty, 1)
        column.addWidget(self.log, 1)
        column.addWidget(self._files_area)
        column.addWidget(self.notice)
        column.addLayout(bottom)
        order = (self.log, self.attach_button, self.field, self.send_button, self.close_button)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _show_transfers(self, transfers: tuple[TransferView, ...]) -> None:
        ended = [each.number for each in transfers if each.state not in LASTING_STATES]
        left_out = set(ended[:-MOST_ENDED])
        shown = [each for each in transfers if each.number not in left_out]
        for number in self._rows.keys() - {each.number for each in shown}:
            row = self._rows.pop(number)
            self._files_column.removeWidget(row)
            row.deleteLater()
        for transfer in shown:
            row = self._rows.get(transfer.number) or self._add_row(transfer.number)
            row.show_transfer(transfer, self._peer_name)
        self._files_area.setVisible(bool(shown))
        self._limit_files()

    def _add_row(self, number: int) -> TransferRow:
        row = TransferRow(self._files, self._look, self._post, number)
        row.set_text_unit(self._text_unit)
        self._rows[number] = row
        self._files_column.insertWidget(0, row)  # The newest is seen first.
        # Tab goes from the messages to the files, as they lie.
        order = (self.log, row.accept_button, row.decline_button, row.cancel_button)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        row.show()
        return row

    def _limit_files(self) -> None:
        wanted = self._files.sizeHint().height()
        width = self._files_area.viewport().width()
        if self._files_column.hasHeightForWidth() and width > 0:
            wanted = self._files_column.totalHeightForWidth(width)
        self._files_area.setFixedHeight(min(wanted + 2, round(self.height() * ROWS_SHARE)))

    def _limit_field(self) -> None:
        lines = 1 if self.height() < LOW_PX * self._text_unit else FIELD_LINES
        self.field.setFixedHeight(self.field.fontMetrics().lineSpacing() * lines + 20)

    def _send(self) -> None:
        text = self.field.toPlainText().strip("\n")
        if text.strip():
            self._post(read_chat_text(text))
            self.field.clear()

    def _offer(self, data: QMimeData) -> None:
        for action in read_offer(data):
            self._post(action)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, ATTACH)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: [self._post(SendFile(Path(name))) for name in names]
        )
        dialog.show()  # Not modal: the call can be hung up meanwhile.
        dialog.activateWindow()


class MessageField(QPlainTextEdit):
    """The field for a message: Enter sends, Shift+Enter begins a line."""

    entered = Signal()
    offered = Signal(QMimeData)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
            return
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()  # The window takes the keyboard back.
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return has_offer(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if has_offer(source):
            self.offered.emit(source)
        else:
            super().insertFromMimeData(source)


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    # Names come from the other peer: they are text, never markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _button(parent: QWidget, name: str) -> QPushButton:
    button = QPushButton(parent)
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setAutoDefault(True)  # Enter presses it once the user moved to it with Tab.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _icon(icon: Icon, colour: str) -> QIcon:
    side_px = 64
    pixmap = QPixmap(side_px, side_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_icon(painter, icon, pixmap.rect().toRectF(), colour=QColor(colour))
    painter.end()
    return QIcon(pixmap)
