"""bench/lab_calls.py, bench/lab_transfer.py and bench/lab.py: figures of calls and transfers."""

import pytest

from bench.calls import Line
from bench.figures import Subject
from bench.lab import choose_profiles, median
from bench.lab_calls import describe_end, link_figures, screen_figures
from bench.lab_messages import DirectionReport, Lateness, Report
from bench.lab_others import hand_set_kbps, why_no_aiortc
from bench.lab_transfer import mean_rate_bps
from bench.link_conditions import Counters
from bench.link_profiles import PROFILES

PICTURE: Line = {"event": "first_picture"}


def report(at_us: int, delivered_bytes: int) -> Report:
    lateness = Lateness(None, None, None)
    forward = DirectionReport(Counters(delivered_bytes=delivered_bytes), lateness)
    return Report(at_us, True, forward, DirectionReport(Counters(), lateness))


@pytest.mark.parametrize(
    ("lines", "events", "expected"),
    [
        ([], [], "no call"),
        ([{"t_s": 9.0, "state": "call", "reconnects": 0}], [PICTURE], "call"),
        ([{"t_s": 9.0, "state": "call", "reconnects": 0}], [], "call, no picture"),
        ([{"t_s": 9.0, "state": "call", "reconnects": 2}], [PICTURE], "call, 2 reconnects"),
        (
            [{"t_s": 9.1, "state": "ended", "reconnects": 0}],
            [PICTURE, {"event": "ended", "reason": "link_lost"}],
            "ended after 9 s: link_lost",
        ),
    ],
)
def test_the_note_is_the_state_of_the_call(
    lines: list[Line], events: list[Line], expected: str
) -> None:
    assert describe_end(lines, events) == expected


def test_use_of_the_link_is_relative_to_what_the_profile_lets_through() -> None:
    before, after = report(1_000_000, 500), report(11_000_000, 1_250_500)
    used = link_figures(PROFILES["4mbit"], before, after)
    assert used["wire_mbps"] == pytest.approx(1.0)
    assert used["used_percent"] == pytest.approx(25.0)
    assert link_figures(PROFILES["free"], before, after)["used_percent"] is None


def test_latency_on_screen_counts_from_capture_and_leaves_out_pictures_never_received() -> None:
    captured = [(number, 1_000_000 + number * 40_000) for number in range(5)]
    shown = [(number, us + 30_000) for number, us in captured] + [(9, 2_000_000)]
    figures = screen_figures(captured, shown)
    assert figures["screen_p50_ms"] == figures["screen_worst_ms"] == pytest.approx(30.0)
    assert figures["screen_fps"] == pytest.approx(25.0)


def test_screen_without_a_picture_has_no_figures() -> None:
    assert set(screen_figures([(1, 1_000_000)], []).values()) == {None}


def test_goodput_is_the_mean_rate_within_a_span() -> None:
    log = [(0, 0), (1_000_000, 1_000_000), (2_000_000, 1_500_000), (3_000_000, 9_000_000)]
    assert mean_rate_bps(log, 1_000_000, 2_000_000) == pytest.approx(4e6)
    assert mean_rate_bps([], 0, 1_000_000) == 0


def test_runs_are_summed_up_by_their_medians() -> None:
    runs = [
        Subject("x", {"p50_ms": ms}, note) for ms, note in ((9.0, "a"), (5.0, "b"), (None, "a"))
    ]
    summed = median(runs)
    assert summed.values["p50_ms"] == 7.0
    assert summed.note == "a; b"


def test_all_chooses_every_profile() -> None:
    assert choose_profiles(["all"], None) == list(PROFILES.values())
    assert [profile.name for profile in choose_profiles(["free"], None)] == ["free"]


def test_a_bitrate_set_by_hand_leaves_a_margin_below_the_link() -> None:
    assert hand_set_kbps(PROFILES["1mbit"]) == 800
    assert hand_set_kbps(PROFILES["free"]) == hand_set_kbps(PROFILES["20mbit-400ms"]) == 2500


def test_a_program_that_is_not_installed_is_a_clause() -> None:
    assert why_no_aiortc("/no/python") == "/no/python: No such file or directory"
