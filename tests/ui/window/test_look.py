"""The two looks: contrasts, and which of them is chosen."""

import pytest
from PySide6.QtGui import QColor

from ui.window import palette
from ui.window.look import DARK, LIGHT, Look, choose_look

LOOKS = pytest.mark.parametrize("look", [DARK, LIGHT], ids=["dark", "light"])


def luminance(name: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    colour = QColor(name)
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@LOOKS
def test_text_can_be_read_on_every_ground(look: Look) -> None:
    for text in (look.text, look.muted, look.accent, look.notice):
        for ground in (look.card, look.field, look.ground_top, look.ground_bottom):
            assert contrast(text, ground) >= 4.5, (text, ground)
    for ground in (look.button, look.button_lit, look.raised):
        assert contrast(look.text, ground) >= 4.5, ground
    assert contrast(look.on_accent, look.accent) >= 4.5


@LOOKS
def test_edge_of_a_field_and_the_focus_can_be_seen(look: Look) -> None:
    for edge in (look.field_edge, look.focus):
        assert contrast(edge, look.card) >= 3.0


@pytest.mark.parametrize(
    ("icon", "ground"),
    [
        (palette.TEXT, palette.CONTROL),
        (palette.TEXT, palette.CONTROL_LIT),
        (palette.TEXT, palette.DECLINE),
        (palette.TEXT, palette.ACCEPT),
        (palette.TEXT, palette.MUTED_BADGE),
        (palette.CONTROL_OFF_TEXT, palette.CONTROL_OFF),
        (palette.CONTROL_OFF_TEXT, palette.CONTROL_ON),
    ],
)
def test_controls_can_be_read(icon: str, ground: str) -> None:
    assert contrast(icon, ground) >= 4.5


@pytest.mark.usefixtures("qapp")
def test_look_follows_the_setting() -> None:
    assert choose_look("dark") is DARK
    assert choose_look("light") is LIGHT
