"""cli/demo_figures.py: the line of figures, also of calls that lacked something."""

import json

import msgspec
import pytest

from cli.demo_figures import summarize
from core.call_statistics import CallState, CallStatistics


def line(**known: object) -> dict[str, object]:
    """Return a line of statistics with these figures; each other one is 0, "" or null."""
    zeros: dict[str, object] = {
        "t_s": 1.0,
        "state": CallState.CALL,
        "peer": "Bob",
        "limited_by": "none",
    }
    for field in msgspec.structs.fields(CallStatistics):
        zeros.setdefault(field.name, 0 if field.type in (int, float) else None)
    made = msgspec.convert({**zeros, **known}, CallStatistics)
    decoded: dict[str, object] = json.loads(msgspec.json.encode(made))
    return decoded


def test_size_of_the_received_picture_is_shown() -> None:
    assert "in 29.0 fps 640x360" in summarize(
        [line(video_in_width=640, video_in_height=360, video_in_fps=29.0)] * 3
    )


def test_call_without_a_received_picture_says_so() -> None:
    text = summarize([line()] * 3)
    assert "no picture" in text
    assert "None" not in text


@pytest.mark.parametrize("count", [0, 1])
def test_short_call_has_its_line(count: int) -> None:
    assert summarize([line()] * count)
