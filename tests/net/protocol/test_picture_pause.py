"""Claims about net/protocol/picture_pause.py: when sound goes alone, and when pictures return."""

import pytest

from net.protocol.picture_pause import (
    LASTING_US,
    LEAST_PROBE_US,
    LOWEST_TARGET_BPS,
    MOST_PROBE_US,
    NEXT_PROBE_US,
    SLOW_US,
    SOON_US,
    STUCK_US,
    PicturePause,
)

TICK_US = 50_000
LOWEST_BPS = 20_000
HIGHER_BPS = LOWEST_TARGET_BPS + 1


class Link:
    """A link that carries one picture at a time, asked 20 times a second."""

    def __init__(self, *, target_bps: int = LOWEST_BPS) -> None:
        self.pause = PicturePause()
        self.target_bps = target_bps
        self.now_us = 9_000_000
        self.sent = 0
        self._arrives_us: int | None = None

    def carry(self, picture_us: int, seconds: float) -> list[bool]:
        """Send a picture whenever one may be sent; return for each tick if pictures pause."""
        states = []
        for _ in range(round(seconds * 1e6 / TICK_US)):
            self.now_us += TICK_US
            if self._arrives_us is not None and self.now_us >= self._arrives_us:
                self._arrives_us = None
            in_flight = int(self._arrives_us is not None)
            self.pause.update(in_flight, self.target_bps, self.now_us)
            if not in_flight and self.pause.allows_picture(self.now_us):
                self.pause.on_sent(self.now_us)
                self.sent += 1
                self._arrives_us = self.now_us + picture_us
            states.append(self.pause.is_on)
        return states

    def pause_us(self, picture_us: int) -> int:
        """Send slow pictures until they pause; return how long that took."""
        began_us = self.now_us
        while not self.carry(picture_us, TICK_US / 1e6)[-1]:
            assert self.now_us - began_us < 60_000_000
        return self.now_us - began_us


def test_pictures_that_pass_quickly_never_pause() -> None:
    for target_bps in (LOWEST_BPS, HIGHER_BPS):
        assert not any(Link(target_bps=target_bps).carry(SLOW_US - TICK_US, 60))


def test_slow_pictures_at_the_lowest_target_pause() -> None:
    states = Link().carry(SLOW_US * 3 // 2, 30)
    first = states.index(True)
    assert (SLOW_US + LASTING_US) / TICK_US <= first < 2 * (SLOW_US + LASTING_US) / TICK_US
    assert all(states[first:])


def test_slow_pictures_at_a_higher_target_do_not_pause() -> None:
    """The rate control lowers the target first."""
    assert not any(Link(target_bps=HIGHER_BPS).carry(SLOW_US * 3 // 2, 60))


def test_one_slow_picture_among_quick_ones_does_not_pause() -> None:
    link = Link()
    for _ in range(10):
        assert not any(link.carry(SLOW_US * 3 // 2, 1.2))
        assert not any(link.carry(SLOW_US // 10, 2))


@pytest.mark.parametrize("target_bps", [LOWEST_BPS, HIGHER_BPS, 2_500_000])
def test_stuck_picture_pauses_at_any_target(target_bps: int) -> None:
    link = Link(target_bps=target_bps)
    assert link.pause_us(10 * STUCK_US) <= STUCK_US + 3 * TICK_US


def test_pause_lowers_the_target_of_pictures_and_sound() -> None:
    link = Link(target_bps=400_000)
    assert link.pause.limit_bps(400_000) == 400_000
    link.pause_us(10 * STUCK_US)
    assert link.pause.limit_bps(400_000) == LOWEST_TARGET_BPS
    assert link.pause.limit_bps(LOWEST_BPS) == LOWEST_BPS


def test_paused_pictures_still_come_now_and_then() -> None:
    link = Link()
    link.pause_us(2 * SLOW_US)
    before = link.sent
    assert all(link.carry(2 * SLOW_US, 60))
    assert link.sent - before == pytest.approx(60 / ((LEAST_PROBE_US + 2 * SLOW_US) / 1e6), abs=1)


def test_pictures_return_after_two_quick_probes() -> None:
    link = Link()
    link.pause_us(2 * SLOW_US)
    states = link.carry(SLOW_US // 10, 20)
    assert states.index(False) > (LEAST_PROBE_US + NEXT_PROBE_US) / TICK_US
    assert states.index(False) < (LEAST_PROBE_US + NEXT_PROBE_US + SLOW_US) / TICK_US
    assert not any(states[states.index(False) :])


def test_pictures_return_at_once_when_a_blackout_is_over() -> None:
    link = Link(target_bps=2_500_000)
    link.pause_us(STUCK_US + 2 * TICK_US)
    assert link.carry(SLOW_US // 10, 1)[-1] is False


def test_slow_probe_after_a_quick_one_goes_on_with_the_pause() -> None:
    link = Link()
    link.pause_us(2 * SLOW_US)
    assert all(link.carry(SLOW_US // 10, LEAST_PROBE_US / 1e6 + 0.5))
    assert all(link.carry(2 * SLOW_US, 4))
    assert link.carry(SLOW_US // 10, 2 * LEAST_PROBE_US / 1e6)[-1] is False


def test_link_at_the_border_is_probed_ever_more_rarely() -> None:
    link = Link()
    waits_us = []
    for _ in range(5):
        link.pause_us(2 * SLOW_US)
        began_us = link.now_us
        while link.carry(SLOW_US // 10, TICK_US / 1e6)[-1]:
            assert link.now_us - began_us < 3 * MOST_PROBE_US
        waits_us.append(link.now_us - began_us)
    assert waits_us[1] > 1.5 * waits_us[0]
    assert MOST_PROBE_US < waits_us[-1] < MOST_PROBE_US + 3 * NEXT_PROBE_US
    link.carry(SLOW_US // 10, SOON_US / 1e6)
    link.pause_us(2 * SLOW_US)
    assert link.carry(SLOW_US // 10, 1.5 * LEAST_PROBE_US / 1e6)[-1] is False


@pytest.mark.parametrize(("target_bps", "probes"), [(HIGHER_BPS, 1), (LOWEST_BPS, 2)])
def test_pause_continues_on_another_link_with_a_probe_at_once(target_bps: int, probes: int) -> None:
    link = Link(target_bps=target_bps)
    link.pause_us(10 * STUCK_US)
    pause = link.pause.on_another_link()
    now_us = 0
    for _ in range(probes):
        assert pause.is_on
        assert pause.allows_picture(now_us)
        pause.on_sent(now_us)
        assert not pause.allows_picture(now_us)
        pause.update(0, target_bps, now_us + SLOW_US // 10)
        now_us += SLOW_US // 10 + NEXT_PROBE_US
    assert not pause.is_on


def test_another_link_begins_without_a_pause_if_there_was_none() -> None:
    assert not PicturePause().on_another_link().is_on
