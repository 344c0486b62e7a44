"""Text size: how much larger than usual this user wants all text, and buttons that fit their text.

Display thread.

Desktops have two ways to say it: more dots an inch than the screen has (GNOME, `QT_FONT_DPI`), or a
larger font of the interface (Windows, KDE).
"""

import sys

from PySide6.QtWidgets import QApplication, QPushButton

USUAL_DPI = 72.0 if sys.platform == "darwin" else 96.0
USUAL_PT = {"win32": 9.0, "darwin": 13.0}.get(sys.platform, 10.0)
"""The size of the interface's font at 100 %. Linux desktops have 9 to 11."""
LARGEST = 3.0
BUTTON_PX = 36.0
BESIDE_TEXT_PX = 13.0
"""Of the design, between the text of a button and each of its sides."""


def read_text_scale() -> float:
    """Return how large text is to be, from 1 for the usual size to 3."""
    dots = QApplication.primaryScreen().logicalDotsPerInch() / USUAL_DPI
    points = QApplication.font().pointSizeF() / USUAL_PT
    return round(min(max(max(dots, 1.0) * max(points, 1.0), 1.0), LARGEST), 2)


def widen_button(button: QPushButton, unit: float, high_px: float = BUTTON_PX) -> None:
    """Leave room around a button's text, in logical pixels for one of the design."""
    text = button.fontMetrics().horizontalAdvance(button.text())
    button.setMinimumSize(text + round(2 * BESIDE_TEXT_PX * unit), round(high_px * unit))
