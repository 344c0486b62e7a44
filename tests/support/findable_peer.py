"""A program for the tests: peer.py, which writes down where the controls of its window are.

The file that the environment names holds one JSON object: the name of each control, as a screen
reader reads it, its middle on the screen, and whether the pointer would reach it now. A control of
a bar that has faded comes back with the pointer.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTROLS_FILE = "VISAVIS_TEST_CONTROLS"
EVERY_MS = 50


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import (
        QAbstractButton,
        QComboBox,
        QLineEdit,
        QMenu,
        QPlainTextEdit,
        QWidget,
    )

    import peer
    from ui.window.call_window import CallWindow
    from ui.window.control_button import ControlButton

    file = Path(os.environ[CONTROLS_FILE])
    show = CallWindow.showEvent

    def find(window: QWidget) -> dict[str, tuple[int, int, bool]]:
        found: dict[str, tuple[int, int, bool]] = {}
        ratio = window.devicePixelRatio()
        menus = [menu for menu in window.findChildren(QMenu) if menu.isVisible()]
        for menu in menus:
            for entry in menu.actions():
                at = menu.mapToGlobal(menu.actionGeometry(entry).center())
                if entry.isEnabled() and not entry.isSeparator():
                    found[entry.text()] = round(at.x() * ratio), round(at.y() * ratio), True
        for kind in (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit):
            for widget in window.findChildren(kind):
                middle = widget.mapTo(window, widget.rect().center())
                top = window.childAt(middle)
                # A field has a viewport.
                is_on_top = top is not None and (top is widget or widget.isAncestorOf(top))
                is_found = isinstance(widget, ControlButton) or is_on_top
                if widget.isVisible() and widget.isEnabled() and is_found:
                    at = widget.mapToGlobal(widget.rect().center())
                    x, y = round(at.x() * ratio), round(at.y() * ratio)
                    found[widget.accessibleName()] = x, y, is_on_top and not menus
        return found

    def write(window: QWidget) -> None:
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(find(window)), "utf-8")
        draft.replace(file)

    def show_event(window: Any, event: Any) -> None:
        show(window, event)
        if window.findChild(QTimer, "controls") is None:
            timer = QTimer(window)
            timer.setObjectName("controls")
            timer.timeout.connect(lambda: write(window))
            timer.start(EVERY_MS)

    CallWindow.showEvent = show_event  # type: ignore[assignment, method-assign]  # Qt calls it
    peer.run()


if __name__ == "__main__":
    main()
