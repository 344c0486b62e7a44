"""Lobby style: fields, lists and labels of the lobby in the colours of a look. Display thread."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.window.look import Look, button_style

HEADING_PX = 15.0
TEXT_PX = 14.0
SMALL_PX = 13.5
FIELD_PX = 15.0
ROW_PX = 36.0
SMALLEST_FONT_PX = 8.0


def make_label(parent: QWidget, *, is_selectable: bool = False) -> QLabel:
    """Return a label for plain text, which is wrapped."""
    label = QLabel(parent)
    # Names come from other peers: they are text, never markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if is_selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def text_width(label: QLabel) -> int:
    """Return the width of a label's line, logical pixels."""
    return QFontMetrics(label.font()).horizontalAdvance(label.text()) + 4


class CutLabel(QLabel):
    """A label of one line that ends in an ellipsis where its text is too long."""

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), self.alignment() | Qt.TextFlag.TextSingleLine, shown)
        painter.end()


def label_style(colour: str) -> str:
    """Return the style sheet of a label."""
    return f"color: {colour}; background: transparent;"


def set_font(widget: QWidget, size_px: float, weight: QFont.Weight = QFont.Weight.Normal) -> None:
    """Set the size of a widget's text."""
    font = QFont()
    font.setPixelSize(round(max(SMALLEST_FONT_PX, size_px)))
    font.setWeight(weight)
    widget.setFont(font)


def call_button_style(look: Look) -> str:
    """Return the style sheet of the button that calls; a plain one while it cannot."""
    return (
        button_style(look, ground=look.accent, lit=look.focus, text=look.on_accent)
        + f"QPushButton:disabled {{ background: {look.button}; color: {look.muted}; }}"
    )


def scroll_style(look: Look) -> str:
    """Return the style sheet of an area that scrolls, on the ground of the window."""
    return (
        "QScrollArea { background: transparent; }"
        "QScrollBar:vertical { background: transparent; width: 12px; margin: 6px 2px; }"
        f"QScrollBar::handle:vertical {{ background: {look.field_edge}; border-radius: 4px;"
        " min-height: 30px; }"
        "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
        "QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }"
    )


def field_style(look: Look) -> str:
    """Return the style sheet of fields for text."""
    return (
        f"QLineEdit {{ color: {look.text}; background: {look.field};"
        f" border: 1px solid {look.field_edge}; border-radius: 8px; padding: 2px 10px;"
        f" selection-background-color: {look.accent}; selection-color: {look.on_accent}; }}"
        f"QLineEdit:focus {{ border: 2px solid {look.focus}; padding: 1px 9px; }}"
    )


def list_style(look: Look) -> str:
    """Return the style sheet of lists that open."""
    return (
        # Drops down and has a scroll bar, not white arrows that take the room of an entry.
        f"QComboBox {{ combobox-popup: 0; color: {look.text}; background: {look.field};"
        f" border: 1px solid {look.field_edge}; border-radius: 8px; padding: 2px 10px; }}"
        f"QComboBox:focus {{ border: 2px solid {look.focus}; padding: 1px 9px; }}"
        f"QComboBox::drop-down {{ border: none; width: 26px; }}"
        f"QComboBox QAbstractItemView {{ color: {look.text}; background: {look.card};"
        f" border: 1px solid {look.edge}; selection-background-color: {look.button_lit};"
        f" selection-color: {look.text}; outline: none; }}"
        f"QComboBox QAbstractItemView::item {{ padding: 4px 8px; }}"
        f"QComboBox QAbstractItemView::item:selected {{ background: {look.button_lit}; }}"
    )


def row_style(look: Look) -> str:
    """Return the style sheet of a row that is pressed."""
    return (
        f"QPushButton {{ color: {look.text}; background: transparent; text-align: left;"
        f" border: 2px solid transparent; border-radius: 8px; padding: 2px 10px; }}"
        f"QPushButton:hover {{ background: {look.button}; }}"
        f"QPushButton:pressed {{ background: {look.button_lit}; }}"
        f"QPushButton:focus {{ border-color: {look.focus}; }}"
    )
