"""ui/line_commands.py: the meaning of a line at each stage."""

import pytest

from ui.line_commands import read_line
from ui.view import Stage, UserEvent


@pytest.mark.parametrize(
    ("line", "stage", "event"),
    [
        ("y", Stage.INCOMING, UserEvent.ACCEPT),
        (" YES ", Stage.INCOMING, UserEvent.ACCEPT),
        ("n", Stage.INCOMING, UserEvent.DECLINE),
        ("", Stage.INCOMING, UserEvent.DECLINE),
        ("q", Stage.INCOMING, UserEvent.DECLINE),
        ("", Stage.CALL, UserEvent.HANG_UP),
        ("q", Stage.CALL, UserEvent.HANG_UP),
        ("M", Stage.CALL, UserEvent.TOGGLE_MUTE),
        ("w", Stage.CALL, UserEvent.CONFIRM_WORDS),
        ("v", Stage.CALL, UserEvent.TOGGLE_CAMERA),
        ("/mute", Stage.CALL, UserEvent.TOGGLE_MUTE),
        ("r", Stage.CALL, UserEvent.TOGGLE_RECORDING),
        ("s", Stage.CALL, UserEvent.TAKE_SNAPSHOT),
        ("p", Stage.CALL, UserEvent.SEND_STILL),
        ("r", Stage.WAITING, None),
        ("anything", Stage.ENDED, UserEvent.DISMISS),
        ("q", Stage.WAITING, UserEvent.HANG_UP),
        ("d", Stage.WAITING, UserEvent.TOGGLE_DO_NOT_DISTURB),
        ("c", Stage.WAITING, UserEvent.ALLOW_CODES),
        ("y", Stage.WAITING, None),
        ("", Stage.RINGING, None),
        ("q", Stage.DIALLING, UserEvent.HANG_UP),
    ],
)
def test_meaning_of_a_line_depends_on_the_stage(
    line: str, stage: Stage, event: UserEvent | None
) -> None:
    assert read_line(line, stage) is event
