"""Claims about net/protocol/file_window.py, on a simulated link that others use too."""

import heapq

import pytest

from net.protocol.file_window import LEAST_PART_BYTES, MOST_BPS, MOST_PART_BYTES, FileWindow

SECOND_US = 1_000_000
REPORT_US = 10_000
TICK_US = 500


class SimulatedLink:
    """A link with a queue, which pictures of a call use as well.

    Args:
        picture_bytes: sent 30 times a second.
    """

    def __init__(self, rate_bps: float, path_us: int = 2_000, picture_bytes: int = 0) -> None:
        self.window = FileWindow()
        self.rate_bps = rate_bps
        self.picture_bytes = picture_bytes
        self.picture_delays_us: list[int] = []
        self.arrived_bytes = 0
        self._path_us = path_us
        self._free_us = 0
        self._now_us = 0
        self._sent_bytes = 0
        self._picture_us = 0
        self._arrivals: list[tuple[int, int]] = []
        self._newest_us = 0
        self._reported_us = 0
        self._reported_bytes = 0
        self._reports: list[tuple[int, int, int]] = []

    def run(self, seconds: float) -> float:
        """Send for a time; return the rate of the file in its second half."""
        end_us = self._now_us + int(seconds * SECOND_US)
        half_us = (self._now_us + end_us) // 2
        before_bytes = self.arrived_bytes
        while self._now_us < end_us:
            self._now_us += TICK_US
            self._step()
            if self._now_us <= half_us:
                before_bytes = self.arrived_bytes
        return (self.arrived_bytes - before_bytes) * 8e6 / (end_us - half_us)

    def _step(self) -> None:
        now_us = self._now_us
        if self.picture_bytes and now_us >= self._picture_us:
            self._picture_us += SECOND_US // 30
            self.picture_delays_us.append(self._transmit(self.picture_bytes) - now_us)
        while self._reports and self._reports[0][0] <= now_us:
            _, received_bytes, arrived_us = heapq.heappop(self._reports)
            self.window.on_progress(received_bytes, arrived_us, now_us)
        self._receive()
        while self.window.wait_us(now_us) == 0:
            part_bytes = self.window.part_bytes
            self.window.on_queued(part_bytes, now_us)
            self._sent_bytes += part_bytes
            self.window.on_left(self._sent_bytes, now_us)
            heapq.heappush(self._arrivals, (self._transmit(part_bytes), self._sent_bytes))

    def _transmit(self, size_bytes: int) -> int:
        """Return when bytes that leave now arrive."""
        self._free_us = max(self._free_us, self._now_us) + int(size_bytes * 8e6 / self.rate_bps)
        return self._free_us + self._path_us

    def _receive(self) -> None:
        while self._arrivals and self._arrivals[0][0] <= self._now_us:
            self._newest_us, self.arrived_bytes = heapq.heappop(self._arrivals)
        is_due = self._now_us - self._reported_us >= REPORT_US
        if is_due and self.arrived_bytes > self._reported_bytes:
            self._reported_us, self._reported_bytes = self._now_us, self.arrived_bytes
            back_us = self._now_us + self._path_us
            heapq.heappush(self._reports, (back_us, self.arrived_bytes, self._newest_us))


def median_ms(delays_us: list[int]) -> float:
    return sorted(delays_us)[len(delays_us) // 2] / 1000


def test_free_link_is_used_up_to_the_highest_rate_in_large_parts() -> None:
    link = SimulatedLink(1e9)
    assert link.run(4) > 0.8 * MOST_BPS
    assert link.window.part_bytes == MOST_PART_BYTES


@pytest.mark.parametrize("rate_mbps", [1, 4, 20])
def test_file_alone_uses_most_of_a_link_and_keeps_its_queue_short(rate_mbps: float) -> None:
    link = SimulatedLink(rate_mbps * 1e6)
    assert link.run(20) > 0.8 * rate_mbps * 1e6
    assert link.window.queue_us < 15_000


def test_pictures_are_hardly_later_beside_a_file() -> None:
    link = SimulatedLink(4e6, picture_bytes=8_000)
    rate_bps = link.run(20)
    own_ms = 8_000 * 8 / 4e6 * 1e3 + 2
    assert rate_bps > 1.2e6
    assert median_ms(link.picture_delays_us[300:]) < own_ms + 5


def test_file_gives_way_when_pictures_need_the_link() -> None:
    link = SimulatedLink(4e6, picture_bytes=4_000)
    before_bps = link.run(10)
    link.picture_bytes = 15_000
    after_bps = link.run(10)
    assert before_bps > 2e6
    assert after_bps < before_bps / 10


def test_long_path_does_not_slow_a_file_for_good() -> None:
    assert SimulatedLink(20e6, path_us=100_000).run(20) > 10e6


def test_small_link_gets_small_parts() -> None:
    link = SimulatedLink(0.3e6)
    link.run(10)
    assert link.window.part_bytes == LEAST_PART_BYTES


def test_next_part_waits_for_a_report_once_the_window_is_full() -> None:
    window = FileWindow()
    now_us = SECOND_US
    while window.wait_us(now_us) is not None:
        now_us += 1_000
        if window.wait_us(now_us) == 0:
            window.on_queued(window.part_bytes, now_us)
    assert window.wait_us(now_us + SECOND_US) is None
    window.begin(0)
    assert window.wait_us(now_us + SECOND_US) == 0
