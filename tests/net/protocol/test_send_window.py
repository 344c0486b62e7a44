"""Claims about net/protocol/send_window.py, on simulated links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.send_window import ALWAYS_PACKETS, DECODER_LAG_PACKETS, SendWindow

TARGET_BPS = 2_500_000
INTERVAL_US = 50_000
PICTURE_US = 33_333
PACKET_BYTES = TARGET_BPS * PICTURE_US // 8_000_000


def stream(*, rtt_us: int, link_bps: int, pictures: int) -> tuple[int, int]:
    """Offer 30 pictures a second to a link; return how many were sent, and the longest queue.

    The link carries bytes at its capacity. Each picture arrives half a round trip after its last
    byte, and its feedback half a round trip later.
    """
    window = SendWindow()
    link_free_us = 0
    reports: list[tuple[int, int, int]] = []
    sent = sent_bytes = longest_us = 0
    for number in range(pictures):
        now_us = number * PICTURE_US
        while reports and reports[0][0] <= now_us:
            _, arrived_bytes, arrived = reports.pop(0)
            window.on_feedback(arrived_bytes, arrived, arrived)
        if not window.has_room(TARGET_BPS, rtt_us, INTERVAL_US):
            continue
        sent += 1
        sent_bytes += PACKET_BYTES
        window.on_sent(PACKET_BYTES)
        link_free_us = max(link_free_us, now_us) + PACKET_BYTES * 8_000_000 // link_bps
        longest_us = max(longest_us, link_free_us - now_us)
        reports.append((link_free_us + rtt_us, sent_bytes, sent))
    return sent, longest_us


@pytest.mark.parametrize("rtt_us", [0, 1_000, 50_000, 250_000, 600_000])
def test_window_allows_30_pictures_a_second_at_any_round_trip(rtt_us: int) -> None:
    sent, _ = stream(rtt_us=rtt_us, link_bps=100_000_000, pictures=300)
    assert sent == 300


@pytest.mark.parametrize("rtt_us", [1_000, 250_000])
def test_link_just_fast_enough_skips_nothing(rtt_us: int) -> None:
    sent, longest_us = stream(rtt_us=rtt_us, link_bps=TARGET_BPS * 11 // 10, pictures=300)
    assert sent == 300
    assert longest_us <= PICTURE_US


@pytest.mark.parametrize("rtt_us", [1_000, 50_000, 250_000])
def test_link_too_slow_skips_instead_of_queueing(rtt_us: int) -> None:
    sent, longest_us = stream(rtt_us=rtt_us, link_bps=TARGET_BPS // 3, pictures=900)
    assert 0.28 * 900 < sent < 0.40 * 900
    allowed_us = rtt_us + INTERVAL_US + 50_000
    assert longest_us < (allowed_us + PICTURE_US) * 3


def test_two_packets_are_always_allowed() -> None:
    window = SendWindow()
    for _ in range(ALWAYS_PACKETS):
        assert window.has_room(1, 0, 0)
        window.on_sent(4 * 1024 * 1024)
    assert not window.has_room(1, 0, 0)
    window.on_feedback(4 * 1024 * 1024, 1, 1)
    assert window.has_room(1, 0, 0)


@pytest.mark.parametrize("rtt_us", [20_000, 200_000, 600_000, 1_000_000])
def test_15_pictures_a_second_pass_at_any_target_and_round_trip(rtt_us: int) -> None:
    window = SendWindow()
    for _ in range(rtt_us * 15 // 1_000_000 + 1):
        assert window.has_room(1, rtt_us, 0)
        window.on_sent(100_000)
    for _ in range(ALWAYS_PACKETS):
        window.on_sent(100_000)
    assert not window.has_room(1, rtt_us, 0)


def test_many_small_packets_are_allowed_while_their_bytes_are_few() -> None:
    window = SendWindow()
    for _ in range(100):
        window.on_sent(50)
    assert (window.in_flight_packets, window.in_flight_bytes) == (100, 5_000)
    assert window.has_room(TARGET_BPS, 0, INTERVAL_US)


def test_limit_is_the_target_over_round_trip_interval_and_50_ms() -> None:
    allowed_bytes = TARGET_BPS * (20_000 + INTERVAL_US + 50_000) // 8_000_000
    for size, has_room in ((allowed_bytes - 1, True), (allowed_bytes, False)):
        window = SendWindow()
        for packet_bytes in (1, 1, size - 2):
            window.on_sent(packet_bytes)
        assert window.has_room(TARGET_BPS, 20_000, INTERVAL_US) is has_room


def test_lagging_decoder_closes_the_window() -> None:
    window = SendWindow()
    for _ in range(DECODER_LAG_PACKETS):
        window.on_sent(10)
    window.on_feedback(40, DECODER_LAG_PACKETS, 0)
    assert window.in_flight_packets == 0
    assert not window.has_room(TARGET_BPS, 0, INTERVAL_US)
    window.on_feedback(40, DECODER_LAG_PACKETS, 1)
    assert window.has_room(TARGET_BPS, 0, INTERVAL_US)


def test_bytes_of_an_incomplete_packet_open_the_window() -> None:
    window = SendWindow()
    for _ in range(3):
        window.on_sent(20_000)
    assert not window.has_room(TARGET_BPS, 0, INTERVAL_US)
    window.on_feedback(45_000, 0, 0)
    assert window.in_flight_packets == 3
    assert window.has_room(TARGET_BPS, 0, INTERVAL_US)


@pytest.mark.parametrize(
    ("arrived_bytes", "arrived_packets", "decoded"),
    [
        (1_001, 10, 10),  # more than was sent
        (1_000, 11, 10),
        (1_000, 10, 11),  # decoded before it arrived
        (10**18, 2**62, 2**62),
        (499, 5, 5),  # less than before
        (500, 4, 4),
        (500, 5, 3),
        (-1, 5, 5),
    ],
)
def test_impossible_feedback_is_a_protocol_error(
    arrived_bytes: int, arrived_packets: int, decoded: int
) -> None:
    window = SendWindow()
    for _ in range(10):
        window.on_sent(100)
    window.on_feedback(500, 5, 4)
    with pytest.raises(ProtocolError, match="impossible counts"):
        window.on_feedback(arrived_bytes, arrived_packets, decoded)
    assert (window.in_flight_bytes, window.in_flight_packets) == (500, 5)


def test_repeated_feedback_is_allowed() -> None:
    window = SendWindow()
    window.on_sent(100)
    window.on_feedback(100, 1, 1)
    window.on_feedback(100, 1, 1)
    assert window.in_flight_bytes == 0


def test_forged_round_trip_does_not_open_the_window_without_limit() -> None:
    """The peer's pongs could claim a round trip of hours."""
    window = SendWindow()
    for _ in range(1_000):
        window.on_sent(100_000)
    assert not window.has_room(TARGET_BPS, 3_600_000_000, INTERVAL_US)


@given(
    st.lists(st.integers(1, 100_000), max_size=20),
    st.lists(st.tuples(*[st.integers(-5, 2**63)] * 3), max_size=5),
)
def test_counts_stay_possible_after_any_feedback(
    sizes: list[int], feedbacks: list[tuple[int, ...]]
) -> None:
    window = SendWindow()
    for size in sizes:
        window.on_sent(size)
    for arrived_bytes, arrived_packets, decoded in feedbacks:
        try:
            window.on_feedback(arrived_bytes, arrived_packets, decoded)
        except ProtocolError:
            continue
    assert 0 <= window.in_flight_bytes <= sum(sizes)
    assert 0 <= window.in_flight_packets <= len(sizes)
