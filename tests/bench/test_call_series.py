"""bench/call_series.py: the series that plots are drawn from."""

import math
from typing import Any

import pytest

from bench.call_series import blackouts, link_line, series_of_lab, series_of_simulation
from bench.link_profiles import PROFILES
from bench.simulated_call import CallResult, ShownPicture, SimulatedCall, TargetSample

SECOND_US = 1_000_000


def test_link_follows_the_steps_of_the_profile() -> None:
    line = link_line(PROFILES["4-0.5-4"].forward, 60)
    assert line.times_s == [0, 20, 40, 60]
    assert line.values == [4, 0.5, 4, 4]


def test_link_without_a_limit_is_infinite() -> None:
    assert link_line(PROFILES["free"].forward, 5).values == [math.inf, math.inf]


def test_each_blackout_has_a_start_and_an_end() -> None:
    assert list(blackouts(PROFILES["wifi-bursts"].forward, 5)) == [(1.5, 1.7), (4.5, 4.7)]
    assert list(blackouts(PROFILES["blackout-30s"].forward, 10)) == [(8, 10)]


def test_arrived_rate_of_a_simulated_call_is_that_of_its_pictures() -> None:
    series = series_of_simulation(
        PROFILES["1mbit"], SimulatedCall(PROFILES["1mbit"]).run_until(3 * SECOND_US), "simulated"
    )
    arrived_mbit = sum(series.arrived_mbps.values[:-1]) / 2
    assert 1 < arrived_mbit < 3
    assert max(series.latency_ms.values) < 200
    assert series.link_queue_ms is not None
    assert 0 < max(series.link_queue_ms.values) < 400


def test_line_of_latencies_stops_where_pictures_are_missing() -> None:
    shown = [ShownPicture(at_us, 20_000, 100) for at_us in (100_000, 200_000, 900_000)]
    result = CallResult(SECOND_US, shown, targets=[TargetSample(0, 400_000, 0, 0)])
    latency_ms = series_of_simulation(PROFILES["4mbit"], result, "made up").latency_ms
    assert [math.isnan(value) for value in latency_ms.values] == [False, False, True, False]


def line(t_s: float, **values: float | None) -> dict[str, Any]:
    unknown = ("target_bps", "queue_delay_ms", "video_in_bps", "video_in_latency_p95_ms")
    return {"t_s": t_s, **dict.fromkeys(unknown), **values}


def test_series_of_the_laboratory_begin_with_the_profile() -> None:
    run = {
        "began_s": 1.0,
        "caller": [line(1.0), line(2.0, video_in_bps=5e5, video_in_latency_p95_ms=40.0), line(3.0)],
        "listener": [line(1.0), line(2.0, target_bps=6e5, queue_delay_ms=3.0), line(3.0)],
    }
    [series] = series_of_lab([{"name": "1mbit: Vis-à-vis", "raw": [run, run]}])
    assert series.seconds == 2
    assert series.target_mbps.times_s == [1, 2]
    assert series.target_mbps.values[0] == pytest.approx(0.6)
    assert series.arrived_mbps.times_s == [0, 1, 2]
    assert series.arrived_mbps.values[0] == pytest.approx(0.5)
    assert series.latency_ms.values[0] == 40
    assert math.isnan(series.latency_ms.values[1])


def test_downloads_and_traces_of_the_laboratory_have_no_series() -> None:
    download: dict[str, Any] = {"name": "1mbit: TCP download, cubic", "raw": [None]}
    failed: dict[str, Any] = {"name": "x", "raw": None}
    assert list(series_of_lab([download, failed])) == []
