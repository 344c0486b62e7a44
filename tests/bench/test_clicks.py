"""bench/clicks.py: each click is found at its position, and no other."""

import numpy as np
import pytest

from bench import mouth_to_ear
from bench.clicks import (
    CLICK_EVERY_S,
    CLICK_SAMPLES,
    LATEST_US,
    click,
    click_likeness,
    clicks,
    delays_ms,
    find_click,
    find_played,
)
from bench.mouth_to_ear import LoopClock
from bench.sound_studio import Player, Recorder
from media.sound.device_buffer import BUFFER_SAMPLES
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, level_dbfs, samples_to_us, silence

START_US = 9_000_000
BUFFER_US = 5_000
PERIOD_SAMPLES = int(CLICK_EVERY_S * SAMPLE_RATE_HZ)


def noise(samples: int, dbfs: float, seed: int = 1) -> Samples:
    values = np.random.default_rng(seed).standard_normal(samples) * 32_768 * 10 ** (dbfs / 20)
    return np.rint(values).clip(-32_768, 32_767).astype(np.int16)


def with_clicks(samples: int, at: list[int], gain: float = 1.0) -> Samples:
    """Return silence with clicks that start at these positions."""
    sound = silence(samples)
    for first in at:
        sound[first : first + CLICK_SAMPLES] += (gain * click()).astype(np.int16)
    return sound


def recorded(sound: Samples, start_us: int = START_US) -> Recorder:
    """Return a recorder that has recorded a sound from a time on, buffer by buffer."""
    times = iter(range(start_us + BUFFER_US, start_us + samples_to_us(len(sound)), BUFFER_US))
    recorder = Recorder(lambda: next(times))
    for first in range(0, len(sound) - 2 * BUFFER_SAMPLES, BUFFER_SAMPLES):
        recorder.record(sound[first : first + BUFFER_SAMPLES].tobytes())
    return recorder


# Clicks.


def test_click_fades_in_and_out_and_is_loud() -> None:
    one = click()
    assert len(one) == CLICK_SAMPLES
    assert abs(int(one[0])) < 10
    assert abs(int(one[-1])) < 10
    assert 5_000 < np.abs(one.astype(int)).max() < 32_767
    assert level_dbfs(one) > -25


def test_autocorrelation_of_a_click_has_one_peak() -> None:
    likeness = click_likeness(with_clicks(9_600, [3_000]))
    assert int(likeness.argmax()) == 3_000
    likeness[2_950:3_050] = 0
    assert likeness.max() < 0.3 * click_likeness(with_clicks(9_600, [3_000])).max()


def test_clicks_come_at_regular_intervals_from_the_start() -> None:
    sound = clicks(2.0)
    assert len(sound) == 2 * SAMPLE_RATE_HZ
    assert find_played(sound) == [n * PERIOD_SAMPLES for n in range(4)]


# A click in other sound.


@pytest.mark.parametrize("gain", [1.0, 0.1, -0.5])
def test_click_is_found_at_any_level_and_sign(gain: float) -> None:
    likeness = click_likeness(with_clicks(48_000, [20_000], gain))
    assert find_click(likeness, 0, 48_000) == 20_000


def test_click_is_found_in_equally_loud_noise() -> None:
    sound = with_clicks(48_000, [20_000])
    sound += noise(48_000, level_dbfs(click()))
    assert find_click(click_likeness(sound), 0, 48_000) == pytest.approx(20_000, abs=2)


@pytest.mark.parametrize("sound", [silence(48_000), noise(48_000, -20.0), noise(48_000, -80.0)])
def test_sound_without_a_click_has_no_click(sound: Samples) -> None:
    assert find_click(click_likeness(sound), 0, 48_000) is None


def test_click_outside_of_the_part_is_not_found() -> None:
    likeness = click_likeness(with_clicks(48_000, [20_000]))
    # Sound beside a click resembles it a little.
    assert find_click(likeness, 20_000 + CLICK_SAMPLES, 48_000) is None
    assert find_click(likeness, 0, 20_000 - CLICK_SAMPLES) is None
    assert find_click(likeness, 19_900, 20_100) == 20_000


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(-5_000, 3_000, 2_000), (-5_000, -10, None), (60_000, 70_000, None), (30_000, 30_000, None)],
)
def test_part_outside_of_the_sound_has_no_click(first: int, last: int, found: int | None) -> None:
    likeness = click_likeness(with_clicks(48_000, [2_000]))
    assert find_click(likeness, first, last) == found


def test_each_played_click_is_found_once() -> None:
    positions = [100, 20_000, 22_000, 40_000]
    assert find_played(with_clicks(48_000, positions)) == positions


@pytest.mark.parametrize("samples", [0, 4_800])
def test_silence_has_no_played_clicks(samples: int) -> None:
    assert find_played(silence(samples)) == []


# Delays between two recorders.


@pytest.mark.parametrize("offset_us", [-2_000_000, 0, 30_000])
@pytest.mark.parametrize("delay_ms", [5.0, 87.5, 430.0])
def test_delay_does_not_depend_on_which_recorder_started_first(
    offset_us: int, delay_ms: float
) -> None:
    spoken = with_clicks(120_000, [10_000, 34_000, 58_000])
    start_us = START_US + offset_us
    offset = round((delay_ms * 1000 - offset_us) * 48 / 1000)
    positions = [10_000 + offset, 34_000 + offset, 58_000 + offset]
    heard = with_clicks(240_000, positions, 0.4)
    delays, lost = delays_ms(recorded(spoken), recorded(heard, start_us))
    assert delays == pytest.approx([delay_ms] * 3, abs=0.05)
    assert lost == 0


def test_each_click_has_its_own_delay() -> None:
    spoken = with_clicks(120_000, [10_000, 34_000, 58_000])
    heard = with_clicks(120_000, [10_000 + 4_800, 34_000 + 9_600, 58_000 + 7_200])
    delays, _ = delays_ms(recorded(spoken), recorded(heard))
    assert delays == pytest.approx([100, 200, 150], abs=0.05)


def test_unheard_click_is_lost() -> None:
    spoken = with_clicks(120_000, [10_000, 34_000, 58_000])
    heard = with_clicks(120_000, [10_000 + 4_800, 58_000 + 4_800])
    delays, lost = delays_ms(recorded(spoken), recorded(heard))
    assert delays == pytest.approx([100, 100], abs=0.05)
    assert lost == 1


def test_click_heard_too_late_is_lost() -> None:
    spoken = with_clicks(120_000, [10_000])
    late = 10_000 + LATEST_US * 48 // 1000
    too_late = with_clicks(120_000, [late + CLICK_SAMPLES])
    assert delays_ms(recorded(spoken), recorded(too_late)) == ([], 1)
    in_time = with_clicks(120_000, [late - 100])
    assert delays_ms(recorded(spoken), recorded(in_time))[1] == 0


def test_click_heard_before_it_was_played_is_lost() -> None:
    spoken = with_clicks(120_000, [30_000])
    heard = with_clicks(120_000, [30_000 - 2_000])
    assert delays_ms(recorded(spoken), recorded(heard)) == ([], 1)


def test_no_click_is_lost_if_none_was_played() -> None:
    assert delays_ms(recorded(silence(48_000)), recorded(clicks(1.0))) == ([], 0)


@pytest.mark.parametrize("share_us", [12_000, 20_000])
def test_devices_share_is_the_delay_from_playing_to_recording(
    monkeypatch: pytest.MonkeyPatch, share_us: int
) -> None:
    """Sound is recorded some buffers after it was played, on the same clock."""
    wall_us = START_US
    monkeypatch.setattr(mouth_to_ear, "now_us", lambda: wall_us)
    recorder = Recorder(lambda: wall_us + share_us)
    loop = LoopClock()
    for number in range(420):
        if number == 100:
            loop.start()
        recorder.record(loop.play(BUFFER_SAMPLES))
        wall_us += BUFFER_US
    assert loop.share_ms(recorder) == pytest.approx(share_us / 1000, abs=0.05)


def test_player_plays_all_clicks() -> None:
    player = Player()
    player.start(clicks(2.0))
    played = b"".join(player.play(BUFFER_SAMPLES) for _ in range(500))
    assert len(find_played(np.frombuffer(played, np.int16))) == 4
