"""call/live/lip_sync.py: neither waits within the bound; beyond it the early one does."""

import pytest

from call.live.lip_sync import (
    EARLY_MS,
    FALL_S,
    LATE_MS,
    MAX_FLOOR_MS,
    MAX_HOLD_MS,
    RISE_S,
    LipSync,
)
from core.call_statistics import CallState, CallStatistics


def second_of(
    *,
    shown_ms: tuple[float | None, float | None] = (None, None),
    decoded_ms: tuple[float | None, float | None] = (None, None),
    audio_ms: float | None,
    playout_ms: float | None = 20.0,
) -> CallStatistics:
    """Return the figures of a second; of pictures, the median and the 95th percentile."""
    return CallStatistics(
        t_s=1.0,
        state=CallState.CALL,
        peer="Bob",
        video_shown_latency_p50_ms=shown_ms[0],
        video_shown_latency_p95_ms=shown_ms[1],
        video_in_latency_p50_ms=decoded_ms[0],
        video_in_latency_p95_ms=decoded_ms[1],
        audio_in_latency_ms=audio_ms,
        playout_delay_ms=playout_ms,
    )


class Call:
    """Sound and pictures with the latency that each has without a delay of ours."""

    def __init__(self, video_ms: float, audio_ms: float, playout_ms: float = 20.0) -> None:
        self.sync = LipSync()
        self.video_ms, self.audio_ms, self.playout_ms = video_ms, audio_ms, playout_ms

    def pass_seconds(self, seconds: int) -> float:
        """Return how late sound is at the end."""
        late_ms = 0.0
        for _ in range(seconds):
            playout_ms = max(self.playout_ms, self.sync.floor_ms)
            audio_ms = self.audio_ms - self.playout_ms + playout_ms
            video_ms = self.video_ms + self.sync.hold_ms
            late_ms = audio_ms - video_ms
            self.sync.on_second(
                second_of(shown_ms=(video_ms, video_ms), audio_ms=audio_ms, playout_ms=playout_ms)
            )
        return late_ms


def sync_after(second: CallStatistics) -> LipSync:
    """Return a lip sync right after the same figures have taken effect."""
    sync = LipSync()
    for _ in range(RISE_S):
        assert (sync.hold_ms, sync.floor_ms) == (0, 0)
        sync.on_second(second)
    return sync


@pytest.mark.parametrize(("video_ms", "audio_ms"), [(10, 80), (80, 60), (20, 20), (10, 118)])
def test_sound_and_pictures_do_not_wait_within_the_bound(video_ms: float, audio_ms: float) -> None:
    call = Call(video_ms, audio_ms)
    assert call.pass_seconds(20) == audio_ms - video_ms
    assert (call.sync.hold_ms, call.sync.floor_ms) == (0, 0)


@pytest.mark.parametrize("audio_ms", [150.0, 250.0, 400.0])
def test_pictures_wait_for_late_sound(audio_ms: float) -> None:
    call = Call(10.0, audio_ms)
    assert 0 < call.pass_seconds(5) < LATE_MS
    assert 0 < call.sync.hold_ms <= audio_ms
    assert call.sync.floor_ms == 0


@pytest.mark.parametrize("video_ms", [120.0, 180.0])
def test_sound_waits_for_late_pictures(video_ms: float) -> None:
    call = Call(video_ms, 60.0)
    assert -EARLY_MS < call.pass_seconds(5) < 0
    assert call.sync.hold_ms == 0


def test_delay_ends_after_its_cause() -> None:
    call = Call(10.0, 250.0)
    call.pass_seconds(5)
    call.audio_ms = 60.0
    call.pass_seconds(30)
    assert call.sync.hold_ms == 0

    call = Call(180.0, 60.0)
    call.pass_seconds(5)
    call.video_ms = 20.0
    call.pass_seconds(30)
    assert call.sync.floor_ms == 0


def test_both_delays_are_bounded() -> None:
    call = Call(10.0, 5_000.0)
    call.pass_seconds(10)
    assert call.sync.hold_ms == MAX_HOLD_MS
    call = Call(5_000.0, 60.0)
    call.pass_seconds(10)
    assert call.sync.floor_ms == MAX_FLOOR_MS


def test_shown_pictures_count_before_decoded_ones() -> None:
    second = second_of(shown_ms=(10.0, 12.0), decoded_ms=(5.0, 6.0), audio_ms=250.0)
    # Sound may be 110 ms late without any delay.
    assert sync_after(second).hold_ms == 130.0


def test_delay_in_the_measured_latency_is_not_requested_again() -> None:
    sync = sync_after(second_of(shown_ms=(10.0, 12.0), audio_ms=250.0))
    sync.on_second(second_of(shown_ms=(140.0, 142.0), audio_ms=250.0))
    assert sync.hold_ms == 130.0


def test_decoded_pictures_count_as_shown_after_their_delay_without_a_window() -> None:
    second = second_of(decoded_ms=(10.0, 12.0), audio_ms=250.0)
    sync = sync_after(second)
    assert sync.hold_ms == 130.0
    sync.on_second(second)
    assert sync.hold_ms == 130.0


@pytest.mark.parametrize(
    "second",
    [
        second_of(audio_ms=250.0),
        second_of(shown_ms=(10.0, 12.0), audio_ms=None),
        second_of(shown_ms=(10.0, 12.0), audio_ms=250.0, playout_ms=None),
    ],
)
def test_unknown_latency_ends_both_delays(second: CallStatistics) -> None:
    sync = sync_after(second_of(shown_ms=(10.0, 12.0), audio_ms=250.0))
    assert sync.hold_ms > 0
    sync.on_second(second)
    assert (sync.hold_ms, sync.floor_ms) == (0, 0)


@pytest.mark.parametrize(
    "second",
    [
        second_of(shown_ms=(20.0, 150.0), decoded_ms=(5.0, 6.0), audio_ms=60.0),
        second_of(decoded_ms=(20.0, 150.0), audio_ms=60.0),
    ],
)
def test_sound_waits_for_the_late_pictures_too(second: CallStatistics) -> None:
    sync = sync_after(second)
    # 150 ms against 60, of which 20 are its own delay, and 30 ms early are within the bound.
    assert sync.floor_ms == pytest.approx(80.0)
    assert sync.hold_ms == 0


def test_moment_out_of_step_changes_nothing() -> None:
    call = Call(180.0, 60.0)
    call.pass_seconds(RISE_S - 1)
    call.video_ms = 40.0
    call.pass_seconds(5)
    assert (call.sync.hold_ms, call.sync.floor_ms) == (0, 0)


def test_delay_stays_while_its_cause_comes_and_goes() -> None:
    call = Call(150.0, 60.0)
    call.pass_seconds(5)
    before_ms = call.sync.floor_ms
    for _ in range(4):
        call.video_ms = 60.0
        call.pass_seconds(FALL_S - 2)
        call.video_ms = 150.0
        call.pass_seconds(1)
        assert call.sync.floor_ms == before_ms > 0
