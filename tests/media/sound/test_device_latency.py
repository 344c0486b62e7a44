"""media/sound/device_latency.py: what a device reports with its buffers, averaged."""

import pytest

from media.sound.device_latency import MAX_LATENCY_S, DeviceLatency

BUFFER_S = 0.0075


def test_report_at_the_opening_counts_until_a_buffer_reports_another() -> None:
    latency = DeviceLatency()
    latency.begin(0.015)
    assert latency.us == 15_000
    latency.note(0.25, BUFFER_S)
    assert latency.us == 250_000


def test_buffer_that_passes_during_the_opening_counts_more_than_the_opening() -> None:
    latency = DeviceLatency()
    latency.note(0.25, BUFFER_S)
    latency.begin(0.015)
    assert latency.us == 250_000


def test_buffers_taken_several_at_once_give_their_mean() -> None:
    latency = DeviceLatency()
    for number in range(400):
        latency.note(0.15 + BUFFER_S * (number % 4), BUFFER_S)
    assert latency.us == pytest.approx(161_250, abs=500)


def test_change_is_followed_within_seconds() -> None:
    latency = DeviceLatency()
    for _ in range(400):
        latency.note(0.02, BUFFER_S)
    for _ in range(round(4 / BUFFER_S)):
        latency.note(0.25, BUFFER_S)
    assert latency.us == pytest.approx(250_000, abs=6_000)


@pytest.mark.parametrize("nonsense_s", [0.0, -0.1, MAX_LATENCY_S + 1, float("nan"), float("inf")])
def test_nonsense_is_ignored(nonsense_s: float) -> None:
    latency = DeviceLatency()
    latency.begin(0.015)
    latency.note(nonsense_s, BUFFER_S)
    assert latency.us == 15_000


def test_time_in_which_a_buffer_is_recorded_is_no_latency() -> None:
    latency = DeviceLatency()
    latency.note(0.125, 0.005, recorded_s=0.005)
    assert latency.us == 120_000
    latency = DeviceLatency()
    latency.note(0.003, 0.005, recorded_s=0.005)
    assert latency.us == 0
