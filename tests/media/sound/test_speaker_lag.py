import pytest

from media.sound.pcm import us_to_samples
from media.sound.speaker_lag import EDGE_US, SpeakerLag

BLOCK_US = 10_000


class Taker:
    """Takes blocks, on one clock."""

    def __init__(self) -> None:
        self.now_us = 1_000_000
        self.clock = SpeakerLag(self.now_us)
        self.behind = 0

    def take(self, blocks: int, every_us: int = BLOCK_US) -> None:
        for _ in range(blocks):
            self.behind += self.clock.note(self.now_us)
            self.now_us += every_us


def test_an_even_pace_is_not_behind() -> None:
    taker = Taker()
    taker.take(1000)
    assert taker.behind == 0
    assert taker.clock.due_us == taker.now_us


@pytest.mark.parametrize("late_us", [3_000, 20_000, 90_000])
def test_what_is_made_up_for_was_not_missed(late_us: int) -> None:
    taker = Taker()
    taker.take(100)
    for _ in range(20):
        taker.now_us += late_us
        taker.take(10)
        taker.now_us -= late_us
        taker.take(10)
        assert taker.behind == 0


@pytest.mark.parametrize("missed_us", [3_000, 20_000, 90_000, 2_000_000])
def test_what_is_not_made_up_for_was_missed(missed_us: int) -> None:
    taker = Taker()
    taker.take(100)
    taker.now_us += missed_us
    taker.take(EDGE_US // BLOCK_US + 1)
    assert taker.behind == us_to_samples(missed_us)
    assert taker.clock.due_us == taker.now_us


def test_a_long_time_without_a_take_is_missed_at_once() -> None:
    taker = Taker()
    taker.take(100)
    taker.now_us += 500_000
    taker.take(1)
    assert taker.behind == us_to_samples(500_000)


def test_one_that_takes_more_at_once_is_ahead() -> None:
    taker = Taker()
    taker.take(100)
    taker.take(3, every_us=0)
    taker.now_us += BLOCK_US
    taker.take(100)
    assert taker.behind == -us_to_samples(20_000)


@pytest.mark.parametrize("every_us", [9_997, 10_003])
def test_drift_is_followed_to_the_sample(every_us: int) -> None:
    taker = Taker()
    taker.take(10_000, every_us)
    expected = us_to_samples((every_us - BLOCK_US) * 10_000)
    assert abs(taker.behind - expected) <= us_to_samples(EDGE_US // BLOCK_US * 3) + 1
