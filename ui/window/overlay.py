"""Overlay: the text on the picture: figures, keys, banner, chip, hint and sound. Display thread.

Text changes about once a second. Between two changes, each picture costs one blit for each part.

+--------------------------------+
|             banner             |
|figures       keys              |
|notices                         |
|hint, their sound   badge, chip |
+--------------------------------+
"""

from PySide6.QtGui import QPainter

from ui.view import Stage, View
from ui.window import palette
from ui.window.geometry import Box, place_badge
from ui.window.keys import KEY_LIST
from ui.window.panel import PanelStyle, Placed, TextPanel
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
        self._view: View | None = None
        self._state: tuple[object, ...] = ()
        """The other values on which the places below depend."""
        self._below_bar: list[Placed] = []
        self._above_bar: list[Placed] = []

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
        state = (
            canvas_px,
            unit,
            own,
            has_card,
            self.are_figures_on,
            self.are_keys_on,
            self._badge.has_level,
        )
        if view is not self._view or state != self._state:
            self._view, self._state = view, state
            self._place(view, canvas_px, unit, own=own, has_card=has_card)
        for placed in self._below_bar:
            placed.paint(painter)
        self._badge.paint_bar(painter)
        for placed in self._above_bar:
            placed.paint(painter)

    def _place(
        self,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        own: Box | None,
        has_card: bool,
    ) -> None:
        margin_px = round(MARGIN_PX * unit)
        banner = self._banner.place(
            word_banner(view, is_picture_shown=not has_card),
            font_px=BANNER_PX * unit,
            canvas_px=canvas_px,
            across=0.5,
            down=0.0,
            margin_px=margin_px,
        )
        corner, corner_px = self._place_corner(view, canvas_px, unit, own=own)
        below_banner_px = 0 if banner is None else banner.image.height() + round(GAP_PX * unit)
        figures = word_overlay(view) if self.are_figures_on else ()
        parts = (
            (self._hint, (word_hint(view),) if word_hint(view) else (), 0.0, 1.0, 0),
            (self._figures, figures, 0.0, 0.0, below_banner_px),
            (self._keys, KEY_LIST if self.are_keys_on else (), 0.5, 0.5, 0),
        )
        panels = [
            panel.place(
                lines,
                font_px=FONT_PX * unit,
                canvas_px=canvas_px,
                across=across,
                down=down,
                margin_px=margin_px,
                above_px=above_px,
            )
            for panel, lines, across, down, above_px in parts
        ]
        sound = self._place_sound(view, canvas_px, unit, corner_px=corner_px, has_card=has_card)
        self._below_bar = [placed for placed in (banner, *corner) if placed is not None]
        self._above_bar = [placed for placed in (*sound, *panels) if placed is not None]

    def _place_corner(
        self,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        own: Box | None,
    ) -> tuple[list[Placed | None], int]:
        """Return our own chip and badge, and the width of our corner, device pixels."""
        chips: list[Placed | None] = []
        margin_px, gap_px = round(MARGIN_PX * unit), round(GAP_PX * unit)
        badge_px = self._badge.measure(view, unit)
        if self._is_chip_due(view):
            chip = self._chip.lay_out(
                (CAMERA_OFF,), font_px=FONT_PX * unit, room_px=canvas_px[0] - 2 * margin_px
            )
            x, y = place_badge((chip.width(), chip.height()), None, canvas_px, gap_px=margin_px)
            chips.append(Placed(x, y, chip))
            at = x + chip.width() - badge_px[0], y - gap_px - badge_px[1]
            width_px = max(chip.width(), badge_px[0])
        else:
            at = place_badge(badge_px, own, canvas_px, gap_px=margin_px if own is None else gap_px)
            width_px = badge_px[0] if own is None else own.width
        return [*chips, self._badge.place(view, at, unit)], width_px

    def _place_sound(
        self,
        view: View,
        canvas_px: tuple[int, int],
        unit: float,
        *,
        corner_px: int,
        has_card: bool,
    ) -> list[Placed]:
        """Return the lines about sound at the left, unless the card has them."""
        if has_card:
            return []
        placed = []
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
                placed.append(Placed(margin_px, y, image))
                y -= gap_px
        return placed

    @staticmethod
    def _is_chip_due(view: View) -> bool:
        return view.is_camera_off and view.stage is not Stage.ENDED
