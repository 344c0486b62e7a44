"""Reproducible speech, rooms for it, and its intelligibility. No network, no clock.

espeak-ng speaks: the same version gives the same sound on every run and machine. Used by benchmarks
and tests.
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.children import BenchError
from media.sound.pcm import FULL_SCALE, SAMPLE_RATE_HZ, Samples, level_dbfs, us_to_samples
from media.sound.wav import read_wav

VOICES = ("en-us", "en-gb+f3", "de+m3", "en-us+f5", "fr+m7", "en-gb-scotland+f2")
"""Men and women alternate."""

SENTENCES = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls. The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck. Four hours of steady work faced us.",
    "A large size in stockings is hard to sell. The boy was there when the sun rose.",
    "A rod is used to catch pink salmon. The source of the huge river is the clear spring.",
    "Kick the ball straight and follow through. Help the woman get back to her feet.",
)
"""The first Harvard sentences (IEEE, 1969), in which the sounds of English are balanced."""

PAUSE_US = 400_000
MAX_LAG_US = 1_000_000
ESPEAK_S = 60.0

Impulse = NDArray[np.float32]
"""An impulse response at 48 kHz: a room's output for one sample of value 1."""


def speak(folder: Path, seconds: float, voice: str = VOICES[0], first: int = 0) -> Samples:
    """Return speech at -26 dBFS. Each sentence is synthesized once per folder.

    Args:
        first: the first sentence, so that two voices at a time can say different words.
    Raises:
        BenchError: espeak-ng is missing or failed.
    """
    wanted = round(seconds * SAMPLE_RATE_HZ)
    parts: list[Samples] = []
    while sum(map(len, parts)) < wanted:
        sentence = (first + len(parts) // 2) % len(SENTENCES)
        parts += [
            _speak_sentence(folder, voice, sentence),
            np.zeros(us_to_samples(PAUSE_US), np.int16),
        ]
    return at_level(np.concatenate(parts)[:wanted], -26.0)


def _speak_sentence(folder: Path, voice: str, sentence: int) -> Samples:
    path = folder / f"{voice.replace('+', '-')}-{sentence}.wav"
    if not path.exists():
        if shutil.which("espeak-ng") is None:
            raise BenchError("espeak-ng is missing: run make setup-test")
        words = ["espeak-ng", "-v", voice, "-w", f"{path}.part", SENTENCES[sentence]]
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=ESPEAK_S)
        except (subprocess.SubprocessError, OSError) as error:
            raise BenchError(f"espeak-ng does not speak as {voice}") from error
        Path(f"{path}.part").replace(path)
    return read_wav(path)


def at_level(samples: Samples, dbfs: float) -> Samples:
    """Return the samples with a gain that gives them a level, measured over their whole length."""
    return mix(samples, gain_db=dbfs - level_dbfs(samples))


def mix(*parts: Samples | NDArray[np.float32], gain_db: float = 0.0) -> Samples:
    """Return the sum of the parts, with a gain, clipped to full scale."""
    total = np.zeros(max(map(len, parts)), np.float64)
    for part in parts:
        total[: len(part)] += part
    total *= 10 ** (gain_db / 20)
    return np.rint(total).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def room(*, delay_us: int, gain_db: float, length_us: int = 60_000, seed: int = 1) -> Impulse:
    """Return the echo path from a loudspeaker to a microphone: a delay, then a decaying echo.

    Args:
        gain_db: the gain of white noise on the path; negative attenuates.
        length_us: the time in which the echo decays by 60 dB.
    """
    length = us_to_samples(length_us)
    tail = np.random.default_rng(seed).standard_normal(length)
    tail *= 10 ** (-3 * np.arange(length) / length)
    # The direct sound is stronger than the reflections.
    tail[0] = 3.0
    tail *= 10 ** (gain_db / 20) / np.sqrt(np.sum(tail**2))
    return np.concatenate([np.zeros(us_to_samples(delay_us)), tail]).astype(np.float32)


def through(impulse: Impulse, samples: Samples) -> NDArray[np.float32]:
    """Return the samples after an echo path, at their own length."""
    size = 1 << (len(samples) + len(impulse)).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(impulse, size)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def with_drift(samples: NDArray[np.float32], ppm: float) -> NDArray[np.float32]:
    """Return the samples as recorded by a card whose clock is slower by `ppm`."""
    positions = np.arange(len(samples)) * (1 + ppm * 1e-6)
    drifted: NDArray[np.float64] = np.interp(positions, np.arange(len(samples)), samples)
    return drifted.astype(np.float32)


def noise(seconds: float, dbfs: float, seed: int = 1) -> Samples:
    """Return white noise."""
    scale = FULL_SCALE * 10 ** (dbfs / 20)
    values = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE_HZ)) * scale
    return np.rint(values).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def lag_samples(reference: Samples, processed: Samples, max_lag_us: int = MAX_LAG_US) -> int:
    """Return how many samples the second sound is later than the first; negative if earlier.

    It is the lag, within the limit, at which they correlate best.
    """
    size = 1 << (len(reference) + len(processed)).bit_length()
    spectrum = np.fft.rfft(processed, size) * np.conj(np.fft.rfft(reference, size))
    correlation = np.fft.irfft(spectrum, size)
    most = min(us_to_samples(max_lag_us), size // 2 - 1)
    around = np.concatenate([correlation[-most:], correlation[: most + 1]])
    return int(np.argmax(around)) - most


def align(
    reference: Samples, processed: Samples, max_lag_us: int = MAX_LAG_US
) -> tuple[Samples, Samples]:
    """Return the overlap of both sounds, shifted by their lag."""
    lag = lag_samples(reference, processed, max_lag_us)
    reference, processed = reference[max(0, -lag) :], processed[max(0, lag) :]
    length = min(len(reference), len(processed))
    return reference[:length], processed[:length]


def stoi(reference: Samples, processed: Samples, max_lag_us: int = MAX_LAG_US) -> float:
    """Return the short-time objective intelligibility (STOI) of processed speech, up to 1.

    Both are aligned first. Source: Taal and others, IEEE Trans. ASLP 19(7), 2011.

    Raises:
        BenchError: less than half a second of speech is common to both.
    """
    from pystoi import stoi as stoi_of  # with SciPy it takes seconds to import

    reference, processed = align(reference, processed, max_lag_us)
    if len(reference) < SAMPLE_RATE_HZ // 2:
        raise BenchError("there is too little common speech to compare")
    return float(stoi_of(reference / FULL_SCALE, processed / FULL_SCALE, SAMPLE_RATE_HZ))


def stoi_in_parts(reference: Samples, processed: Samples, part_s: float = 5.0) -> float:
    """Return the mean of `stoi` over parts, each aligned by itself.

    For sound whose delay changes a little, as in a jitter buffer, which does not affect
    intelligibility.
    """
    part = int(part_s * SAMPLE_RATE_HZ)
    scores = [
        stoi(reference[start : start + part], processed[start : start + part + SAMPLE_RATE_HZ])
        for start in range(0, len(reference) - part + 1, part)
    ]
    return sum(scores) / len(scores)
