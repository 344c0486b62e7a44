"""media/sound/speaker_lag.py: lateness that lasts is lag."""

import pytest

from media.sound.pcm import us_to_samples
from media.sound.speaker_lag import EDGE_US, SpeakerLag

BLOCK_US = 10_000


class Loudspeaker:
    """Takes blocks, on one clock."""

    def __init__(self) -> None:
        self.now_us = 1_000_000
        self.lag = SpeakerLag(self.now_us)
        self.lag_samples = 0

    def take(self, blocks: int, every_us: int = BLOCK_US) -> None:
        for _ in range(blocks):
            self.lag_samples += self.lag.note(self.now_us)
            self.now_us += every_us


def test_even_pace_has_no_lag() -> None:
    speaker = Loudspeaker()
    speaker.take(1000)
    assert speaker.lag_samples == 0
    assert speaker.lag.due_us == speaker.now_us


@pytest.mark.parametrize("late_us", [3_000, 20_000, 90_000])
def test_lateness_that_is_caught_up_with_is_not_lag(late_us: int) -> None:
    speaker = Loudspeaker()
    speaker.take(100)
    for _ in range(20):
        speaker.now_us += late_us
        speaker.take(10)
        speaker.now_us -= late_us
        speaker.take(10)
        assert speaker.lag_samples == 0


@pytest.mark.parametrize("missed_us", [3_000, 20_000, 90_000, 2_000_000])
def test_lasting_lateness_is_lag(missed_us: int) -> None:
    speaker = Loudspeaker()
    speaker.take(100)
    speaker.now_us += missed_us
    speaker.take(EDGE_US // BLOCK_US + 1)
    assert speaker.lag_samples == us_to_samples(missed_us)
    assert speaker.lag.due_us == speaker.now_us


def test_long_stall_is_lag_at_once() -> None:
    speaker = Loudspeaker()
    speaker.take(100)
    speaker.now_us += 500_000
    speaker.take(1)
    assert speaker.lag_samples == us_to_samples(500_000)


def test_taking_more_at_once_is_negative_lag() -> None:
    speaker = Loudspeaker()
    speaker.take(100)
    speaker.take(3, every_us=0)
    speaker.now_us += BLOCK_US
    speaker.take(100)
    assert speaker.lag_samples == -us_to_samples(20_000)


@pytest.mark.parametrize("every_us", [9_997, 10_003])
def test_drift_is_followed_to_the_sample(every_us: int) -> None:
    speaker = Loudspeaker()
    speaker.take(10_000, every_us)
    expected = us_to_samples((every_us - BLOCK_US) * 10_000)
    assert abs(speaker.lag_samples - expected) <= us_to_samples(EDGE_US // BLOCK_US * 3) + 1
