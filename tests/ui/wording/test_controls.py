"""The names of the window's controls."""

import pytest
from msgspec.structs import replace

from ui.view import Stage, View
from ui.wording.controls import KEYS, Control, name_control, name_unread, word_tooltip

CALL = View(Stage.CALL, "Me")


def test_every_control_has_a_name_that_is_its_own() -> None:
    names = [name_control(control, CALL) for control in Control]
    assert all(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("control", list(KEYS))
def test_tooltip_ends_in_the_key(control: Control) -> None:
    assert word_tooltip(control, "Name") == f"Name ({KEYS[control]})"


def test_keys_are_different() -> None:
    assert len(set(KEYS.values())) == len(KEYS)


@pytest.mark.parametrize(
    ("control", "view", "name"),
    [
        (Control.MUTE, replace(CALL, is_muted=True), "Unmute yourself"),
        (Control.CAMERA, replace(CALL, is_camera_off=True), "Turn your camera on"),
        (Control.RECORD, replace(CALL, is_recording=True), "Stop recording"),
        (Control.HANG_UP, CALL, "Hang up"),
        (Control.HANG_UP, replace(CALL, stage=Stage.RINGING), "Cancel the call"),
        (Control.HANG_UP, replace(CALL, stage=Stage.WAITING), "Quit"),
    ],
)
def test_name_says_what_the_control_does_now(control: Control, view: View, name: str) -> None:
    assert name_control(control, view) == name


def test_unread_messages_are_counted() -> None:
    assert name_unread("Chat", 0) == "Chat"
    assert name_unread("Chat", 1) == "Chat, 1 unread message"
    assert name_unread("Chat", 2) == "Chat, 2 unread messages"
