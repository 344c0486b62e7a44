"""Keys in the window, and their meaning at each stage."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from ui.view import Stage, UserEvent
from ui.window.keys import WindowAction, list_keys, read_key

Key = Qt.Key
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def press(
    key: int,
    text: str = "",
    modifiers: Qt.KeyboardModifier = NO_MODIFIER,
    *,
    is_repeated: bool = False,
) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text, is_repeated)


def read(
    event: QKeyEvent, stage: Stage = Stage.CALL, *, is_full_screen: bool = False
) -> UserEvent | WindowAction | None:
    return read_key(event, stage=stage, is_full_screen=is_full_screen)


BEFORE_A_CALL = (Stage.WAITING, Stage.DIALLING, Stage.RINGING)
NOT_ENDED = tuple(stage for stage in Stage if stage is not Stage.ENDED)
ENTER = (press(Key.Key_Return, "\r"), press(Key.Key_Enter, "\r"))
ESCAPE = press(Key.Key_Escape, "\x1b")


@pytest.mark.parametrize("stage", NOT_ENDED)
@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        (press(Key.Key_Q, "q"), UserEvent.HANG_UP),
        (press(Key.Key_V, "v"), UserEvent.TOGGLE_CAMERA),
        (press(Key.Key_M, "m"), UserEvent.TOGGLE_MUTE),
        (press(Key.Key_M, "ь"), UserEvent.TOGGLE_MUTE),
        (press(Key.Key_W, "w"), UserEvent.CONFIRM_WORDS),
        (press(Key.Key_W, "ц"), UserEvent.CONFIRM_WORDS),
        (press(Key.Key_R, "r"), UserEvent.TOGGLE_RECORDING),
        (press(Key.Key_R, "к"), UserEvent.TOGGLE_RECORDING),
        (press(Key.Key_S, "s"), UserEvent.TAKE_SNAPSHOT),
        (press(Key.Key_P, "p"), UserEvent.SEND_STILL),
        (press(Key.Key_P, "з"), UserEvent.SEND_STILL),
        (press(Key.Key_S, "ы"), UserEvent.TAKE_SNAPSHOT),
        (press(Key.Key_D, "d"), UserEvent.TOGGLE_DO_NOT_DISTURB),
        (press(Key.Key_D, "в"), UserEvent.TOGGLE_DO_NOT_DISTURB),
        (press(Key.Key_O, "o"), WindowAction.TOGGLE_SELF_VIEW),
        (press(Key.Key_T, "t"), WindowAction.TOGGLE_SMALL_WINDOW),
        (press(Key.Key_F, "f"), WindowAction.TOGGLE_FULL_SCREEN),
        (press(Key.Key_F11), WindowAction.TOGGLE_FULL_SCREEN),
        (press(Key.Key_I, "i"), WindowAction.TOGGLE_OVERLAY),
        (press(Key.Key_Question, "?"), WindowAction.TOGGLE_KEYS),
        (press(Key.Key_F1), WindowAction.TOGGLE_KEYS),
    ],
)
def test_key_keeps_its_meaning_until_the_call_has_ended(
    event: QKeyEvent, meaning: UserEvent | WindowAction, stage: Stage
) -> None:
    assert read(event, stage) is meaning


def test_y_and_n_answer_a_ring() -> None:
    assert read(press(Key.Key_Y, "y"), Stage.INCOMING) is UserEvent.ACCEPT
    assert read(press(Key.Key_N, "n"), Stage.INCOMING) is UserEvent.DECLINE


@pytest.mark.parametrize("stage", [Stage.CALL, *BEFORE_A_CALL])
def test_y_and_n_do_nothing_without_a_ring(stage: Stage) -> None:
    assert read(press(Key.Key_Y, "y"), stage) is None
    assert read(press(Key.Key_N, "n"), stage) is None


@pytest.mark.parametrize("event", [*ENTER, ESCAPE])
def test_enter_and_escape_hang_up_in_a_call(event: QKeyEvent) -> None:
    assert read(event) is UserEvent.HANG_UP


@pytest.mark.parametrize("event", [*ENTER, ESCAPE])
@pytest.mark.parametrize("stage", [Stage.INCOMING, *BEFORE_A_CALL])
def test_enter_and_escape_do_nothing_before_a_call(event: QKeyEvent, stage: Stage) -> None:
    assert read(event, stage) is None


@pytest.mark.parametrize("stage", NOT_ENDED)
def test_escape_leaves_full_screen_first(stage: Stage) -> None:
    assert read(ESCAPE, stage, is_full_screen=True) is WindowAction.LEAVE_FULL_SCREEN


@pytest.mark.parametrize(
    "event", [ESCAPE, *ENTER, press(Key.Key_F, "f"), press(Key.Key_Tab, "\t"), press(Key.Key_Left)]
)
def test_any_key_dismisses_an_ended_call(event: QKeyEvent) -> None:
    assert read(event, Stage.ENDED, is_full_screen=True) is UserEvent.DISMISS


@pytest.mark.parametrize("key", [Key.Key_Shift, Key.Key_Control, Key.Key_Alt, Key.Key_Super_L])
def test_modifier_alone_does_nothing(key: Qt.Key) -> None:
    assert read(press(key), Stage.ENDED) is None


@pytest.mark.parametrize("stage", list(Stage))
def test_auto_repeated_key_does_nothing(stage: Stage) -> None:
    assert read(press(Key.Key_Q, "q", is_repeated=True), stage) is None


@pytest.mark.parametrize("stage", list(Stage))
def test_key_with_ctrl_does_nothing(stage: Stage) -> None:
    event = press(Key.Key_V, "\x16", Qt.KeyboardModifier.ControlModifier)
    assert read(event, stage) is None


def test_letter_follows_the_keyboard_layout() -> None:
    assert read(press(Key.Key_Z, "y"), Stage.INCOMING) is UserEvent.ACCEPT


def test_letter_of_another_alphabet_is_read_from_its_key() -> None:
    assert read(press(Key.Key_Y, "н"), Stage.INCOMING) is UserEvent.ACCEPT


def test_capital_letter_means_the_same() -> None:
    assert read(press(Key.Key_Q, "Q", Qt.KeyboardModifier.ShiftModifier)) is UserEvent.HANG_UP


@pytest.mark.parametrize("stage", list(Stage))
def test_key_list_names_the_key_that_mutes(stage: Stage) -> None:
    assert any(line.split()[:2] == ["m", "mute"] for line in list_keys(stage))


@pytest.mark.parametrize("stage", [each for each in Stage if each is not Stage.ENDED])
def test_key_list_has_each_letter_that_does_something_and_no_other(stage: Stage) -> None:
    listed = [line.split()[0] for line in list_keys(stage)]
    letters = [key for key in listed if len(key) == 1]
    assert len(letters) == len(set(letters))
    for letter in letters:
        assert read(press(Key.Key_Z, letter), stage) is not None
    assert ("y" in letters) is (stage is Stage.INCOMING)
    assert ("r" in letters) is ("i" in letters) is (stage is Stage.CALL)
    assert ("d" in letters) is (stage is Stage.WAITING)


@pytest.mark.parametrize("event", [press(Key.Key_C, "c"), press(Key.Key_C, "с")])
def test_c_opens_the_chat_in_a_call_and_takes_codes_outside(event: QKeyEvent) -> None:
    assert read(event, Stage.CALL) is WindowAction.TOGGLE_CHAT
    for stage in BEFORE_A_CALL:
        assert read(event, stage) is UserEvent.ALLOW_CODES
