"""media/sound/far_end.py: the pairing of played and recorded samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sound.far_end import (
    CAPACITY_SAMPLES,
    DISTURBED_BLOCKS,
    GONE_BLOCKS,
    WINDOW_BLOCKS,
    FarEnd,
)
from media.sound.pcm import BLOCK_SAMPLES, Samples

BUFFER = 240
CYCLE = 30_000


class Cards:
    """Two sound cards. The samples played count up to CYCLE, so a block tells its position."""

    def __init__(self) -> None:
        self.far_end = FarEnd()
        self.played = 0
        self.taken = 0

    def play(self, buffers: int = 1) -> None:
        for _ in range(buffers):
            numbers = np.arange(self.played, self.played + BUFFER) % CYCLE + 1
            self.far_end.put(numbers.astype(np.int16))
            self.played += BUFFER

    def take(self, backlog_samples: int = 0) -> Samples:
        self.taken += BLOCK_SAMPLES
        return self.far_end.take(backlog_samples)

    def take_offset(self, backlog_samples: int = 0) -> int:
        """Return how many samples later than the recorded block the paired block was played."""
        block = self.take(backlog_samples)
        assert block.all()
        return (int(block[-1]) - self.taken) % CYCLE

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.play(2)
            self.take()


def test_first_block_is_paired_with_the_newest_played() -> None:
    cards = Cards()
    cards.play(6)
    assert cards.take().tolist() == list(range(961, 1441))


def test_bytes_are_samples() -> None:
    far_end = FarEnd()
    far_end.put(np.arange(BLOCK_SAMPLES, dtype=np.int16).tobytes())
    assert far_end.take().tolist() == list(range(BLOCK_SAMPLES))


def test_bursts_on_both_sides_do_not_move_the_pairing() -> None:
    cards = Cards()
    cards.play(6)
    cards.take()
    offsets = []
    for _ in range(500):
        cards.play(6)
        offsets += [cards.take_offset(backlog) for backlog in (960, 480, 0)]
    assert len(set(offsets[3:])) == 1
    assert cards.far_end.slips == 0


def test_late_microphone_thread_does_not_move_the_pairing() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(2)
    before = cards.take_offset()
    for _ in range(30):
        cards.play(20)
        offsets = {cards.take_offset(480 * left) for left in range(9, -1, -1)}
        assert offsets == {before}
    assert cards.far_end.slips == 0


def test_late_output_callback_leaves_a_hole_without_a_slip() -> None:
    cards = Cards()
    cards.run(10)
    assert not cards.take().any()
    cards.play(4)
    assert cards.take_offset() == 0
    assert cards.far_end.slips == 0


def test_block_played_by_half_is_half_silence() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(1)
    block = cards.take()
    assert block[:BUFFER].all()
    assert not block[BUFFER:].any()


def test_slow_loudspeaker_moves_the_pairing_back() -> None:
    cards = Cards()
    cards.run(10)
    cards.take()  # the loudspeaker's clock has lost a block
    cards.run(2 * WINDOW_BLOCKS)
    assert cards.far_end.slips == 1
    cards.play(2)
    assert cards.take().all()


def test_fast_loudspeaker_moves_the_pairing_forward() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(4)  # its clock has gained two blocks
    cards.run(3 * WINDOW_BLOCKS)
    assert cards.far_end.slips == 1
    cards.play(2)
    assert int(cards.take()[-1]) == (cards.played - 1) % CYCLE + 1


@pytest.mark.parametrize("gained", [1, -1])
def test_drift_slips_by_one_block_at_a_time(gained: int) -> None:
    cards = Cards()
    for number in range(6000):
        cards.play(2 + gained * (number % 300 == 0))
        cards.take()
    assert 9 <= cards.far_end.slips <= 11


def test_short_outage_is_recovered_from() -> None:
    cards = Cards()
    cards.run(50)
    for _ in range(GONE_BLOCKS - 2):
        cards.take()
    cards.run(30)
    cards.play(2)
    assert cards.take().all()
    assert cards.far_end.slips <= 3


def test_missing_loudspeaker_is_silence() -> None:
    cards = Cards()
    cards.run(10)
    for _ in range(2 * GONE_BLOCKS):
        assert not cards.take().any()


def test_returning_loudspeaker_is_paired_with_its_newest() -> None:
    cards = Cards()
    cards.run(10)
    for _ in range(2 * GONE_BLOCKS):
        cards.take()
    cards.play(3)
    assert int(cards.take()[-1]) == cards.played
    assert cards.far_end.slips == 0


def test_sound_from_before_an_outage_does_not_return() -> None:
    cards = Cards()
    cards.run(10)
    for _ in range(2 * GONE_BLOCKS):
        cards.take()
    cards.play(1)
    block = cards.take()
    assert not block[:BUFFER].any()
    assert block[BUFFER:].all()


def test_microphone_after_a_long_outage_is_paired_with_the_newest() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(3 * CAPACITY_SAMPLES // BUFFER)
    assert int(cards.take()[-1]) == (cards.played - 1) % CYCLE + 1


def test_another_microphone_gets_a_new_pairing() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(40)
    cards.far_end.forget()
    assert not cards.take().any()
    cards.play(2)
    assert int(cards.take()[-1]) == cards.played


def test_stall_disturbs_the_pairing_for_a_moment() -> None:
    cards = Cards()
    cards.run(10)
    assert not cards.far_end.is_disturbed
    cards.far_end.disturb()
    disturbed = []
    for _ in range(DISTURBED_BLOCKS + 10):
        cards.run(1)
        disturbed.append(cards.far_end.is_disturbed)
    assert sum(disturbed) == DISTURBED_BLOCKS - 1
    assert not disturbed[-1]


def test_slip_disturbs_the_pairing() -> None:
    cards = Cards()
    cards.run(10)
    cards.play(6)
    for _ in range(2 * WINDOW_BLOCKS):
        cards.run(1)
        if cards.far_end.slips:
            break
    assert cards.far_end.is_disturbed


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 10_000)), max_size=200))
def test_any_sequence_returns_blocks_of_played_sound(
    steps: list[tuple[int, int]],
) -> None:
    far_end = FarEnd()
    played = 0
    for count, backlog in steps:
        far_end.put(np.full(count, 7, np.int16))
        played += count
        block = far_end.take(backlog)
        assert block.shape == (BLOCK_SAMPLES,)
        assert block.dtype == np.int16
        assert set(np.unique(block)) <= {0, 7}
        assert played or not block.any()
