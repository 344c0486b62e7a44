"""bench/simulated_bbr.py and bench/delivery_rate.py: how BBR uses links."""

from bench.delivery_rate import DeliveryRate, LargestRate
from bench.link_conditions import Conditions, steady
from bench.simulated_bbr import BbrWindow
from bench.simulated_tcp import CongestionControl, CubicWindow
from tests.support.simulated_transfer import Transfer

LINK_BPS = 4_000_000


def longest_queue_bytes(transfer: Transfer, seconds: float) -> int:
    longest_bytes = 0
    for _ in range(round(seconds * 20)):
        transfer.run(0.05)
        longest_bytes = max(longest_bytes, transfer.forward.counters.queued_bytes)
    return longest_bytes


def queue_of(control: CongestionControl) -> int:
    conditions = Conditions(rate_bps=LINK_BPS, queue_ms=400, delay_ms=10)
    transfer = Transfer(steady(conditions), control)
    transfer.run(2)
    return longest_queue_bytes(transfer, 2)


def test_link_is_filled() -> None:
    transfer = Transfer(steady(Conditions(rate_bps=LINK_BPS, delay_ms=10)), BbrWindow())
    transfer.run(1)
    assert transfer.run(3) > 0.9 * LINK_BPS
    assert transfer.tcp.retransmitted == 0


def test_queue_is_shorter_than_that_of_cubic() -> None:
    round_trip_bytes = LINK_BPS // 8 * 20 // 1000
    assert queue_of(BbrWindow()) < 3 * round_trip_bytes < 100_000 < queue_of(CubicWindow())


def test_random_loss_hardly_lowers_the_rate() -> None:
    transfer = Transfer(steady(Conditions(rate_bps=LINK_BPS, delay_ms=25, loss=0.02)), BbrWindow())
    transfer.run(2)
    assert transfer.run(5) > 0.8 * LINK_BPS


def test_queue_is_emptied_once_in_ten_seconds() -> None:
    conditions = Conditions(rate_bps=1_000_000, queue_ms=400, delay_ms=50)
    transfer = Transfer(steady(conditions), BbrWindow())
    transfer.run(2)
    least_bps = min(transfer.run(0.1) for _ in range(110))
    assert least_bps < 600_000
    assert transfer.run(2) > 900_000


def test_sample_is_what_was_delivered_since_the_departure() -> None:
    rate = DeliveryRate()
    for number in range(3):
        rate.on_sent(number, number, 1000 * number)
    samples = [rate.on_delivered(number, 50_000 + 2000 * number) for number in range(3)]
    assert [sample.delivered for sample in samples] == [1, 2, 3]
    assert [sample.interval_us for sample in samples] == [50_000, 52_000, 54_000]
    assert not any(sample.is_app_limited for sample in samples)


def test_samples_are_app_limited_until_all_in_flight_is_delivered() -> None:
    rate = DeliveryRate()
    rate.on_sent(0, 0, 0)
    rate.limit_by_app(1)
    rate.on_sent(1, 1, 10)
    assert not rate.on_delivered(0, 1000).is_app_limited
    assert rate.is_app_limited
    assert rate.on_delivered(1, 1010).is_app_limited
    assert not rate.is_app_limited


def test_largest_rate_is_forgotten_after_its_rounds() -> None:
    largest = LargestRate(rounds=10)
    for round_number, rate_hz in ((1, 50.0), (2, 90.0), (8, 70.0), (12, 60.0)):
        largest.add(rate_hz, round_number)
    assert largest.hz == 90
    largest.add(10.0, 13)
    assert largest.hz == 70
