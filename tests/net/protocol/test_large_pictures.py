"""net/protocol/large_pictures.py: when the link has room for them, with a clock of the test."""

import itertools

import pytest

from bench.link_profiles import PROFILES
from bench.simulated_call import SimulatedCall
from net.protocol.large_pictures import (
    ENOUGH_ROOM,
    LEAST_PATIENCE_US,
    LEAST_ROOM,
    MOST_PATIENCE_US,
    LargePictures,
)

TARGET_BPS = 1_000_000
STEP_US = 50_000


class Direction:
    """The decision for a direction whose link is reported 20 times a second."""

    def __init__(self) -> None:
        self.now_us = 0
        self._large = LargePictures()

    def see(self, room: float | None, for_us: int) -> bool:
        """Report a link this long; return whether large pictures are allowed then."""
        ends_us = self.now_us + for_us
        link_bps = None if room is None else room * TARGET_BPS
        while True:
            self._large.update(link_bps, TARGET_BPS, self.now_us)
            if self.now_us >= ends_us:
                break
            self.now_us += STEP_US
        return self._large.are_allowed


def test_fast_link_passes_large_pictures_after_a_second() -> None:
    direction = Direction()
    assert not direction.see(ENOUGH_ROOM, LEAST_PATIENCE_US - STEP_US)
    assert direction.see(ENOUGH_ROOM, STEP_US)


def test_link_of_a_few_times_the_target_does_not() -> None:
    assert not Direction().see(ENOUGH_ROOM - 0.1, LEAST_PATIENCE_US * 10)


def test_single_slow_report_starts_the_wait_again() -> None:
    direction = Direction()
    direction.see(ENOUGH_ROOM, LEAST_PATIENCE_US - STEP_US)
    direction.see(1.0, 0)
    assert not direction.see(ENOUGH_ROOM, LEAST_PATIENCE_US - STEP_US)


def test_link_that_becomes_slow_forbids_them_at_once() -> None:
    direction = Direction()
    direction.see(ENOUGH_ROOM, LEAST_PATIENCE_US)
    assert direction.see(LEAST_ROOM, LEAST_PATIENCE_US)
    assert not direction.see(LEAST_ROOM - 0.1, 0)


def test_no_report_changes_nothing() -> None:
    direction = Direction()
    assert not direction.see(None, LEAST_PATIENCE_US * 2)
    direction.see(ENOUGH_ROOM, LEAST_PATIENCE_US)
    assert direction.see(None, LEAST_PATIENCE_US * 2)


def test_each_lost_room_doubles_the_wait_up_to_a_minute() -> None:
    direction, waits_us = Direction(), []
    for _ in range(9):
        began_us = direction.now_us
        while not direction.see(ENOUGH_ROOM, STEP_US):
            pass
        waits_us.append(direction.now_us - began_us)
        direction.see(0.0, 0)
    assert waits_us[1] > waits_us[0] * 1.5
    assert abs(waits_us[-1] - MOST_PATIENCE_US) <= 2 * STEP_US
    assert waits_us[-1] == waits_us[-2]


@pytest.mark.parametrize(
    ("name", "allows"),
    [
        ("free", True),
        ("20mbit-400ms", True),
        ("4mbit", False),
        ("1mbit", False),
        ("100ms-loss", False),
        ("250ms", False),
    ],
)
def test_only_links_much_faster_than_the_target_pass_large_pictures(
    name: str, allows: bool
) -> None:
    samples = SimulatedCall(PROFILES[name], seed=1).run_until(12_000_000).targets
    assert samples[-1].allows_large == allows
    changes = sum(a.allows_large != b.allows_large for a, b in itertools.pairwise(samples))
    assert changes == allows
