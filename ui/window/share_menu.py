"""Share menu: the screens and windows to share. Display thread.

It reports what was chosen and decides nothing. The screens and windows are looked for when it
opens, and appear in the open menu.
"""

import textwrap
from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from ui.actions import ShareScreen, UserAction
from ui.device_view import ScreensView
from ui.view import UserEvent
from ui.window.fonts import provide_fonts
from ui.wording.screens import MAIN_SCREEN, word_list_problem, word_screen_option

NOTE_CHARACTERS = 44
"""In a line of the note, which is then no wider than the narrowest screen with large text."""


class ShareMenu:
    """The entries of a menu.

    Args:
        post: receives what the user chooses.
    """

    def __init__(self, menu: QMenu, post: Callable[[UserAction], object]) -> None:
        self._menu = menu
        self._post = post
        self._shown: ScreensView | None = None

    def show_screens(self, screens: ScreensView) -> None:
        """Show these screens and windows; before they are known, the main screen alone."""
        if screens == self._shown:
            return
        self._shown = screens
        pointed, before = self._menu.activeAction(), self._menu.actions()
        place = before.index(pointed) if pointed in before else 0
        self._menu.clear()
        is_after_screen = False
        if not screens.options and screens.list_problem is None:
            self._add(MAIN_SCREEN, UserEvent.SHARE_SCREEN)
        for option in screens.options:
            if option.title and is_after_screen:
                self._menu.addSeparator()
            is_after_screen = not option.title
            self._add(word_screen_option(option, screens), ShareScreen(option.value))
        if screens.list_problem is not None:
            if screens.options:
                self._menu.addSeparator()
            self._add_note(word_list_problem(screens.list_problem))
        actions = self._menu.actions()
        if self._menu.isVisible() and actions:
            self._menu.setActiveAction(actions[min(place, len(actions) - 1)])

    def _add(self, text: str, action: UserAction) -> None:
        provide_fonts(text)
        entry = self._menu.addAction(text.replace("&", "&&"))
        entry.triggered.connect(partial(self._choose, action))

    def _add_note(self, text: str) -> None:
        # A menu is as wide as its longest entry, and could reach beyond the screen.
        for line in textwrap.wrap(text, NOTE_CHARACTERS):
            note: QAction = self._menu.addAction(line.replace("&", "&&"))
            note.setEnabled(False)

    def _choose(self, action: UserAction, _: bool = False) -> None:
        self._post(action)
