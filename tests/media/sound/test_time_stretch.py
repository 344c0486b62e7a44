"""media/sound/time_stretch.py: splices are inaudible, and their number is bounded."""

import numpy as np
import pytest

from bench.playout_simulation import roughness
from bench.sounds import chord, noise, tone, voice
from media.sound.pcm import BLOCK_SAMPLES, Samples, silence, us_to_samples
from media.sound.sample_buffer import SampleBuffer
from media.sound.time_stretch import TimeStretch, shorten, stretch


def played(sound: Samples, excess: int, *, blocks: int) -> Samples:
    """Play from a buffer of 100 ms that is always above or below its target by `excess`."""
    buffer, time_stretch = SampleBuffer(), TimeStretch()
    at = 4800
    buffer.append(sound[:at])
    out: list[Samples] = []
    for _ in range(blocks):
        if (
            not BLOCK_SAMPLES <= buffer.level < 40_000
        ):  # pauses of a voice can move the level this far
            break
        # Fill the history first: the silence before the sound is no part of it.
        time_stretch.step(buffer, excess if len(out) >= 5 else 0)
        out.append(buffer.take(BLOCK_SAMPLES))
        while buffer.level < 4800 and at < len(sound):
            buffer.append(sound[at : at + 480])
            at += 480
    return np.concatenate(out)


def moved(sound: Samples, excess: int, blocks: int) -> int:
    buffer, time_stretch = SampleBuffer(), TimeStretch()
    buffer.append(sound[:20_000])
    left = excess
    for _ in range(blocks):
        left += time_stretch.step(buffer, left)
        buffer.take(BLOCK_SAMPLES)
        buffer.append(sound[20_000:20_480])
        sound = sound[480:]
    return left - excess


def test_small_deviation_is_left_alone() -> None:
    sound = voice(2)
    assert np.array_equal(played(sound, 40, blocks=100), sound[:48_000])
    assert np.array_equal(played(sound, us_to_samples(9_900), blocks=100), sound[:48_000])
    assert np.array_equal(played(sound, -40, blocks=100), sound[:48_000])


@pytest.mark.parametrize("excess", [6000, 1500, 500, -100, -2000])
@pytest.mark.parametrize(
    "sound",
    [tone(101.3, 6), tone(443.7, 6), tone(2517, 6), chord(6), voice(6)],
    ids=["100 Hz", "440 Hz", "2.5 kHz", "chord", "voice"],
)
def test_splices_do_not_click(sound: Samples, excess: int) -> None:
    out = played(sound, excess, blocks=300)
    assert not np.array_equal(out, sound[: len(out)])
    step, bend = roughness(sound)
    assert roughness(out)[0] <= 1.1 * step
    assert roughness(out)[1] <= 1.4 * bend + 2


@pytest.mark.parametrize("excess", [6000, -2000])
def test_pitch_does_not_change(excess: int) -> None:
    out = played(tone(440, 6), excess, blocks=300)[:96_000].astype(float)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(96_000)))
    assert abs(int(spectrum.argmax()) / 2 - 440) <= 1


def test_excess_of_150_ms_is_gone_within_a_second_and_a_half() -> None:
    assert moved(voice(8), 7200, blocks=150) <= -(7200 - 960)


def test_urgent_sound_plays_a_quarter_faster_at_most() -> None:
    sound = tone(440, 6)
    gone = -moved(sound, 100_000, blocks=200)
    assert 0.15 <= gone / (200 * BLOCK_SAMPLES) <= 0.30


def test_silence_is_cut_at_once() -> None:
    assert moved(silence(50_000), 7200, blocks=1) == -7200


def test_shortening_continues_down_to_the_target() -> None:
    assert moved(voice(8), us_to_samples(12_000), blocks=700) <= -us_to_samples(9_000)


def test_silence_is_stretched_at_once() -> None:
    assert moved(silence(50_000), -1000, blocks=1) == 1000


def test_faint_room_noise_after_a_voice_counts_as_silence() -> None:
    sound = noise(2)
    sound[9600:] //= 60
    assert moved(sound, 4000, blocks=30) == -4000


def test_steady_faint_noise_is_not_silence() -> None:
    sound = noise(2) // 20
    assert -moved(sound, 2000, blocks=20) < 1000


def test_noise_is_shortened_eventually() -> None:
    assert moved(noise(12), 1200, blocks=900) < 0


def test_shortening_never_goes_below_the_target() -> None:
    for excess in (300, 500, 777, 1200, 5000):
        assert moved(tone(200, 8), excess, blocks=400) >= -excess


def test_pause_keeps_a_small_excess_for_a_second() -> None:
    buffer, time_stretch = SampleBuffer(), TimeStretch()
    buffer.append(silence(60_000))
    time_stretch.pause_shortening()
    steps = []
    for _ in range(101):
        steps.append(time_stretch.step(buffer, 1200))
        buffer.take(BLOCK_SAMPLES)
    assert not any(steps[:99])
    assert any(steps)


def test_splice_moves_exactly_its_samples() -> None:
    buffer = SampleBuffer()
    buffer.append(tone(100, 0.2))
    buffer.take(2400)
    shorten(buffer, 480)
    assert buffer.level == 9600 - 2400 - 480
    stretch(buffer, 720)
    assert buffer.level == 9600 - 2400 - 480 + 720
