"""media/sound/jitter_buffer.py: the playout delay under jitter, stalls and drift."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pytest

from bench import sounds
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
from bench.sounds import chord, noise, tone
from media.sound.jitter_buffer import LATE_US
from media.sound.pcm import Samples, us_to_samples
from tests.support.playout_feed import CLICK_SLOPE_CHANGE, CLICK_STEP, Feed, assert_no_click

MakeSound = Callable[[float], Samples]
"""Returns a sound of that many seconds; called in the test, because each process collects all."""

voice = cache(sounds.voice)  # A minute of it takes 2.5 s, and most simulations less than one.

# Delay


@pytest.mark.parametrize("packet_samples", [120, 240, 480, 960, 2880, 5760])
def test_delay_without_jitter_is_a_block_and_the_margin(packet_samples: int) -> None:
    sound = voice(15)
    played = simulate(sound, at_once, packet_samples=packet_samples)
    assert played.playout.delay_us <= 15_000
    assert played.playout.counters.underruns == 0
    assert played.playout.counters.concealed_samples == 0


def test_late_takes_add_only_their_lateness() -> None:
    played = simulate(voice(15), at_once, take_jitter_s=0.004)
    assert played.playout.delay_us <= 19_000
    assert played.playout.counters.underruns == 0


def test_delay_is_the_time_from_arrival_to_playout() -> None:
    played = simulate(voice(15), evenly(0.004))
    # Minus the 10 ms of a packet; samples are taken up to a block, on average 5 ms, early.
    waited_us = float(np.median(played.waits_us[-500:])) - 10_000
    assert abs(waited_us - played.playout.delay_us - 2_000) <= 3_000


def test_jitter_raises_the_delay_at_once_and_calm_lowers_it() -> None:
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
    "make_sound",
    [partial(tone, 100), partial(tone, 440), partial(tone, 3000), chord, noise],
    ids=["100 Hz", "440 Hz", "3 kHz", "chord", "noise"],
)
def test_no_sound_clicks_over_wifi(make_sound: MakeSound) -> None:
    sound = make_sound(15)
    played = simulate(sound, wifi())
    assert played.playout.counters.concealed_samples > 0
    assert_no_click(played.samples, sound)


@pytest.mark.parametrize("stall_s", [0.2, 1.0, 5.0])
@pytest.mark.parametrize("is_dropping", [True, False])
@pytest.mark.parametrize("packet_samples", [480, 2880])
def test_delay_soon_returns_after_a_stall(
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


def test_sound_less_than_150_ms_late_is_played() -> None:
    sound = tone(440, 20)
    played = simulate(sound, stall(8.0, 0.14), is_dropping=False)
    assert played.playout.counters.dropped_samples == 0
    assert played.playout.counters.concealed_samples >= us_to_samples(100_000)


def test_later_sound_is_dropped_without_a_click() -> None:
    sound = tone(440, 20)
    played = simulate(sound, stall(8.0, 1.0), is_dropping=False)
    assert played.playout.counters.dropped_samples >= us_to_samples(700_000)
    assert max(played.levels) <= us_to_samples(200_000)
    assert_no_click(played.samples, sound)


def test_sender_that_stays_late_is_followed() -> None:
    sound = voice(30)
    played = simulate(sound, lambda captured_s: 3.0 if captured_s > 8 else 0.0, is_dropping=False)
    assert max(played.delays_us[1350:]) <= 40_000
    assert played.playout.counters.underruns <= 12
    assert played.playout.counters.concealed_samples <= us_to_samples(3_300_000)


def test_long_stall_of_the_loudspeaker_leaves_no_delay() -> None:
    feed = Feed(voice(20))
    feed.run(300)
    for _ in range(200):  # two seconds in which the loudspeaker takes nothing
        feed.put()
        feed.now_us += 10_000
    feed.run(150)
    assert feed.playout.delay_us <= 30_000
    assert feed.playout.level_samples <= us_to_samples(50_000)


def test_short_stall_of_the_loudspeaker_leaves_no_delay() -> None:
    feed = Feed(voice(20))
    feed.run(300)
    before_us = feed.playout.delay_us
    for _ in range(5):  # 50 ms that are never caught up with
        feed.put()
        feed.now_us += 10_000
    feed.run(400)
    assert feed.playout.delay_us <= before_us + 10_000
    assert feed.playout.counters.shortened_samples >= us_to_samples(40_000)
    assert feed.playout.counters.concealed_samples == 0


def test_loudspeaker_that_catches_up_changes_nothing() -> None:
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
    "make_sound",
    [partial(tone, 100), partial(tone, 440), chord, voice],
    ids=["100 Hz", "440 Hz", "chord", "voice"],
)
def test_drift_of_1000_ppm_is_followed(make_sound: MakeSound, drift_ppm: float) -> None:
    sound = make_sound(60)
    played = simulate(sound, at_once, drift_ppm=drift_ppm)
    assert played.playout.counters.underruns == 0
    assert max(played.delays_us[500:]) <= 40_000
    assert_no_click(played.samples, sound)


@pytest.mark.parametrize("drift_ppm", [-300, 300])
def test_drift_of_300_ppm_is_followed_for_twenty_minutes(drift_ppm: float) -> None:
    second, seconds = tone(440, 1), 1200
    played = simulate(
        second,
        evenly(0.002),
        rounds=seconds,
        packet_samples=960,
        drift_ppm=drift_ppm,
        keeps_blocks=False,
    )
    counters = played.playout.counters
    assert (counters.underruns, counters.dropped_samples) == (0, 0)
    assert max(played.delays_us[500:]) <= 30_000
    assert max(played.levels) <= us_to_samples(60_000)
    moved = counters.shortened_samples - counters.stretched_samples
    assert abs(moved - drift_ppm * 1e-6 * seconds * 48_000) <= us_to_samples(30_000)
    step, slope_change = roughness(second)
    assert played.meter.step <= CLICK_STEP * step
    assert played.meter.slope_change <= CLICK_SLOPE_CHANGE * slope_change + 2
    assert abs(played.meter.pitch_hz - 440) < 0.1
