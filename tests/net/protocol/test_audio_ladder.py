"""Claims about net/protocol/audio_ladder.py."""

from net.protocol.audio_ladder import CALM_US, FIRST_CALM_US, RUNGS, AudioLadder

LOTS_BPS = 2_500_000
TICK_US = 50_000


class Clock:
    """A driver that ticks a ladder through time."""

    def __init__(self, ceiling_bps: int = 32_000) -> None:
        self.ladder = AudioLadder(ceiling_bps)
        self.now_us = 5_000_000

    def tick(self, target_bps: int = LOTS_BPS, dropped: int = 0, ticks: int = 1) -> tuple[int, int]:
        for _ in range(ticks):
            self.now_us += TICK_US
            self.ladder.on_tick(self.now_us, target_bps=target_bps, dropped=dropped)
        return self.ladder.rung.bitrate_bps, self.ladder.rung.packet_blocks

    def climb(self) -> tuple[int, int]:
        """Tick on a large link up to the top."""
        return self.tick(ticks=2 * FIRST_CALM_US // TICK_US + 2)


def test_call_begins_with_the_longest_packets_and_climbs_within_2_seconds() -> None:
    clock = Clock()
    assert clock.tick() == (12_000, 6)
    calm_ticks = FIRST_CALM_US // TICK_US
    assert clock.tick(ticks=calm_ticks) == (24_000, 2)
    assert clock.tick(ticks=calm_ticks) == (32_000, 1)


def test_fast_link_gets_short_packets_at_the_set_bitrate() -> None:
    assert Clock().tick(ticks=1_000) == (32_000, 1)
    assert Clock(64_000).climb() == (64_000, 1)


def test_no_rung_exceeds_a_low_setting() -> None:
    clock = Clock(16_000)
    assert clock.climb() == (16_000, 1)
    assert clock.tick(500_000) == (16_000, 2)
    assert clock.tick(100_000) == (12_000, 6)


def test_low_target_descends_at_once() -> None:
    clock = Clock(64_000)
    clock.climb()
    assert clock.tick(800_000) == (24_000, 2)
    assert clock.tick(200_000) == (12_000, 6)
    assert clock.tick(0, ticks=1_000) == (12_000, 6)


def test_stall_that_drops_many_packets_costs_one_rung() -> None:
    clock = Clock()
    clock.climb()
    assert clock.tick(dropped=1) == (24_000, 2)
    assert clock.tick(dropped=30, ticks=10) == (24_000, 2)
    assert clock.tick(dropped=30, ticks=21) == (24_000, 2)
    assert clock.tick(dropped=31) == (12_000, 6)


def test_ladder_climbs_one_rung_after_each_calm() -> None:
    clock = Clock()
    clock.climb()
    clock.tick(100_000, ticks=2)
    calm_ticks = CALM_US // TICK_US
    assert clock.tick(ticks=calm_ticks - 12) == (12_000, 6)
    assert clock.tick(ticks=12) == (24_000, 2)
    assert clock.tick(ticks=calm_ticks - 12) == (24_000, 2)
    assert clock.tick(ticks=13) == (32_000, 1)


def test_target_just_above_a_threshold_causes_no_swing() -> None:
    clock = Clock()
    clock.climb()
    clock.tick(800_000)
    threshold = RUNGS[0].from_bps
    seen = {clock.tick(threshold + (-1 if n % 400 == 0 else 1)) for n in range(4_000)}
    assert seen == {(24_000, 2)}
