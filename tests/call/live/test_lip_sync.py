"""call/live/lip_sync.py: nobody waits within the bound; beyond it the early one does."""

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


class SendWindow:
    """Sound and pictures with what they take by themselves."""

    def __init__(self, video_ms: float, audio_ms: float, playout_ms: float = 20.0) -> None:
        self.sync = LipSync()
        self.video_ms, self.audio_ms, self.playout_ms = video_ms, audio_ms, playout_ms

    def pass_seconds(self, seconds: int) -> float:
        """Return by how much sound is late at last."""
        late_ms = 0.0
        for _ in range(seconds):
            playout_ms = max(self.playout_ms, self.sync.floor_ms)
            audio_ms = self.audio_ms - self.playout_ms + playout_ms
            video_ms = self.video_ms + self.sync.hold_ms
            late_ms = audio_ms - video_ms
            self.sync.on_second(
                video_ms=video_ms,
                late_video_ms=video_ms,
                audio_ms=audio_ms,
                playout_ms=playout_ms,
            )
        return late_ms


@pytest.mark.parametrize(("video_ms", "audio_ms"), [(10, 80), (80, 60), (20, 20), (10, 118)])
def test_nobody_waits_within_the_bound(video_ms: float, audio_ms: float) -> None:
    room = SendWindow(video_ms, audio_ms)
    assert room.pass_seconds(20) == audio_ms - video_ms
    assert (room.sync.hold_ms, room.sync.floor_ms) == (0, 0)


@pytest.mark.parametrize("audio_ms", [150.0, 250.0, 400.0])
def test_pictures_wait_for_sound_that_is_very_late(audio_ms: float) -> None:
    room = SendWindow(10.0, audio_ms)
    assert 0 < room.pass_seconds(5) < LATE_MS
    assert 0 < room.sync.hold_ms <= audio_ms
    assert room.sync.floor_ms == 0


@pytest.mark.parametrize("video_ms", [120.0, 180.0])
def test_sound_waits_for_pictures_that_are_late(video_ms: float) -> None:
    room = SendWindow(video_ms, 60.0)
    assert -EARLY_MS < room.pass_seconds(5) < 0
    assert room.sync.hold_ms == 0


def test_the_wait_is_given_back_when_its_cause_has_passed() -> None:
    room = SendWindow(10.0, 250.0)
    room.pass_seconds(5)
    room.audio_ms = 60.0
    room.pass_seconds(30)
    assert room.sync.hold_ms == 0

    room = SendWindow(180.0, 60.0)
    room.pass_seconds(5)
    room.video_ms = 20.0
    room.pass_seconds(30)
    assert room.sync.floor_ms == 0


def test_nothing_waits_longer_than_it_may() -> None:
    room = SendWindow(10.0, 5_000.0)
    room.pass_seconds(10)
    assert room.sync.hold_ms == MAX_HOLD_MS
    room = SendWindow(5_000.0, 60.0)
    room.pass_seconds(10)
    assert room.sync.floor_ms == MAX_FLOOR_MS


def test_without_one_of_the_two_nothing_waits() -> None:
    room = SendWindow(10.0, 300.0)
    room.pass_seconds(3)
    room.sync.on_second(video_ms=None, late_video_ms=None, audio_ms=300.0, playout_ms=20.0)
    assert (room.sync.hold_ms, room.sync.floor_ms) == (0, 0)


def test_sound_is_not_early_for_the_late_pictures_either() -> None:
    sync = LipSync()
    for _ in range(RISE_S):
        assert sync.floor_ms == 0
        sync.on_second(video_ms=20.0, late_video_ms=150.0, audio_ms=60.0, playout_ms=20.0)
    assert sync.floor_ms == pytest.approx(80.0)


def test_a_moment_out_of_step_moves_nothing() -> None:
    room = SendWindow(180.0, 60.0)
    room.pass_seconds(RISE_S - 1)
    room.video_ms = 40.0
    room.pass_seconds(5)
    assert (room.sync.hold_ms, room.sync.floor_ms) == (0, 0)


def test_a_wait_stays_as_it_is_while_its_cause_comes_and_goes() -> None:
    room = SendWindow(150.0, 60.0)
    room.pass_seconds(5)
    before_ms = room.sync.floor_ms
    for _ in range(4):
        room.video_ms = 60.0
        room.pass_seconds(FALL_S - 2)
        room.video_ms = 150.0
        room.pass_seconds(1)
        assert room.sync.floor_ms == before_ms > 0
