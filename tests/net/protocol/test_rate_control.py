"""Claims about net/protocol/rate_control.py, on a simulated bottleneck and clock."""

import random
import tracemalloc
from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.protocol.rate_control import (
    BACK_OFF,
    CLIMB_PAUSE_US,
    CLIMB_PER_TICK,
    FLOOR_BPS,
    TICK_US,
    RateControl,
)
from net.protocol.send_window import SendWindow

CEILING_BPS = 2_500_000
PICTURE_US = 33_333
RTT_US = 20_000
INTERVAL_US = 50_000
SECOND_US = 1_000_000


class Bottleneck:
    """A sender of 30 pictures a second at the target bitrate, and a link of a given capacity.

    Args:
        link_bps: returns the link's capacity at a time.
    """

    def __init__(self, link_bps: Callable[[int], int], ceiling_bps: int = CEILING_BPS) -> None:
        self.rate = RateControl(ceiling_bps)
        self.now_us = 0
        self.sent = self.skipped = self.arrived_bytes = 0
        self.longest_queue_us = 0
        self.targets: list[int] = []
        self._link_bps = link_bps
        self._window = SendWindow()
        self._dice = random.Random(5)
        self._free_us = 0
        self._sent_bytes = 0
        self._in_transit: deque[tuple[int, int, int]] = deque()
        self._ticked_us = 0

    def run_until(self, end_us: int) -> None:
        """Offer pictures until `end_us`."""
        while self.now_us < end_us:
            self.now_us += PICTURE_US
            while self._in_transit and self._in_transit[0][0] <= self.now_us:
                _, self.arrived_bytes, packets = self._in_transit.popleft()
                self._window.on_feedback(self.arrived_bytes, packets, packets)
            if self.now_us - self._ticked_us >= TICK_US:
                self._ticked_us = self.now_us
                self.rate.on_tick(
                    self.now_us,
                    arrived_bytes=self.arrived_bytes,
                    sent=self.sent,
                    skipped=self.skipped,
                )
                self.targets.append(self.rate.target_bps)
            if self._window.has_room(self.rate.target_bps, RTT_US, INTERVAL_US):
                self._send()
            else:
                self.skipped += 1

    def _send(self) -> None:
        planned = self.rate.target_bps * PICTURE_US // 8_000_000
        size = max(1, int(planned * self._dice.uniform(0.6, 1.4)))
        self._window.on_sent(size)
        self.sent += 1
        self._sent_bytes += size
        begins_us = max(self._free_us, self.now_us)
        link_bps = self._link_bps(begins_us)
        while not link_bps:
            begins_us += 10_000
            link_bps = self._link_bps(begins_us)
        self._free_us = begins_us + size * 8_000_000 // link_bps
        self.longest_queue_us = max(self.longest_queue_us, self._free_us - self.now_us)
        self._in_transit.append((self._free_us + RTT_US, self._sent_bytes, self.sent))


def test_fast_link_gets_the_ceiling_from_the_start() -> None:
    link = Bottleneck(lambda now_us: 100_000_000)
    assert link.rate.target_bps == CEILING_BPS
    link.run_until(30 * SECOND_US)
    assert set(link.targets) == {CEILING_BPS}
    assert link.skipped == 0


@pytest.mark.parametrize("link_bps", [1_500_000, 1_000_000, 500_000, 300_000])
def test_target_falls_below_the_links_capacity(link_bps: int) -> None:
    link = Bottleneck(lambda now_us: link_bps)
    link.run_until(5 * SECOND_US)
    assert link.rate.target_bps < link_bps
    assert link.rate.target_bps > link_bps * 0.5


@pytest.mark.parametrize("link_bps", [1_500_000, 1_000_000, 500_000, 300_000])
def test_slow_link_is_mostly_used_and_its_queue_stays_short(link_bps: int) -> None:
    link = Bottleneck(lambda now_us: link_bps)
    link.run_until(5 * SECOND_US)
    link.longest_queue_us = 0
    before, sent, skipped = link.arrived_bytes, link.sent, link.skipped
    link.run_until(65 * SECOND_US)
    used_bps = (link.arrived_bytes - before) * 8 / 60
    assert used_bps > 0.75 * link_bps
    assert link.skipped - skipped < 0.1 * (link.sent - sent)
    assert link.longest_queue_us < 350_000


def test_target_climbs_back_to_the_ceiling_and_no_higher() -> None:
    link = Bottleneck(lambda now_us: 800_000 if now_us < 10 * SECOND_US else 50_000_000)
    link.run_until(10 * SECOND_US)
    assert link.rate.target_bps < 1_000_000
    link.run_until(40 * SECOND_US)
    assert link.rate.target_bps == CEILING_BPS
    link.run_until(60 * SECOND_US)
    assert max(link.targets) == CEILING_BPS


def test_target_recovers_after_a_stall() -> None:
    link = Bottleneck(lambda now_us: 0 if 5 < now_us / SECOND_US < 8 else 10_000_000)
    link.run_until(9 * SECOND_US)
    assert min(link.targets) >= FLOOR_BPS
    link.run_until(60 * SECOND_US)
    assert link.rate.target_bps == CEILING_BPS


def test_target_pauses_before_it_climbs_in_small_steps() -> None:
    rate = RateControl(CEILING_BPS)
    sent = skipped = now_us = 0
    while rate.target_bps == CEILING_BPS:
        now_us += TICK_US
        sent, skipped = sent + 4, skipped + 4
        rate.on_tick(now_us, arrived_bytes=now_us // 4, sent=sent, skipped=skipped)
    fell_us, fallen = now_us, rate.target_bps
    assert fallen == int(2_000_000 * BACK_OFF)
    while rate.target_bps == fallen:
        now_us += TICK_US
        sent += 8
        rate.on_tick(now_us, arrived_bytes=now_us // 4, sent=sent, skipped=skipped)
    assert now_us - fell_us == CLIMB_PAUSE_US
    assert rate.target_bps == int(fallen * CLIMB_PER_TICK)


def test_one_step_at_most_halves_the_target() -> None:
    rate = RateControl(CEILING_BPS)
    rate.on_tick(TICK_US, arrived_bytes=0, sent=0, skipped=0)
    rate.on_tick(2 * TICK_US, arrived_bytes=0, sent=1, skipped=9)
    assert rate.target_bps == CEILING_BPS // 2


def test_one_skip_for_a_keyframe_is_not_a_shortage() -> None:
    rate = RateControl(CEILING_BPS)
    for tick in range(1, 200):
        rate.on_tick(tick * TICK_US, arrived_bytes=0, sent=tick * 8, skipped=tick // 4)
        assert rate.target_bps == CEILING_BPS


def test_idle_encoder_is_not_a_shortage() -> None:
    rate = RateControl(CEILING_BPS)
    for tick in range(100):
        rate.on_tick(tick * TICK_US, arrived_bytes=0, sent=0, skipped=0)
    assert rate.target_bps == CEILING_BPS


def test_target_never_falls_below_the_floor() -> None:
    rate = RateControl(CEILING_BPS)
    for tick in range(100):
        rate.on_tick(tick * TICK_US, arrived_bytes=0, sent=tick, skipped=tick * 8)
    assert rate.target_bps == FLOOR_BPS


ticks = st.lists(
    st.tuples(
        st.integers(-10_000, 3_000_000),
        st.integers(0, 10_000_000),
        st.integers(0, 100),
        st.integers(0, 100),
    ),
    max_size=80,
)


@given(ticks, st.integers(FLOOR_BPS, 20_000_000))
def test_target_stays_between_floor_and_ceiling(
    steps: list[tuple[int, int, int, int]], ceiling_bps: int
) -> None:
    rate = RateControl(ceiling_bps)
    now_us = arrived_bytes = sent = skipped = 0
    for step_us, new_bytes, new_sent, new_skipped in steps:
        now_us += step_us
        arrived_bytes += new_bytes
        sent += new_sent
        skipped += new_skipped
        rate.on_tick(now_us, arrived_bytes=arrived_bytes, sent=sent, skipped=skipped)
        assert FLOOR_BPS <= rate.target_bps <= ceiling_bps


def test_memory_is_bounded() -> None:
    tracemalloc.start()
    try:
        rate = RateControl(CEILING_BPS)
        for tick in range(20_000):
            rate.on_tick(tick * 1_000, arrived_bytes=tick, sent=tick, skipped=0)
        grown_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown_bytes < 500_000  # One second of history at 1,000 ticks a second, not 20.
