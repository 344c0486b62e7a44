"""Picture span: from fragments and their times to what sound must wait for."""

import pytest

from net.protocol.picture_span import LEAST_TRAINS, MAX_SPAN_US, PictureSpan

FRAGMENT_BYTES = 1_000
PICTURE_US = 33_333


def send_picture(span: PictureSpan, *, fragments: int, rate_bps: float, now_us: float) -> float:
    """Let a picture arrive as one train at this rate; return when it is complete."""
    for number in range(fragments):
        span.on_fragment(
            FRAGMENT_BYTES, int(now_us), is_first=not number, is_last=number == fragments - 1
        )
        now_us += FRAGMENT_BYTES * 8e6 / rate_bps
    return now_us


def send_seconds(
    span: PictureSpan, seconds: float, *, fragments: int, rate_bps: float, now_us: float = 0
) -> float:
    """Let pictures arrive 30 times a second; return when the last one began."""
    for _ in range(round(seconds * 30)):
        send_picture(span, fragments=fragments, rate_bps=rate_bps, now_us=now_us)
        now_us += PICTURE_US
    return now_us


def test_nothing_is_known_before_a_train() -> None:
    span = PictureSpan()
    send_seconds(span, 1, fragments=1, rate_bps=1e6)
    assert span.longest_us == 0


def test_first_pictures_tell_how_long_a_keyframe_takes() -> None:
    span = PictureSpan()
    send_seconds(span, LEAST_TRAINS / 30, fragments=4, rate_bps=1e6)
    assert span.longest_us == pytest.approx(2 * 4 * FRAGMENT_BYTES * 8, rel=0.05)


def test_fast_link_adds_nothing() -> None:
    span = PictureSpan()
    send_seconds(span, 3, fragments=8, rate_bps=50e6)
    assert span.longest_us == 0


def test_single_slow_trains_on_a_busy_computer_add_nothing() -> None:
    span = PictureSpan()
    now_us = send_picture(span, fragments=4, rate_bps=0.5e6, now_us=0)
    now_us = send_picture(span, fragments=4, rate_bps=0.5e6, now_us=now_us)
    assert span.longest_us == 0
    send_seconds(span, 3, fragments=4, rate_bps=50e6, now_us=now_us)
    assert span.longest_us == 0


def test_large_picture_is_remembered_for_ten_seconds() -> None:
    span = PictureSpan()
    now_us = send_seconds(span, 3, fragments=2, rate_bps=1e6)
    usual_us = span.longest_us
    now_us = send_picture(span, fragments=9, rate_bps=1e6, now_us=now_us)
    assert span.longest_us > 2 * usual_us
    now_us = send_seconds(span, 8, fragments=2, rate_bps=1e6, now_us=now_us)
    assert span.longest_us > 2 * usual_us
    send_seconds(span, 4, fragments=2, rate_bps=1e6, now_us=now_us)
    assert span.longest_us < 1.2 * usual_us


def test_single_stall_within_a_picture_is_not_the_rate_of_the_link() -> None:
    span = PictureSpan()
    now_us = send_seconds(span, 3, fragments=4, rate_bps=20e6)
    usual_us = span.longest_us
    send_picture(span, fragments=4, rate_bps=0.1e6, now_us=now_us)
    assert span.longest_us <= 2 * usual_us


def test_slowest_link_asks_for_no_more_than_the_bound() -> None:
    span = PictureSpan()
    send_seconds(span, LEAST_TRAINS / 30, fragments=4, rate_bps=0.01e6)
    assert span.longest_us == MAX_SPAN_US
