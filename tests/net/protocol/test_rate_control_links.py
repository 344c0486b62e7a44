"""Claims about the kinds of links that net/protocol/rate_control.py recognizes."""

import pytest

from net.protocol.pacing import PACED_BPS
from net.protocol.rate_control import SHARED_US, WAIT_US, RateControl

CEILING_BPS = 2_500_000
SECOND_US = 1_000_000


@pytest.mark.parametrize(
    ("target_bps", "path_us", "tcp_rtt_us", "is_small"),
    [
        (40_000, 20_000, 90_000, True),
        (40_000, 20_000, None, True),
        (40_000, 20_000, 25_000, False),
        (40_000, 200_000, 300_000, False),
        (PACED_BPS, 20_000, 90_000, False),
    ],
)
def test_link_is_small_where_its_rate_keeps_the_target_low(
    target_bps: int, path_us: int, tcp_rtt_us: int | None, is_small: bool
) -> None:
    rate = RateControl(target_bps)
    rate.path_us = path_us
    if tcp_rtt_us is not None:
        rate.on_round_trip(tcp_rtt_us, 1_000_000)
    assert rate.is_small_link is is_small


@pytest.mark.parametrize(("path_us", "is_limited"), [(200_000, True), (20_000, False)])
def test_long_path_whose_packets_wait_for_tcp_is_limited_by_segments(
    path_us: int, is_limited: bool
) -> None:
    rate = RateControl(CEILING_BPS)
    rate.path_us = path_us
    for number in range(60):
        queued_us = number * 50_000
        rate.on_queued(600, 1, queued_us)
        rate.on_departed(queued_us + 2 * WAIT_US)
        arrived_us = queued_us + 3 * WAIT_US
        rate.on_arrived(
            600 * (number + 1), began_us=arrived_us, at_us=arrived_us, now_us=arrived_us
        )
    assert rate.is_segment_limited(3 * SECOND_US) is is_limited
    assert not rate.is_segment_limited(3 * SECOND_US + SHARED_US)
