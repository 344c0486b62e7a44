"""media/sound/voice_level.py: speech, noise and dead microphones."""

import pytest

from media.sound.pcm import BLOCK_US, SILENCE_DBFS
from media.sound.voice_level import DEAD_US, PAUSE_US, VoiceLevel


class Room:
    """A room with a microphone, and a clock."""

    def __init__(self) -> None:
        self.level = VoiceLevel()
        self.now_us = 1_000_000

    def hear(self, dbfs: float, duration_us: int, raw_dbfs: float | None = None) -> None:
        for _ in range(duration_us // BLOCK_US):
            self.now_us += BLOCK_US
            self.level.add(dbfs if raw_dbfs is None else raw_dbfs, dbfs, self.now_us)

    def is_speaking(self) -> bool:
        return self.level.is_speaking(self.now_us)

    def is_silent(self) -> bool:
        return self.level.is_silent(self.now_us)


def test_level_rises_at_once_and_falls_slowly() -> None:
    room = Room()
    room.hear(-60, 100_000)
    room.hear(-10, 10_000)
    assert room.level.level_dbfs == -10
    room.hear(-60, 500_000)
    assert room.level.level_dbfs == pytest.approx(-30)
    room.hear(-60, 2_000_000)
    assert room.level.level_dbfs == -60


def test_speech_over_a_quiet_room_is_detected_until_it_ends() -> None:
    room = Room()
    room.hear(-65, 1_000_000)
    assert not room.is_speaking()
    room.hear(-25, 400_000)
    assert room.is_speaking()
    room.hear(-65, PAUSE_US - 100_000)
    assert room.is_speaking()
    room.hear(-65, 200_000)
    assert not room.is_speaking()


def test_word_with_gaps_is_speech() -> None:
    room = Room()
    room.hear(-60, 500_000)
    for _ in range(4):
        room.hear(-25, 150_000)
        room.hear(-60, 80_000)
    assert room.is_speaking()


def test_key_press_or_a_cough_is_not_speech() -> None:
    room = Room()
    for _ in range(5):
        room.hear(-65, 1_000_000)
        room.hear(-10, 100_000)
    assert not room.is_speaking()


def test_steady_noise_is_not_speech_for_long() -> None:
    room = Room()
    room.hear(-65, 2_000_000)
    room.hear(-30, 20_000_000)
    room.hear(-30, PAUSE_US)
    assert not room.is_speaking()


def test_cancelled_echo_is_not_speech() -> None:
    room = Room()
    room.hear(-70, 5_000_000, raw_dbfs=-20)
    assert not room.is_speaking()


def test_dead_microphone_is_silent_until_it_records_again() -> None:
    room = Room()
    room.hear(SILENCE_DBFS, DEAD_US - 1_000_000)
    assert not room.is_silent()
    room.hear(SILENCE_DBFS, 1_100_000)
    assert room.is_silent()
    room.hear(-70, 10_000)
    assert not room.is_silent()


def test_quiet_room_is_not_a_dead_microphone() -> None:
    room = Room()
    room.hear(-75, 3 * DEAD_US)
    assert not room.is_silent()


def test_another_microphone_starts_without_history() -> None:
    room = Room()
    room.hear(SILENCE_DBFS, 2 * DEAD_US)
    room.level.forget()
    assert not room.is_silent()
    room.hear(SILENCE_DBFS, DEAD_US // 2)
    assert not room.is_silent()
