"""ui/wording/recording.py: who records, and for how long."""

import pytest

from ui.view import PeerView, Stage, View
from ui.wording.recording import mark_recording, word_duration, word_recording


def view(*, here: bool, there: bool) -> View:
    return View(
        Stage.CALL,
        "Ann",
        peer=PeerView("Bob"),
        is_recording=here,
        is_remote_recording=there,
    )


@pytest.mark.parametrize(
    ("here", "there", "sentence"),
    [
        (False, False, ""),
        (True, False, "You record this call"),
        (False, True, "Bob records this call"),
        (True, True, "You and Bob record this call"),
    ],
)
def test_both_users_are_named_if_they_record(here: bool, there: bool, sentence: str) -> None:
    assert word_recording(view(here=here, there=there)) == sentence


def test_recording_precedes_the_status_line_of_a_call_that_has_one() -> None:
    assert mark_recording(view(here=False, there=True), "0:05") == "Bob records this call. 0:05"
    assert mark_recording(view(here=False, there=False), "0:05") == "0:05"
    assert mark_recording(view(here=True, there=False), "") == ""


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.2, "0 s"), (59.6, "1 min"), (62, "1 min 2 s"), (7201, "2 h 1 s")],
)
def test_duration_is_told_in_the_units_that_it_has(duration_s: float, words: str) -> None:
    assert word_duration(duration_s) == words
