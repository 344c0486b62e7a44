"""bench/simulated_tcp.py: order, retransmission and the congestion window."""

import pytest

from bench.link_conditions import Blackout, BlackoutKind, Conditions, steady
from tests.support.simulated_transfer import SECOND_US, Transfer

LINK_BPS = 4_000_000


def test_every_byte_becomes_readable_once() -> None:
    conditions = Conditions(rate_bps=LINK_BPS, delay_ms=20, loss=0.05)
    transfer = Transfer(steady(conditions))
    transfer.tcp.write(300_000, 0)
    readable = now_us = 0
    while readable < 300_000:
        now_us = transfer.tcp.next_due_us()
        assert now_us < 60 * SECOND_US
        readable += transfer.tcp.advance(now_us)
    assert readable == transfer.tcp.delivered_bytes == 300_000
    assert transfer.tcp.retransmitted > 0


def test_transfer_without_loss_fills_the_link() -> None:
    transfer = Transfer(steady(Conditions(rate_bps=LINK_BPS, queue_ms=200, delay_ms=10)))
    transfer.run(1)
    assert transfer.run(3) > 0.9 * LINK_BPS


@pytest.mark.parametrize(("loss", "at_least_bps"), [(0.01, 1_000_000), (0.05, 150_000)])
def test_random_loss_lowers_the_rate_but_does_not_end_the_transfer(
    loss: float, at_least_bps: int
) -> None:
    transfer = Transfer(steady(Conditions(rate_bps=20_000_000, delay_ms=25, loss=loss)))
    rate_bps = transfer.run(5)
    assert at_least_bps < rate_bps < 10_000_000


def test_transfer_continues_after_a_blackout() -> None:
    blackout = Blackout(from_ms=1_000, lasts_ms=2_000, kind=BlackoutKind.LOSE)
    transfer = Transfer(steady(Conditions(rate_bps=LINK_BPS, delay_ms=10), blackout))
    transfer.run(1)
    assert transfer.run(2) < 0.1 * LINK_BPS
    transfer.run(3)
    assert transfer.run(2) > 0.5 * LINK_BPS
