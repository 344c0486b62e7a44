"""report/diagnosis.py and diagnosis_words.py, on statistics of real calls.

One thing was done to each call in `tests/report/calls`, by a simulated link or a missing device;
its file is shortened.
"""

from pathlib import Path

import pytest

from core.call_history import CallHistory
from core.call_statistics import CallState, CallStatistics, DeviceUse, LimitedBy
from report.diagnosis import Cause, diagnose
from report.diagnosis_words import word_call_report
from report.statistics_file import read_statistics

CALLS = Path(__file__).resolve().parent / "calls"


def read_call(name: str) -> CallHistory:
    (call,) = read_statistics(CALLS / f"{name}.jsonl").calls
    return call


def call_of(seconds: int, **figures: object) -> CallHistory:
    """Return a call whose seconds all have these figures; the others are those of a good one."""
    call = CallHistory()
    usual = {"rtt_ms": 3.0, "target_bps": 2_500_000, "video_in_fps": 30.0, "audio_in_bps": 30e3}
    for second in range(1, seconds + 1):
        call.add(
            CallStatistics(t_s=second, state=CallState.CALL, peer="Bee", **(usual | figures))  # type: ignore[arg-type]  # the tests give each its type
        )
    return call


@pytest.mark.parametrize(
    ("name", "cause", "said"),
    [
        ("slow_link", Cause.SLOW_LINK, ("kbit/s", "from 0:05 on", "cable")),
        ("long_way", Cause.LONG_WAY, ("there and back", "VPN")),
        ("lost_packets", Cause.LOSS, ("lost packets", "% of yours", "cable")),
        ("lost_link", Cause.LINK_LOST, ("was lost once", "came back by itself")),
        (
            "silent_microphone",
            Cause.MICROPHONE_SILENT,
            ("could not hear you", "no sound", "switch"),
        ),
        (
            "missing_microphone",
            Cause.MICROPHONE_MISSING,
            ("could not hear you", "no working microphone", "doctor"),
        ),
        ("missing_camera", Cause.CAMERA_MISSING, ("camera was missing", "placeholder", "Connect")),
        ("busy_computer", Cause.PROCESSOR, ("too busy", "Close other programs")),
    ],
)
def test_paragraph_names_what_was_done_to_the_call(
    name: str, cause: Cause, said: tuple[str, ...]
) -> None:
    call = read_call(name)
    assert diagnose(call)[0].cause is cause
    paragraph = word_call_report(call)
    assert [text for text in said if text not in paragraph] == []


def test_good_call_needs_no_change() -> None:
    call = read_call("good")
    assert diagnose(call) == ()
    assert "Nothing needs to change." in word_call_report(call)


def test_link_that_drops_what_does_not_fit_is_slow_not_lossy() -> None:
    call = call_of(
        30, limited_by=LimitedBy.LINK, target_bps=60_000, segments_sent=1000, segments_resent=90
    )
    assert [finding.cause for finding in diagnose(call)] == [Cause.SLOW_LINK]


@pytest.mark.parametrize(
    ("figures", "cause"),
    [
        ({"microphone": DeviceUse.OFF}, Cause.MUTED),
        ({"loudspeaker": DeviceUse.MISSING}, Cause.LOUDSPEAKER_MISSING),
        ({"remote_sound": "muted"}, Cause.REMOTE_MUTED),
        ({"remote_sound": "none"}, Cause.REMOTE_MICROPHONE_MISSING),
        ({"remote_picture": "hidden"}, Cause.REMOTE_CAMERA_OFF),
        ({"limited_by": LimitedBy.REMOTE}, Cause.REMOTE_PROCESSOR),
        ({"video_in_latency_p95_ms": 700.0}, Cause.UNSTEADY),
    ],
)
def test_other_causes_are_named(figures: dict[str, object], cause: Cause) -> None:
    call = call_of(20, **figures)
    assert [finding.cause for finding in diagnose(call)] == [cause]
    assert "Bee" in word_call_report(call)


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"microphone": DeviceUse.NONE, "camera": DeviceUse.NONE, "loudspeaker": DeviceUse.NONE},
        {"camera": DeviceUse.OFF},
        {"segments_sent": 100_000, "segments_resent": 100},
        {"segments_sent": 100, "segments_resent": 10},
        {"limited_by": LimitedBy.SETTING},
    ],
)
def test_what_is_usual_or_wanted_is_no_fault(figures: dict[str, object]) -> None:
    assert diagnose(call_of(20, **figures)) == ()


def test_call_of_less_than_a_second_is_not_judged() -> None:
    call = CallHistory()
    call.add(CallStatistics(t_s=0.4, state=CallState.ENDED, peer="Bee"))
    assert "too short to judge" in word_call_report(call)


def test_setting_that_holds_pictures_down_is_mentioned() -> None:
    assert "video.bitrate_bps" in word_call_report(call_of(20, limited_by=LimitedBy.SETTING))
