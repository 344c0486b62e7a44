"""Overlay: the text on the picture: figures, keys, banner, chip, hint and sound. Display thread.

+--------------------------------+
|figures      banner             |  The figures are below the banner if both are wide.
|              keys              |
|notices                         |
|hint, their sound   badge, chip |
+--------------------------------+
"""

from PySide6.QtGui import QPainter

from ui.view import Stage, View
from ui.window import palette
from ui.window.geometry import Box, place_badge
from ui.window.keys import KEY_LIST
from ui.window.panel import PanelStyle, TextPanel
from ui.window.sound_badge import SoundBadge
from ui.wording.notices import word_notices
from ui.wording.stages import CAMERA_OFF, word_banner, word_hint, word_remote_sound
from ui.wording.statistics import word_overlay

MARGIN_PX = 16
"""Logical, between the edge of the window and the overlay."""
GAP_PX = 6
"""Logical, between two parts of the overlay."""
FONT_PX = 14.0
BANNER_PX = 18.0


class Overlay:
    """All text on the canvas, and the parts of it that the user has switched on."""

    def __init__(self, badge: SoundBadge) -> None:
        self.are_figures_on = False
        self.are_keys_on = False
        self._badge = badge
        self._figures = TextPanel(PanelStyle(is_monospace=True))
        # It may cover other text, which must not shine through.
        self._keys = TextPanel(PanelStyle(is_monospace=True, ground=palette.CARD))
        self._banner = TextPanel()
        self._chip = TextPanel()
        self._hint = TextPanel(PanelStyle(text=palette.MUTED, ground=""))
        self._remote_sound = TextPanel(PanelStyle(has_struck_microphone=True))
        self._notices = TextPanel(PanelStyle(is_wrapped=True, text=palette.NOTICE))

    @property
    def is_panel_on(self) -> bool:
        """True while a panel is shown that may cover others."""
        return self.are_figures_on or self.are_keys_on

    def paint(
        self,
        painter: QPainter,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        own: Box | None,
        has_card: bool,
    ) -> None:
        """Paint all text of this view.

        Args:
            painter: draws in device pixels.
            view: the present view.
            canvas_px: the size of the canvas, device pixels.
            unit: how many device pixels a logical pixel of the design takes here.
            own: where our own picture is, if it is shown.
            has_card: whether a card is shown, which then has the lines about sound.
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
        corner_px = self._paint_corner(painter, view, canvas_px, unit, own=own)
        self._paint_sound(painter, view, canvas_px, unit, corner_px=corner_px, has_card=has_card)
        self._hint.paint(
            painter,
            (word_hint(view),) if word_hint(view) else (),
            font_px=FONT_PX * unit,
            canvas_px=canvas_px,
            across=0.0,
            down=1.0,
            margin_px=margin_px,
        )
        self._paint_figures(painter, view, canvas_px, unit)
        self._keys.paint(
            painter,
            KEY_LIST if self.are_keys_on else (),
            font_px=FONT_PX * unit,
            canvas_px=canvas_px,
            across=0.5,
            down=0.5,
            margin_px=margin_px,
        )

    def _paint_figures(
        self, painter: QPainter, view: View, canvas_px: tuple[int, int], unit: float
    ) -> None:
        """Paint the figures at the top, or below the banner if they would meet it and fit there."""
        if not self.are_figures_on:
            return
        margin_px, gap_px = round(MARGIN_PX * unit), round(GAP_PX * unit)
        room_px = canvas_px[0] - 2 * margin_px
        figures = self._figures.lay_out(word_overlay(view), font_px=FONT_PX * unit, room_px=room_px)
        banner = self._banner.lay_out(word_banner(view), font_px=BANNER_PX * unit, room_px=room_px)
        y = margin_px
        if not banner.isNull() and figures.width() + gap_px > (room_px - banner.width()) // 2:
            below_px = margin_px + banner.height() + gap_px
            if below_px + figures.height() <= canvas_px[1] - margin_px:
                y = below_px
        painter.drawPixmap(margin_px, y, figures)

    def _paint_corner(
        self,
        painter: QPainter,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        own: Box | None,
    ) -> int:
        """Paint our own chip and badge; return the width of our corner, device pixels."""
        margin_px, gap_px = round(MARGIN_PX * unit), round(GAP_PX * unit)
        badge_px = self._badge.measure(view, unit)
        if self._is_chip_due(view):
            chip = self._chip.lay_out(
                (CAMERA_OFF,), font_px=FONT_PX * unit, room_px=canvas_px[0] - 2 * margin_px
            )
            x, y = place_badge((chip.width(), chip.height()), None, canvas_px, gap_px=margin_px)
            painter.drawPixmap(x, y, chip)
            at = x + chip.width() - badge_px[0], y - gap_px - badge_px[1]
            width_px = max(chip.width(), badge_px[0])
        else:
            at = place_badge(badge_px, own, canvas_px, gap_px=margin_px if own is None else gap_px)
            width_px = badge_px[0] if own is None else own.width
        self._badge.paint(painter, view, at, unit)
        return width_px

    def _paint_sound(
        self,
        painter: QPainter,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        corner_px: int,
        has_card: bool,
    ) -> None:
        """Paint the lines about sound at the left, unless the card has them."""
        if has_card:
            return
        margin_px, gap_px = round(MARGIN_PX * unit), round(GAP_PX * unit)
        room_px = canvas_px[0] - 3 * margin_px - corner_px
        remote = word_remote_sound(view)
        y = canvas_px[1] - margin_px
        for panel, lines in (
            (self._remote_sound, (remote,) if remote else ()),
            (self._notices, word_notices(view)),
        ):
            image = panel.lay_out(lines, font_px=FONT_PX * unit, room_px=room_px)
            if not image.isNull():
                y -= image.height()
                painter.drawPixmap(margin_px, y, image)
                y -= gap_px

    @staticmethod
    def _is_chip_due(view: View) -> bool:
        return view.is_camera_off and view.stage is not Stage.ENDED
