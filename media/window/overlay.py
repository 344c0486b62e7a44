"""The text that lies on the picture: latency, keys, a banner, a chip, a hint. Display thread.

+--------------------------------+
|latency      banner             |
|              keys              |
|hint                       chip |
+--------------------------------+
"""

from PySide6.QtGui import QPainter

from media.window.keys import KEY_LIST
from media.window.panel import TextPanel
from media.window.view import Stage, View
from media.window.wording import CAMERA_OFF, word_banner, word_hint

MARGIN_PX = 16
"""Logical, between the edge of the window and what lies on the picture."""
FONT_PX = 14.0
BANNER_PX = 18.0


class Overlay:
    """Everything on the canvas that is text, and which parts of it a person has asked for."""

    def __init__(self) -> None:
        self.is_latency_on = False
        self.are_keys_on = False
        self._latency = TextPanel(is_monospace=True)
        self._keys = TextPanel(is_monospace=True)
        self._banner = TextPanel()
        self._chip = TextPanel()
        self._hint = TextPanel(is_bare=True)

    def paint(self, painter: QPainter, view: View, canvas_px: tuple[int, int], unit: float) -> None:
        """Paint all text of this view.

        Args:
            painter: draws in device pixels.
            view: what is to be seen.
            canvas_px: the size of the canvas, device pixels.
            unit: how many device pixels a logical pixel of the design takes here.
        """
        margin_px = round(MARGIN_PX * unit)
        self._banner.paint(
            painter,
            word_banner(view),
            font_px=BANNER_PX * unit,
            canvas_px=canvas_px,
            across=0.5,
            down=0.0,
            margin_px=margin_px,
        )
        parts = (
            (self._hint, (word_hint(view),) if word_hint(view) else (), 0.0, 1.0),
            (self._chip, (CAMERA_OFF,) if self._is_chip_due(view) else (), 1.0, 1.0),
            (self._latency, view.overlay if self.is_latency_on else (), 0.0, 0.0),
            (self._keys, KEY_LIST if self.are_keys_on else (), 0.5, 0.5),
        )
        for panel, lines, across, down in parts:
            panel.paint(
                painter,
                lines,
                font_px=FONT_PX * unit,
                canvas_px=canvas_px,
                across=across,
                down=down,
                margin_px=margin_px,
            )

    @staticmethod
    def _is_chip_due(view: View) -> bool:
        return view.is_own_picture_hidden and view.stage is not Stage.ENDED
