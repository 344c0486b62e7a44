"""Claims about net/protocol/queue_delay.py, on made delays."""

import random
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from net.protocol.queue_delay import QueueDelay

PICTURE_US = 33_333
PATH_US = 20_000
QUEUE_US = 60_000
SHORT_US = 20_000
"""Below this, the rate control sees no queue."""


class Path:
    """A path whose packets arrive at a steady rate, and the queue delay that is seen on it."""

    def __init__(self, *, offset_us: int = 0, every_us: int = PICTURE_US) -> None:
        self.delay = QueueDelay()
        self._offset_us = offset_us
        self._every_us = every_us
        self._now_us = 5_000_000

    def send(self, *delays_us: int) -> list[int]:
        """Return the queue delay after each of some packets."""
        seen = []
        for delay_us in delays_us:
            self._now_us += self._every_us
            self.delay.add(delay_us + self._offset_us, self._now_us + self._offset_us)
            seen.append(self.delay.queue_us)
        return seen

    def send_for(self, seconds: float, delay_us: int = PATH_US) -> list[int]:
        """Return the queue delay after each packet of a time with a steady delay."""
        return self.send(*[delay_us] * round(seconds * 1e6 / self._every_us))


@pytest.mark.parametrize("offset_us", [10**12, -(10**12), 2**62])
def test_offset_of_the_clocks_cancels(offset_us: int) -> None:
    chance = random.Random(1)
    delays_us = [PATH_US + chance.randrange(100_000) for _ in range(200)]
    assert Path(offset_us=offset_us).send(*delays_us) == Path().send(*delays_us)


def test_steady_delay_is_no_queue() -> None:
    assert set(Path().send_for(20, delay_us=300_000)) == {0}


def test_newest_lateness_shows_a_queue_at_its_first_packet() -> None:
    path = Path()
    path.send_for(2)
    path.send(PATH_US + QUEUE_US)
    assert path.delay.newest_us == QUEUE_US


@pytest.mark.parametrize(("every_us", "samples"), [(100_000, 3), (PICTURE_US, 5)])
def test_queue_is_seen_when_all_packets_of_150_ms_or_3_packets_met_it(
    every_us: int, samples: int
) -> None:
    path = Path(every_us=every_us)
    path.send_for(3)
    seen = path.send(*[PATH_US + QUEUE_US] * samples)
    assert seen == [0] * (samples - 1) + [QUEUE_US]


def test_queue_that_ends_is_gone_at_the_next_packet() -> None:
    path = Path()
    path.send_for(2)
    path.send_for(1, delay_us=PATH_US + QUEUE_US)
    assert path.send(PATH_US) == [0]


def test_retransmission_is_no_queue() -> None:
    path = Path()
    path.send_for(2)
    seen = path.send(PATH_US + 250_000, PATH_US + 217_000, PATH_US + 183_000, PATH_US, PATH_US)
    assert set(seen) == {0}


def test_jitter_is_no_queue_once_it_was_learned() -> None:
    path, chance = Path(), random.Random(3)
    delays_us = [250_000 + chance.randrange(-100_000, 100_000) for _ in range(900)]
    seen = path.send(*delays_us)[90:]
    assert sum(queue_us > SHORT_US for queue_us in seen) < 0.05 * len(seen)
    assert 50_000 < path.delay.jitter_us < 150_000


def test_jitter_that_keeps_the_order_is_no_queue_once_it_was_learned() -> None:
    """Packets then wait behind a late one, so neighbours are late alike."""
    path, chance = Path(), random.Random(3)
    arrival_us = 0
    delays_us = []
    for sent_us in range(0, 900 * PICTURE_US, PICTURE_US):
        arrival_us = max(arrival_us, sent_us + 250_000 + chance.randrange(-100_000, 100_000))
        delays_us.append(arrival_us - sent_us)
    seen = path.send(*delays_us)[150:]
    assert sum(queue_us > SHORT_US for queue_us in seen) < 0.2 * len(seen)


def test_jitter_of_a_few_ms_hides_no_queue() -> None:
    path, chance = Path(), random.Random(3)
    path.send(*(PATH_US + chance.randrange(10_000) for _ in range(300)))
    assert path.delay.jitter_us == 0
    assert path.send_for(0.5, delay_us=PATH_US + QUEUE_US)[-1] > QUEUE_US - 10_000


def test_longer_path_is_no_queue_after_15_seconds() -> None:
    path = Path()
    path.send_for(20)
    seen = path.send_for(15, delay_us=PATH_US + 100_000)
    # For half of that time, it might still be a queue.
    assert min(seen[10 : len(seen) // 2]) == 100_000
    assert seen[-1] == 0


def test_longer_path_is_learned_as_soon_where_pictures_are_rare() -> None:
    path = Path()
    path.send_for(10)
    rare = Path(every_us=500_000)
    rare.delay = path.delay
    rare.send_for(10)
    assert rare.send_for(18, PATH_US + QUEUE_US)[-1] < SHORT_US


def test_shorter_path_is_learned_within_3_seconds() -> None:
    path = Path()
    path.send_for(20, delay_us=PATH_US + 100_000)
    path.send_for(3)
    assert path.send_for(0.3, delay_us=PATH_US + QUEUE_US)[-1] == QUEUE_US


def test_queue_for_half_of_the_time_does_not_become_the_path() -> None:
    path = Path()
    for _ in range(10):
        path.send_for(2)
        assert path.send_for(2, delay_us=PATH_US + QUEUE_US)[-1] == QUEUE_US


def test_delays_measured_in_another_way_are_no_queue_after_a_restart() -> None:
    path = Path()
    path.send_for(5, PATH_US - QUEUE_US)
    path.delay.restart()
    assert max(path.send_for(5)) == 0


def test_rebase_makes_the_present_delay_the_paths_own() -> None:
    path = Path()
    path.send_for(5)
    assert path.send_for(1, delay_us=PATH_US + QUEUE_US)[-1] == QUEUE_US
    path.delay.rebase()
    assert set(path.send_for(5, delay_us=PATH_US + QUEUE_US)) == {0}
    assert path.send_for(0.3, delay_us=PATH_US + 2 * QUEUE_US)[-1] == QUEUE_US


@pytest.mark.parametrize("drift", [100e-6, -100e-6])
def test_clocks_that_drift_by_100_ppm_make_no_queue(drift: float) -> None:
    path = Path(every_us=100_000)
    seen = path.send(*(PATH_US + int(number * 100_000 * drift) for number in range(6_000)))
    assert max(seen) < 2_000


def steady_times() -> Iterator[int]:
    yield from range(0, 10**12, 5_000)


def standing_time() -> Iterator[int]:
    while True:
        yield 7


def falling_times() -> Iterator[int]:
    yield from range(10**12, 0, -5_000)


@pytest.mark.parametrize("times", [steady_times, standing_time, falling_times])
def test_memory_is_bounded_at_any_times_of_the_peer(times: Callable[[], Iterator[int]]) -> None:
    delay = QueueDelay()
    clock = times()
    tracemalloc.start()
    try:
        for number in range(3_000):
            delay.add(number, next(clock))
        grown_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown_bytes < 50_000
