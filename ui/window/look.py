"""Look: the colours of all that does not lie on a picture, dark or light as the system has it.

Display thread, since the system's choice comes from Qt. What lies on a picture is dark in both
looks (`palette.py`), because it has to be read on any picture.

Text on each ground has a contrast of at least 4.5 to 1, and the edge of a field 3 to 1 (WCAG 2.2,
1.4.3 and 1.4.11).
"""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from ui.window.settings import LookName


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The colours of grounds, cards, panels and fields.

    Attributes:
        ground_top, ground_bottom: behind a card, from top to bottom.
        card, edge: a card, a panel or a menu, and the line around it. Opaque.
        text, muted: on a card or the ground; the second for what is less important.
        accent: of a link, of a code, and of what is chosen.
        on_accent: the text on a ground of that colour.
        field, field_edge: of a field for text.
        button, button_lit: of a plain button, and below the pointer.
        raised: of a box on a card, such as that of a file.
        notice: of a warning.
        focus: of the ring around what has the keyboard.
    """

    is_dark: bool
    ground_top: str
    ground_bottom: str
    card: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    field: str
    field_edge: str
    button: str
    button_lit: str
    raised: str
    notice: str
    focus: str


DARK = Look(
    is_dark=True,
    ground_top="#1b222d",
    ground_bottom="#0d1117",
    card="#161b24",
    edge="#333b48",
    text="#f2f5f8",
    muted="#a8b3c2",
    accent="#9cc4ff",
    on_accent="#0b1a30",
    field="#0d1117",
    field_edge="#657183",
    button="#2a3342",
    button_lit="#384458",
    raised="#252e3c",
    notice="#ffd58a",
    focus="#8cbcff",
)
LIGHT = Look(
    is_dark=False,
    ground_top="#f4f6f9",
    ground_bottom="#e3e8ef",
    card="#ffffff",
    edge="#c9d0da",
    text="#14181f",
    muted="#4d5866",
    accent="#0b57c4",
    on_accent="#ffffff",
    field="#ffffff",
    field_edge="#7a8594",
    button="#e4e9f0",
    button_lit="#d3dbe6",
    raised="#edf0f4",
    notice="#7a4b00",
    focus="#0b57c4",
)


def choose_look(name: LookName) -> Look:
    """Return the look of a setting; for `auto` the system's, or dark where the system has none."""
    if name == "auto":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK
    return LIGHT if name == "light" else DARK


def button_style(look: Look, *, ground: str = "", lit: str = "", text: str = "") -> str:
    """Return the style sheet of a button on a card: a plain one, or one of the given colours."""
    ground, lit = ground or look.button, lit or look.button_lit
    return (
        f"QPushButton {{ color: {text or look.text}; background: {ground}; border-radius: 10px;"
        f" border: 2px solid transparent; padding: 2px 8px; }}"
        f"QPushButton:hover {{ background: {lit}; }}"
        f"QPushButton:pressed {{ background: {ground}; }}"
        f"QPushButton:focus {{ border-color: {look.focus}; }}"
        f"QPushButton:disabled {{ color: {look.muted}; }}"
    )


def scroll_bar_style(look: Look) -> str:
    """Return the style sheet of upright scroll bars."""
    return (
        "QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }"
        f"QScrollBar::handle:vertical {{ background: {look.field_edge}; border-radius: 4px;"
        " min-height: 24px; margin: 1px; }"
        "QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }"
        "QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }"
    )


def menu_style(look: Look, font_px: int) -> str:
    """Return the style sheet of a menu and of tooltips."""
    return (
        f"QMenu {{ color: {look.text}; background: {look.card}; border: 1px solid {look.edge};"
        f" padding: 6px; font-size: {font_px}px; }}"
        f"QMenu::item {{ padding: 7px 26px 7px 14px; border-radius: 6px; }}"
        f"QMenu::item:selected {{ background: {look.button_lit}; }}"
        f"QMenu::item:disabled {{ color: {look.muted}; }}"
        f"QMenu::separator {{ height: 1px; background: {look.edge}; margin: 6px 8px; }}"
        f"QToolTip {{ color: {look.text}; background: {look.card};"
        f" border: 1px solid {look.edge}; padding: 4px 8px; font-size: {font_px}px; }}"
    )
