"""ui/line_commands.py: what a line means depends on the stage."""

import pytest

from ui.line_commands import meaning
from ui.view import Stage, UserEvent


@pytest.mark.parametrize(
    ("line", "stage", "event"),
    [
        ("y", Stage.RUNG, UserEvent.ACCEPT),
        (" YES ", Stage.RUNG, UserEvent.ACCEPT),
        ("n", Stage.RUNG, UserEvent.DECLINE),
        ("", Stage.RUNG, UserEvent.DECLINE),
        ("q", Stage.RUNG, UserEvent.DECLINE),
        ("", Stage.CALL, UserEvent.HANG_UP),
        ("q", Stage.CALL, UserEvent.HANG_UP),
        ("M", Stage.CALL, UserEvent.TOGGLE_MUTE),
        ("w", Stage.CALL, UserEvent.CONFIRM_WORDS),
        ("y", Stage.CALL, None),
        ("d", Stage.CALL, None),
        ("anything", Stage.ENDED, UserEvent.DISMISS),
        ("q", Stage.WAITING, UserEvent.QUIT),
        ("d", Stage.WAITING, UserEvent.TOGGLE_QUIET),
        ("c", Stage.WAITING, UserEvent.TAKE_CODES),
        ("y", Stage.WAITING, None),
        ("", Stage.RINGING, None),
        ("q", Stage.DIALLING, UserEvent.QUIT),
    ],
)
def test_a_line_stands_for_a_key(line: str, stage: Stage, event: UserEvent | None) -> None:
    assert meaning(line, stage) is event
