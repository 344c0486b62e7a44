"""media/sound/jitter_buffer.py: start, mute, pts, lip sync, and bounds for any input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.sounds import noise, tone, voice
from media.sound.jitter_buffer import LATE_US, MAX_PACKET_SAMPLES, JitterBuffer
from media.sound.pcm import BLOCK_SAMPLES, samples_to_us, silence, us_to_samples
from tests.support.playout_feed import Feed, assert_no_click

# Start


def test_silence_is_played_before_the_first_packet() -> None:
    playout = JitterBuffer()
    assert np.array_equal(playout.take(0), silence())
    assert playout.playing_pts_us is None
    assert playout.counters.underruns == 0
    assert (playout.delay_us, playout.level_samples) == (0, 0)


def test_first_sound_is_heard_after_about_30_ms() -> None:
    feed = Feed(tone(440, 1))
    blocks = 0
    while blocks < 100:
        feed.put()
        blocks += 1
        if feed.take().any():
            break
    assert 3 <= blocks <= 5


def test_packets_from_before_the_loudspeaker_runs_add_no_lasting_delay() -> None:
    feed = Feed(tone(440, 4))
    for _ in range(100):
        feed.put()
        feed.now_us += 10_000
    assert feed.playout.level_samples <= us_to_samples(200_000)
    feed.run(100)
    assert feed.playout.delay_us <= 45_000


# Mute


def test_empty_buffer_is_silence_while_nothing_is_expected() -> None:
    feed = Feed(tone(440, 5))
    feed.run(100)
    feed.playout.set_expected(False)
    for _ in range(100):
        feed.take()
    assert feed.playout.counters.underruns == 0
    assert feed.playout.counters.concealed_samples == 0
    assert not np.concatenate(feed.out[-90:]).any()
    assert feed.playout.playing_pts_us is None
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_delay_is_unchanged_after_a_mute() -> None:
    feed = Feed(tone(440, 7))
    feed.run(500)
    before_us = feed.playout.delay_us
    feed.playout.set_expected(False)
    for _ in range(1234):
        feed.take()
        feed.pts_us += 10_000
    feed.playout.set_expected(True)
    feed.run(100)
    assert abs(feed.playout.delay_us - before_us) <= 5_000
    assert feed.playout.counters.underruns == 0
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_missing_sound_is_one_underrun() -> None:
    feed = Feed(tone(440, 5))
    feed.run(100)
    for _ in range(50):
        feed.take()
    assert feed.playout.counters.underruns == 1
    assert feed.playout.counters.concealed_samples >= 47 * BLOCK_SAMPLES


# Gaps and jumps of the pts


def test_playing_pts_is_that_of_the_first_sample() -> None:
    feed = Feed(np.arange(-32_000, 32_000, dtype=np.int16))
    feed.pts_us = 50_000_000
    blocks_seen = 0
    for _ in range(120):
        feed.put()
        block = feed.take()
        pts_us = feed.playout.playing_pts_us
        if pts_us is not None and blocks_seen < 100:
            blocks_seen += 1
            sample = (pts_us - 50_000_000) * 48 // 1000
            if blocks_seen > 2 and np.all(np.diff(block) == 1):  # a splice shifts the ramp
                assert abs(int(block[0]) + 32_000 - sample) <= 1
    assert blocks_seen == 100


def test_gap_in_the_pts_is_joined_smoothly_and_reduces_lateness() -> None:
    feed = Feed(tone(440, 10))
    feed.run(300)
    for _ in range(10):
        feed.take()
    feed.at += 4800  # the sender dropped 100 ms
    feed.pts_us += 100_000
    feed.run(300)
    assert feed.playout.counters.dropped_samples == 0
    assert feed.playout.delay_us <= 20_000
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_packet_length_may_change_at_any_time() -> None:
    feed = Feed(tone(440, 19))
    for packet_blocks in (1, 6, 2, 12, 1, 4):
        for _ in range(60 // packet_blocks * 5):
            feed.put(packet_blocks * BLOCK_SAMPLES)
            for _ in range(packet_blocks):
                feed.take()
    assert_no_click(np.concatenate(feed.out), feed.sound)
    assert feed.playout.level_samples <= us_to_samples(200_000)
    assert feed.playout.counters.dropped_samples == 0


@pytest.mark.parametrize(
    "jump_us",
    [3_600_000_000, -3_600_000_000, 2**62, -(2**62), -20_000, -10_000, 400_000],
)
def test_jump_of_the_pts_neither_clicks_nor_stops_the_sound(jump_us: int) -> None:
    feed = Feed(tone(440, 20))
    feed.run(200)
    feed.pts_us += jump_us
    feed.run(200)
    assert feed.playout.counters.underruns <= 1
    assert feed.playout.delay_us <= 60_000
    assert all(block.any() for block in feed.out[10:])
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_constant_pts_keep_the_sound_playing() -> None:
    feed = Feed(tone(440, 20))
    for _ in range(500):
        feed.put()
        feed.pts_us = 0
        feed.take()
    assert all(block.any() for block in feed.out[10:])
    assert feed.playout.level_samples <= us_to_samples(100_000)


# Lip sync


def test_floor_raises_the_delay_and_lets_it_fall_again() -> None:
    feed = Feed(voice(17))
    feed.run(500)
    assert feed.playout.delay_us < 20_000
    feed.playout.floor_us = 80_000
    feed.run(300)
    assert 76_000 <= feed.playout.delay_us <= 90_000
    assert 80_000 <= feed.playout.target_us <= 82_000
    feed.playout.floor_us = 0
    feed.run(800)
    assert feed.playout.delay_us < 20_000
    assert feed.playout.counters.underruns == 0
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_floor_has_bounds() -> None:
    playout = JitterBuffer()
    playout.floor_us = -5
    assert playout.floor_us == 0
    playout.floor_us = 10_000_000
    assert playout.floor_us == 200_000


# Any input


def test_packets_without_takes_are_bounded() -> None:
    feed = Feed(noise(1))
    for _ in range(3000):
        feed.at = 0
        feed.put(MAX_PACKET_SAMPLES)
    most = feed.playout.target_us + LATE_US
    assert feed.playout.level_samples <= us_to_samples(most) + MAX_PACKET_SAMPLES


PTS = st.one_of(
    st.integers(-(2**63), 2**63), st.integers(0, 300_000), st.integers(-300_000, 10_000_000)
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 7000), PTS, st.integers(-100_000, 2_000_000)),
        st.tuples(st.just("follow"), st.integers(1, 5760), st.just(0), st.integers(0, 60_000)),
        st.tuples(st.just("take"), st.integers(1, 60), st.just(0), st.integers(0, 30_000)),
        st.tuples(st.just("expect"), st.integers(0, 1), st.just(0), st.just(0)),
        st.tuples(st.just("floor"), st.integers(-1, 300_000), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@settings(max_examples=settings().max_examples * 3 // 2)
@given(STEPS)
def test_any_sequence_returns_blocks_and_bounds_memory(
    steps: list[tuple[str, int, int, int]],
) -> None:
    playout, sound = JitterBuffer(), noise(0.2)
    now_us, next_pts_us = 5_000_000, 0
    for kind, count, pts_us, later_us in steps:
        now_us += later_us
        if kind in ("put", "follow"):
            if kind == "put":
                next_pts_us = pts_us
            # Two threads read the clock; and it may be wrong by hours.
            arrived_us = now_us + (pts_us % 7_200_000_000 if count % 7 == 3 else 0)
            playout.put(sound[:count], next_pts_us, arrived_us)
            next_pts_us += samples_to_us(count)
        elif kind == "take":
            for _ in range(count):
                block = playout.take(now_us)
                now_us += 10_000
                assert block.dtype == np.int16
                assert block.shape == (BLOCK_SAMPLES,)
        elif kind == "expect":
            playout.set_expected(bool(count))
        else:
            playout.floor_us = count
        most_us = playout.target_us + LATE_US
        assert most_us <= 600_000
        assert playout.delay_us <= most_us
        if kind in ("put", "follow"):
            assert playout.level_samples <= us_to_samples(600_000) + MAX_PACKET_SAMPLES
