"""Overlay: the text that is painted on the picture: signs, figures, keys, chip, hint and badge.

Display thread. Text changes about once a second. Between two changes, each picture costs one blit
for each part. What can be pressed is a widget (`call_window.py`).

+--------------------------------+
|            (banner)            |
|signs                 (warning) |
|figures       keys              |
|hint        (bar)   badge, chip |
+--------------------------------+
"""

from collections.abc import Iterator
from math import floor

from PySide6.QtGui import QPainter

from ui.view import RemoteSound, Stage, View
from ui.window import palette
from ui.window.geometry import Box, place_badge
from ui.window.icons import Icon
from ui.window.keys import list_keys
from ui.window.look import DARK, Look
from ui.window.measure import Measure
from ui.window.panel import PanelStyle, Placed, TextPanel
from ui.window.sound_badge import SoundBadge
from ui.wording.screens import word_remote_screen
from ui.wording.signs import word_link_sign, word_message_sign, word_recording_sign
from ui.wording.stages import CAMERA_OFF, is_camera_chip_shown, word_hint, word_remote_sound
from ui.wording.statistics import word_overlay

MARGIN_PX = 16
"""Logical, between the edge of the window and the overlay."""
HINT_ROOM_PX = 140
"""Logical, at the left of the bar."""
GAP_PX = 6
"""Logical, between two parts of the overlay."""
FONT_PX = 14.0
SMALLEST_FONT_PX = 8
LARGEST_BADGE = 1.3
"""How much larger than usual the badge may become before it covers our own picture."""


class Overlay:
    """All text on the canvas, and the parts of it that the user has switched on."""

    def __init__(self, badge: SoundBadge) -> None:
        self.are_figures_on = False
        self.are_keys_on = False
        self.above_px = 0
        """The height at the top that the banner takes, device pixels."""
        self.bar: Box | None = None
        """Where the control bar is when it is seen, device pixels."""
        self.gap_px = GAP_PX
        """Between two parts, device pixels."""
        self.is_small = False
        """True in the small window, which has room for nothing but signs."""
        self.unread = 0
        """Messages that came while the chat was closed."""
        self._badge = badge
        self._figures = TextPanel(PanelStyle(is_monospace=True))
        # It may cover other text, which must not shine through.
        self._keys = TextPanel(PanelStyle(is_monospace=True, ground=palette.KEYS_GROUND))
        self._chip = TextPanel(PanelStyle(icon=Icon.CAMERA, is_struck=True))
        self._hint = TextPanel(PanelStyle(text=DARK.muted, ground=""))
        self._silent = TextPanel(PanelStyle(icon=Icon.MICROPHONE, is_struck=True))
        self._recording = TextPanel(PanelStyle(icon=Icon.RECORD, icon_colour=palette.RECORDING))
        self._screen = TextPanel(PanelStyle(icon=Icon.SCREEN))
        self._weak = TextPanel(PanelStyle(icon=Icon.WEAK_LINK, text=palette.NOTICE))
        self._messages = TextPanel(PanelStyle(icon=Icon.CHAT))
        self._view: View | None = None
        self._state: tuple[object, ...] = ()
        """The other values on which the places below depend."""
        self._below_bar: list[Placed] = []
        self._above_bar: list[Placed] = []

    @property
    def is_panel_on(self) -> bool:
        """True while a panel is shown that may cover others."""
        return self.are_figures_on or self.are_keys_on

    def set_look(self, look: Look) -> None:
        """Take other colours for the text that has no ground."""
        self._hint = TextPanel(PanelStyle(text=look.muted, ground=""))
        self._view = None

    def paint(
        self,
        painter: QPainter,
        view: View,
        measure: Measure,
        *,
        own: Box | None,
        has_card: bool,
    ) -> None:
        """Paint all text of this view.

        Args:
            painter: draws in device pixels.
            view: the present view.
            measure: the sizes of the canvas.
            own: where our own picture is, if it is shown.
            has_card: whether a card is shown, which then has the lines about sound.
        """
        state = (
            measure,
            own,
            has_card,
            self.are_figures_on,
            self.are_keys_on,
            self.above_px,
            self.bar,
            self.is_small,
            self.unread,
            self._badge.has_level,
        )
        if view is not self._view or state != self._state:
            self._view, self._state = view, state
            self._place(view, measure, own=own, has_card=has_card)
        for placed in self._below_bar:
            placed.paint(painter)
        self._badge.paint_bar(painter)
        for placed in self._above_bar:
            placed.paint(painter)

    def _place(self, view: View, measure: Measure, *, own: Box | None, has_card: bool) -> None:
        self._below_bar = self._place_corner(view, measure, own=own)
        signs, below_px = self._place_signs(view, measure, own=own, has_card=has_card)
        hint = word_hint(view)
        if self.bar is not None and self.bar.x < HINT_ROOM_PX * measure.text_unit:
            hint = ""  # The bar's menu has the keys too.
        # The list of keys would lie over them. It stands above the bar.
        figures = word_overlay(view) if self.are_figures_on and not self.are_keys_on else ()
        bar_px = 0 if self.bar is None else measure.canvas_px[1] - self.bar.y
        parts = (
            (self._hint, (hint,) if hint else (), 0.0, 1.0, 0, 0),
            (self._figures, figures, 0.0, 0.0, below_px, 0),
            (self._keys, list_keys(view.stage) if self.are_keys_on else (), 0.5, 0.5, 0, bar_px),
        )
        panels = [
            panel.place(
                lines,
                font_px=_fit_font(lines, measure, above_px + under_px),
                canvas_px=(measure.canvas_px[0], measure.canvas_px[1] - under_px),
                across=across,
                down=down,
                margin_px=round(MARGIN_PX * measure.unit),
                above_px=above_px,
            )
            for panel, lines, across, down, above_px, under_px in parts
        ]
        self._above_bar = [placed for placed in (*signs, *panels) if placed is not None]

    def _place_corner(self, view: View, measure: Measure, *, own: Box | None) -> list[Placed]:
        """Return our own chip and badge."""
        canvas_px, unit = measure.canvas_px, measure.text_unit
        margin_px, gap_px = round(MARGIN_PX * measure.unit), self.gap_px
        badge_unit = unit if own is None else min(unit, LARGEST_BADGE * measure.unit)
        badge_px = self._badge.measure(view, badge_unit)
        if own is not None and badge_px[0] > own.width - 2 * gap_px:
            badge_unit *= max(1, own.width - 2 * gap_px) / badge_px[0]
            badge_px = self._badge.measure(view, badge_unit)
        placed: list[Placed | None] = []
        if is_camera_chip_shown(view) and not self.is_small:
            room_px = canvas_px[0] - 2 * margin_px
            chip = self._chip.lay_out((CAMERA_OFF,), font_px=FONT_PX * unit, room_px=room_px)
            x, y = self._place_free((chip.width(), chip.height()), canvas_px, margin_px)
            placed.append(Placed(x, y, chip))
            at = x + chip.width() - badge_px[0], y - gap_px - badge_px[1]
        elif own is None:
            at = self._place_free(badge_px, canvas_px, margin_px)
        else:
            at = place_badge(badge_px, own, canvas_px, gap_px=gap_px)
        placed.append(self._badge.place(view, at, badge_unit))
        return [each for each in placed if each is not None]

    def _place_free(
        self, size_px: tuple[int, int], canvas_px: tuple[int, int], margin_px: int
    ) -> tuple[int, int]:
        """Return the left upper corner of a part at the bottom right, clear of the bar."""
        x, y = place_badge(size_px, None, canvas_px, gap_px=margin_px)
        box = Box(x, y, *size_px).lifted_above(self.bar, self.gap_px)
        return box.x, box.y

    def _place_signs(
        self, view: View, measure: Measure, *, own: Box | None, has_card: bool
    ) -> tuple[list[Placed], int]:
        """Return the signs at the top left, and the height that is taken there."""
        margin_px, gap_px = round(MARGIN_PX * measure.unit), self.gap_px
        top = self.above_px
        if own is not None and own.y < measure.canvas_px[1] / 2 and own.x <= margin_px:
            top = max(top, own.y + own.height - margin_px + gap_px)
        placed = []
        if not has_card:
            for panel, text in self._signs(view):
                font_px = FONT_PX * measure.text_unit
                room_px = measure.canvas_px[0] - 2 * margin_px
                image = panel.lay_out((text,), font_px=font_px, room_px=room_px)
                placed.append(Placed(margin_px, top + margin_px, image))
                top += image.height() + gap_px
        return placed, top

    def _signs(self, view: View) -> Iterator[tuple[TextPanel, str]]:
        if view.stage is Stage.CALL and view.remote_sound is not RemoteSound.EXPECTED:
            yield self._silent, word_remote_sound(view)
        if screen := word_remote_screen(view):
            yield self._screen, screen
        if recording := word_recording_sign(view):
            yield self._recording, recording
        if weak_link := word_link_sign(view):
            yield self._weak, weak_link
        if messages := word_message_sign(view, self.unread):
            yield self._messages, messages


def _fit_font(lines: tuple[str, ...], measure: Measure, taken_px: int) -> float:
    """Return a size at which all lines are on the canvas, in height and, roughly, in width."""
    font_px = FONT_PX * measure.text_unit
    if len(lines) < 2:
        return font_px
    wide, high = measure.canvas_px
    margin_px = 2 * MARGIN_PX * measure.unit
    by_height = (high - taken_px - margin_px) / (len(lines) * 1.45 + 1.4)
    by_width = (wide - margin_px) / (max(map(len, lines)) * 0.62 + 1.4)
    # Fonts have whole sizes, and a larger one would not fit.
    fitting = floor(min(by_height, by_width))
    return max(min(font_px, fitting), SMALLEST_FONT_PX * measure.ratio)
