"""Typed lines: standard input as keys of the window, commands and chat. Call thread only.

A line that is typed while nobody rings may be the answer to the next ring, as scripts write it.
"""

import logging
from collections import deque
from collections.abc import Callable

from ui.actions import UserAction
from ui.call_commands import LineReply
from ui.line_commands import read_line
from ui.view import Stage
from ui.wording import log as wording
from ui.wording.commands import word_reply

_log = logging.getLogger(__name__)

MAX_EARLY_LINES = 16
"""Lines that are kept until somebody rings."""


class TypedLines:
    """The lines that a user or a script types.

    Args:
        has_window: whether a bare Enter may be meant for another program.
        act: handles the action that a line stands for.
        reply: prints the answer to a line that stands for none.
    Attributes:
        keeps_early: whether a line from before a ring answers it.
    """

    def __init__(
        self,
        *,
        has_window: bool,
        act: Callable[[UserAction], None],
        reply: Callable[[tuple[str, ...]], None],
    ) -> None:
        self.keeps_early = True
        self._has_window = has_window
        self._act = act
        self._reply = reply
        self._early: deque[str] = deque(maxlen=MAX_EARLY_LINES)

    @property
    def has_early(self) -> bool:
        """True while a line waits for a ring."""
        return bool(self._early)

    def read(self, text: str, stage: Stage) -> None:
        """Handle a line that was typed in a stage."""
        if self._has_window and not text.strip():
            return
        meaning = read_line(text, stage)
        if isinstance(meaning, LineReply):
            self._reply(word_reply(meaning))
        elif meaning is not None:
            self._act(meaning)
        elif stage is Stage.WAITING and self.keeps_early:
            self._early.append(text)

    def answer_early(self, stage: Stage) -> None:
        """Answer a ring with the line that has waited longest, if there is one."""
        if self._early:
            line = self._early.popleft()
            _log.info("%s", wording.answered_early(line))
            self.read(line, stage)
