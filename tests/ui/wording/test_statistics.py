"""ui/wording/statistics.py: the same figures in the status line and in the overlay."""

import pytest
from msgspec.structs import replace

from core.call_quality import Quality, QualityLevel, QualityReason
from core.call_statistics import CallState, CallStatistics
from ui.view import PeerView, Stage, View
from ui.wording.statistics import (
    word_figures,
    word_figures_line,
    word_meter,
    word_overlay,
    word_status,
)

UNKNOWN = CallStatistics(t_s=1.0, state=CallState.CALL, peer="Bob", target_bps=2_500_000)
"""The figures of a call before anything was measured."""
KNOWN = replace(
    UNKNOWN,
    t_s=75.2,
    rtt_ms=1.24,
    clock_error_ms=0.312,
    queue_delay_ms=0.4,
    cpu_percent=41.6,
    rss_bytes=101_400_000,
    threads=14,
    video_out_fps=29.97,
    video_out_width=1280,
    video_out_height=720,
    video_out_bps=2_410_000.0,
    video_out_codec="h264",
    video_out_skipped=3,
    encode_ms=4.31,
    video_in_fps=25.0,
    video_in_width=640,
    video_in_height=480,
    video_in_bps=990_000.0,
    video_in_codec="mjpeg",
    video_in_latency_p50_ms=7.45,
    video_in_latency_p95_ms=11.0,
    video_in_latency_max_ms=30.12,
    video_in_longest_gap_ms=48.4,
    decode_ms=2.05,
    video_shown_latency_p50_ms=9.96,
    video_shown_latency_p95_ms=14.0,
    audio_out_bps=31_200.0,
    audio_in_bps=30_400.0,
    audio_in_latency_ms=71.26,
    audio_in_concealed_ms=20.0,
    playout_delay_ms=14.5,
    lip_sync_ms=-61.4,
    echo_return_loss_db=38.6,
)


def test_status_is_one_line_with_the_figures() -> None:
    assert word_figures_line(KNOWN) == (
        "1:15 in 25 fps 7.5 ms 0.99 Mbit/s, out 30 fps 2.41 Mbit/s, sound 71.3 ms, rtt 1.2 ms"
    )


def test_quality_comes_before_the_figures() -> None:
    late = Quality(QualityLevel.FAIR, QualityReason.SOUND_LATE)
    view = View(Stage.CALL, "Ann", peer=PeerView("Bob"), figures=KNOWN, quality=late)
    assert word_status(view).startswith("1:15 fair: late sound; in 25 fps ")
    assert word_overlay(view)[0] == "Fair: late sound"
    assert word_overlay(view)[1:9] == word_figures(KNOWN)


def test_overlay_has_these_lines() -> None:
    assert word_figures(KNOWN) == (
        "in       25 fps  640x480  mjpeg  0.99 Mbit/s",
        "out      30 fps  1280x720  h264  2.41 Mbit/s  3 skipped",
        "decoded  p50 7.5 ms  p95 11.0 ms  max 30.1 ms",
        "shown    p50 10.0 ms  p95 14.0 ms  gap 48.4 ms",
        "sound    71.3 ms  buffer 14.5 ms  in 30 kbit/s  out 31 kbit/s  20 ms concealed",
        "lips     sound 61 ms late  echo return loss 39 dB",
        "link     rtt 1.2 ms  queue 0.4 ms  target 2.50 Mbit/s  clock ±0.3 ms",
        "work     encode 4.3 ms  decode 2.0 ms  CPU 42 %  101 MB  14 threads",
    )


def test_sound_ahead_of_pictures_is_called_early() -> None:
    line = replace(KNOWN, lip_sync_ms=12.4)
    assert "lips     sound 12 ms early  echo return loss 39 dB" in word_figures(line)


@pytest.mark.parametrize(
    ("level_dbfs", "is_muted", "text"),
    [
        (None, False, ""),
        (None, True, ""),
        (-96.0, False, "mic --------"),
        (-33.0, False, "mic ####----"),
        (0.0, False, "mic ########"),
        (-33.0, True, "mic muted"),
    ],
)
def test_meter_is_a_short_bar(level_dbfs: float | None, is_muted: bool, text: str) -> None:
    assert word_meter(level_dbfs, is_muted=is_muted) == text


def test_status_ends_with_the_meter() -> None:
    assert word_figures_line(KNOWN, "mic ##------").endswith("rtt 1.2 ms, mic ##------")


def test_unknown_figures_are_dashes() -> None:
    assert "None" not in word_figures_line(UNKNOWN)
    assert word_figures_line(UNKNOWN).endswith("rtt –")
    lines = word_figures(UNKNOWN)
    assert not any("None" in text for text in lines)
    assert lines[0] == "in       0 fps  –  –  0.00 Mbit/s"
    assert lines[2] == "decoded  p50 –  p95 –  max –"


@pytest.mark.parametrize(
    ("t_s", "shown"), [(0.0, "0:00"), (59.999, "0:59"), (60, "1:00"), (3_600, "60:00")]
)
def test_time_of_a_call_is_in_minutes_and_seconds(t_s: float, shown: str) -> None:
    assert word_figures_line(replace(UNKNOWN, t_s=t_s)).startswith(f"{shown} in ")


def test_status_line_names_a_lost_link_instead_of_its_figures() -> None:
    view = View(Stage.CALL, "Ann", peer=PeerView("Bob"), figures=KNOWN, is_reconnecting=True)
    assert word_status(view) == "1:15 Reconnecting to Bob…"
