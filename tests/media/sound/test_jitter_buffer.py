import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.playout_simulation import (
    Lateness,
    at_once,
    evenly,
    exponentially,
    roughness,
    simulate,
    stall,
    wifi,
)
from bench.sounds import chord, noise, tone, voice
from media.sound.jitter_buffer import LATE_US, MAX_PACKET_SAMPLES, JitterBuffer
from media.sound.pcm import BLOCK_SAMPLES, Samples, samples_to_us, silence, us_to_samples

CLICK_STEP = 1.05
CLICK_BEND = 1.4


def assert_no_click(out: Samples, clean: Samples) -> None:
    step, bend = roughness(clean)
    assert roughness(out)[0] <= CLICK_STEP * step
    assert roughness(out)[1] <= CLICK_BEND * bend + 2


class Feed:
    """Puts and takes by hand, on one clock and without jitter."""

    def __init__(self, sound: Samples) -> None:
        self.playout = JitterBuffer()
        self.sound = sound
        self.now_us = 1_000_000
        self.pts_us = 50_000_000
        self.at = 0
        self.out: list[Samples] = []

    def put(self, samples: int = BLOCK_SAMPLES) -> None:
        packet = self.sound[self.at : self.at + samples]
        self.playout.put(packet, self.pts_us, self.now_us)
        self.at += samples
        self.pts_us += samples_to_us(samples)

    def take(self) -> Samples:
        self.now_us += 10_000
        self.out.append(self.playout.take(self.now_us))
        return self.out[-1]

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.put()
            self.take()


# Beginning


def test_silence_comes_before_the_first_packet() -> None:
    playout = JitterBuffer()
    assert np.array_equal(playout.take(0), silence())
    assert playout.playing_pts_us is None
    assert playout.counters.underruns == 0
    assert (playout.delay_us, playout.level_samples) == (0, 0)


def test_the_first_sound_is_heard_after_about_30_ms() -> None:
    feed = Feed(tone(440, 1))
    blocks = 0
    while blocks < 100:
        feed.put()
        blocks += 1
        if feed.take().any():
            break
    assert 3 <= blocks <= 5


def test_packets_that_wait_before_the_loudspeaker_runs_are_not_kept_for_long() -> None:
    feed = Feed(tone(440, 4))
    for _ in range(100):
        feed.put()
        feed.now_us += 10_000
    assert feed.playout.level_samples <= us_to_samples(200_000)
    feed.run(100)
    assert feed.playout.delay_us <= 45_000


# Delay


@pytest.mark.parametrize("packet_samples", [120, 240, 480, 960, 2880, 5760])
def test_on_a_wire_the_delay_is_a_block_and_the_margin(packet_samples: int) -> None:
    sound = voice(15)
    played = simulate(sound, at_once, packet_samples=packet_samples)
    assert played.playout.delay_us <= 15_000
    assert played.playout.counters.underruns == 0
    assert played.playout.counters.concealed_samples == 0


def test_late_takes_cost_no_more_than_they_are_late() -> None:
    played = simulate(voice(15), at_once, take_jitter_s=0.004)
    assert played.playout.delay_us <= 19_000
    assert played.playout.counters.underruns == 0


def test_the_delay_is_the_time_from_arrival_to_playing() -> None:
    played = simulate(voice(15), evenly(0.004))
    # A packet of 10 ms; and a sample is taken up to a block, 5 ms on average, before its turn.
    waited_us = float(np.median(played.waits_us[-500:])) - 10_000
    assert abs(waited_us - played.playout.delay_us - 2_000) <= 3_000


def test_jitter_raises_the_delay_at_once_and_calm_lowers_it_again() -> None:
    def lateness(captured_s: float) -> float:
        is_bad = 10 <= captured_s < 16
        return 0.04 if is_bad and captured_s % 0.5 < 0.05 else 0.0

    played = simulate(voice(60), lateness)
    delays_us = played.delays_us
    assert max(delays_us[300:990]) <= 15_000
    assert min(delays_us[1100:4200]) >= 40_000
    assert max(delays_us[5500:]) <= 16_000
    assert played.playout.counters.concealed_samples <= us_to_samples(50_000)


@pytest.mark.parametrize(
    ("lateness", "most_concealed_share"),
    [(evenly(0.004), 0.0), (exponentially(0.006, 0.045), 0.002), (wifi(), 0.008)],
    ids=["even", "exponential", "wifi"],
)
def test_jitter_is_played_smoothly(lateness: Lateness, most_concealed_share: float) -> None:
    sound = voice(30)
    played = simulate(sound, lateness)
    assert_no_click(played.samples, sound)
    assert played.playout.counters.concealed_samples <= most_concealed_share * len(sound)
    assert played.playout.counters.dropped_samples == 0
    assert max(played.delays_us[200:]) <= 110_000


@pytest.mark.parametrize(
    "sound",
    [tone(100, 15), tone(440, 15), tone(3000, 15), chord(15), noise(15)],
    ids=["100 Hz", "440 Hz", "3 kHz", "chord", "noise"],
)
def test_no_sound_clicks_over_wifi(sound: Samples) -> None:
    played = simulate(sound, wifi())
    assert played.playout.counters.concealed_samples > 0
    assert_no_click(played.samples, sound)


@pytest.mark.parametrize("stall_s", [0.2, 1.0, 5.0])
@pytest.mark.parametrize("is_dropping", [True, False])
@pytest.mark.parametrize("packet_samples", [480, 2880])
def test_after_a_stall_the_delay_is_soon_what_it_was(
    stall_s: float, is_dropping: bool, packet_samples: int
) -> None:
    sound = voice(20)
    played = simulate(
        sound, stall(8.0, stall_s), is_dropping=is_dropping, packet_samples=packet_samples
    )
    over = round((8 + stall_s) * 100)
    assert played.playout.counters.underruns == 1
    assert max(played.delays_us[over:]) <= LATE_US + 25_000
    assert max(played.delays_us[over + 200 :]) <= 35_000
    assert_no_click(played.samples, sound)


def test_what_is_less_than_150_ms_late_is_played() -> None:
    sound = tone(440, 20)
    played = simulate(sound, stall(8.0, 0.14), is_dropping=False)
    assert played.playout.counters.dropped_samples == 0
    assert played.playout.counters.concealed_samples >= us_to_samples(100_000)


def test_what_is_later_is_dropped_without_a_click() -> None:
    sound = tone(440, 20)
    played = simulate(sound, stall(8.0, 1.0), is_dropping=False)
    assert played.playout.counters.dropped_samples >= us_to_samples(700_000)
    assert max(played.levels) <= us_to_samples(200_000)
    assert_no_click(played.samples, sound)


def test_a_sender_that_stood_still_and_lags_for_ever_is_followed() -> None:
    sound = voice(30)
    played = simulate(sound, lambda captured_s: 3.0 if captured_s > 8 else 0.0, is_dropping=False)
    assert max(played.delays_us[1350:]) <= 40_000
    assert played.playout.counters.underruns <= 12
    assert played.playout.counters.concealed_samples <= us_to_samples(3_300_000)


def test_a_loudspeaker_that_stood_still_does_not_stay_late() -> None:
    feed = Feed(voice(20))
    feed.run(300)
    for _ in range(200):  # two seconds without a take
        feed.put()
        feed.now_us += 10_000
    feed.run(150)
    assert feed.playout.delay_us <= 30_000
    assert feed.playout.level_samples <= us_to_samples(50_000)


def test_a_loudspeaker_that_missed_a_little_does_not_stay_late() -> None:
    feed = Feed(voice(20))
    feed.run(300)
    before_us = feed.playout.delay_us
    for _ in range(5):  # 50 ms that are never made up for
        feed.put()
        feed.now_us += 10_000
    feed.run(400)
    assert feed.playout.delay_us <= before_us + 10_000
    assert feed.playout.counters.shortened_samples >= us_to_samples(40_000)
    assert feed.playout.counters.concealed_samples == 0


def test_a_loudspeaker_that_catches_up_moves_nothing() -> None:
    feed = Feed(tone(440, 20))
    feed.run(300)
    counters = feed.playout.counters
    before = (counters.shortened_samples, counters.stretched_samples)
    for _ in range(10):
        feed.put()
        feed.now_us += 10_000
        feed.put()
        feed.take()
        feed.out.append(feed.playout.take(feed.now_us))
        feed.run(50)
    assert (counters.shortened_samples, counters.stretched_samples) == before
    assert counters.concealed_samples <= us_to_samples(20_000)


# Drift


@pytest.mark.parametrize("drift_ppm", [-1000, 1000])
@pytest.mark.parametrize(
    "sound",
    [tone(100, 60), tone(440, 60), chord(60), voice(60)],
    ids=["100 Hz", "440 Hz", "chord", "voice"],
)
def test_drift_of_1000_ppm_is_followed(sound: Samples, drift_ppm: float) -> None:
    played = simulate(sound, at_once, drift_ppm=drift_ppm)
    assert played.playout.counters.underruns == 0
    assert max(played.delays_us[500:]) <= 40_000
    assert_no_click(played.samples, sound)


@pytest.mark.parametrize("drift_ppm", [-300, 300])
def test_an_hour_of_drift_of_300_ppm_is_followed(drift_ppm: float) -> None:
    second = tone(440, 1)
    played = simulate(
        second,
        evenly(0.002),
        rounds=3600,
        packet_samples=960,
        drift_ppm=drift_ppm,
        is_keeping=False,
    )
    counters = played.playout.counters
    assert (counters.underruns, counters.dropped_samples) == (0, 0)
    assert max(played.delays_us[500:]) <= 30_000
    assert max(played.levels) <= us_to_samples(60_000)
    moved = counters.shortened_samples - counters.stretched_samples
    assert abs(moved - drift_ppm * 1e-6 * 3600 * 48_000) <= us_to_samples(30_000)
    step, bend = roughness(second)
    assert played.ear.step <= CLICK_STEP * step
    assert played.ear.bend <= CLICK_BEND * bend + 2
    assert abs(played.ear.pitch_hz - 440) < 0.1


# Mute


def test_running_dry_while_nothing_is_expected_is_silence() -> None:
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


def test_after_a_mute_the_delay_is_what_it_was() -> None:
    feed = Feed(tone(440, 60))
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


def test_sound_that_is_expected_and_does_not_come_is_an_underrun_once() -> None:
    feed = Feed(tone(440, 5))
    feed.run(100)
    for _ in range(50):
        feed.take()
    assert feed.playout.counters.underruns == 1
    assert feed.playout.counters.concealed_samples >= 47 * BLOCK_SAMPLES


# What the pts say


def test_the_playing_pts_is_that_of_the_first_sample() -> None:
    feed = Feed(np.arange(-32_000, 32_000, dtype=np.int16))
    feed.pts_us = 50_000_000
    begun = 0
    for _ in range(120):
        feed.put()
        block = feed.take()
        pts_us = feed.playout.playing_pts_us
        if pts_us is not None and begun < 100:
            begun += 1
            sample = (pts_us - 50_000_000) * 48 // 1000
            if begun > 2 and np.all(np.diff(block) == 1):  # a splice shifts the ramp
                assert abs(int(block[0]) + 32_000 - sample) <= 1
    assert begun == 100


def test_a_gap_in_the_pts_is_joined_smoothly_and_makes_up_for_lateness() -> None:
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


def test_the_packet_length_may_change_at_any_time() -> None:
    feed = Feed(tone(440, 60))
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
def test_a_jump_of_the_pts_neither_clicks_nor_stops_the_sound(jump_us: int) -> None:
    feed = Feed(tone(440, 20))
    feed.run(200)
    feed.pts_us += jump_us
    feed.run(200)
    assert feed.playout.counters.underruns <= 1
    assert feed.playout.delay_us <= 60_000
    assert all(block.any() for block in feed.out[10:])
    assert_no_click(np.concatenate(feed.out), feed.sound)


def test_pts_that_stand_still_keep_the_sound_playing() -> None:
    feed = Feed(tone(440, 20))
    for _ in range(500):
        feed.put()
        feed.pts_us = 0
        feed.take()
    assert all(block.any() for block in feed.out[10:])
    assert feed.playout.level_samples <= us_to_samples(100_000)


# Lip sync


def test_the_floor_raises_the_delay_and_lets_it_fall_again() -> None:
    feed = Feed(voice(60))
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


def test_the_floor_has_bounds() -> None:
    playout = JitterBuffer()
    playout.floor_us = -5
    assert playout.floor_us == 0
    playout.floor_us = 10_000_000
    assert playout.floor_us == 200_000


# Anything at all


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


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_any_sequence_gives_blocks_and_bounded_memory(
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
