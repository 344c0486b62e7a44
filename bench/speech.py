"""Speech that everybody can make again, rooms for it, and how well it is understood afterwards.

espeak-ng speaks; it is the same on each run and each machine with the same version. Used by the
benches and by tests; knows no network and no clock.
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pystoi import stoi as _stoi

from bench.children import BenchError
from media.sound.pcm import FULL_SCALE, SAMPLE_RATE_HZ, Samples, level_dbfs, us_to_samples
from media.sound.wav import read_wav

VOICES = ("en-us", "en-gb+f3", "de+m3", "en-us+f5", "fr+m7", "en-gb-scotland+f2")
"""Men and women by turns; the same words in each, so that only the voice differs."""

SENTENCES = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls. The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck. Four hours of steady work faced us.",
    "A large size in stockings is hard to sell. The boy was there when the sun rose.",
    "A rod is used to catch pink salmon. The source of the huge river is the clear spring.",
    "Kick the ball straight and follow through. Help the woman get back to her feet.",
)
"""The first Harvard sentences (IEEE, 1969): they have the sounds of English in proportion."""

PAUSE_US = 400_000
MAX_LAG_US = 1_000_000
ESPEAK_S = 60.0

Impulse = NDArray[np.float32]
"""What a room makes of one sample of value 1, at 48 kHz."""


def speak(folder: Path, seconds: float, voice: str = VOICES[0], first: int = 0) -> Samples:
    """Return that much speech at -26 dBFS, made once for each folder.

    Args:
        first: the sentence to begin with, so that two who speak at once do not say the same.
    Raises:
        BenchError: espeak-ng is missing or failed.
    """
    wanted = round(seconds * SAMPLE_RATE_HZ)
    parts: list[Samples] = []
    while sum(map(len, parts)) < wanted:
        sentence = (first + len(parts) // 2) % len(SENTENCES)
        parts += [_say(folder, voice, sentence), np.zeros(us_to_samples(PAUSE_US), np.int16)]
    return at_level(np.concatenate(parts)[:wanted], -26.0)


def _say(folder: Path, voice: str, sentence: int) -> Samples:
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
    """Return the samples, louder or softer, so that their level as a whole is the wanted one."""
    return mix(samples, gain_db=dbfs - level_dbfs(samples))


def mix(*parts: Samples | NDArray[np.float32], gain_db: float = 0.0) -> Samples:
    """Return the sum, as long as the longest, with a gain; what is too loud is cut off."""
    total = np.zeros(max(map(len, parts)), np.float64)
    for part in parts:
        total[: len(part)] += part
    total *= 10 ** (gain_db / 20)
    return np.rint(total).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def room(*, delay_us: int, gain_db: float, length_us: int = 60_000, seed: int = 1) -> Impulse:
    """Return the way from a loudspeaker to a microphone: after the delay, an echo that dies away.

    Args:
        gain_db: by how much white noise becomes louder on that way; below 0, softer.
        length_us: after so long the echo is 60 dB down.
    """
    length = us_to_samples(length_us)
    tail = np.random.default_rng(seed).standard_normal(length)
    tail *= 10 ** (-3 * np.arange(length) / length)
    # What comes straight stands out from what the walls give back.
    tail[0] = 3.0
    tail *= 10 ** (gain_db / 20) / np.sqrt(np.sum(tail**2))
    return np.concatenate([np.zeros(us_to_samples(delay_us)), tail]).astype(np.float32)


def through(impulse: Impulse, samples: Samples) -> NDArray[np.float32]:
    """Return what a room makes of the samples, as long as they are."""
    size = 1 << (len(samples) + len(impulse)).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(impulse, size)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def with_drift(samples: NDArray[np.float32], ppm: float) -> NDArray[np.float32]:
    """Return the same as a card records it whose clock is slower by so many millionths."""
    places = np.arange(len(samples)) * (1 + ppm * 1e-6)
    drifted: NDArray[np.float64] = np.interp(places, np.arange(len(samples)), samples)
    return drifted.astype(np.float32)


def noise(seconds: float, dbfs: float, seed: int = 1) -> Samples:
    """Return white noise."""
    scale = FULL_SCALE * 10 ** (dbfs / 20)
    values = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE_HZ)) * scale
    return np.rint(values).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def lag_samples(reference: Samples, processed: Samples, max_lag_us: int = MAX_LAG_US) -> int:
    """Return by how much the second is later than the first; below 0, earlier.

    Of all lags within the bound the one at which they correlate best.
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
    """Return what both have in common, shifted so that they agree best."""
    lag = lag_samples(reference, processed, max_lag_us)
    reference, processed = reference[max(0, -lag) :], processed[max(0, lag) :]
    length = min(len(reference), len(processed))
    return reference[:length], processed[:length]


def stoi(reference: Samples, processed: Samples, max_lag_us: int = MAX_LAG_US) -> float:
    """Return how much of it is understood, up to 1: the short-time objective intelligibility.

    Both are aligned first. Source: Taal and others, IEEE Trans. ASLP 19(7), 2011.

    Raises:
        BenchError: less than half a second of speech is common to both.
    """
    reference, processed = align(reference, processed, max_lag_us)
    if len(reference) < SAMPLE_RATE_HZ // 2:
        raise BenchError("there is too little speech in common to be compared")
    return float(_stoi(reference / FULL_SCALE, processed / FULL_SCALE, SAMPLE_RATE_HZ))


def stoi_in_parts(reference: Samples, processed: Samples, part_s: float = 5.0) -> float:
    """Return the mean of `stoi` over parts, each aligned by itself.

    For sound whose delay changes a little under way, as a jitter buffer's does: what is understood
    does not depend on it.
    """
    part = int(part_s * SAMPLE_RATE_HZ)
    scores = [
        stoi(reference[start : start + part], processed[start : start + part + SAMPLE_RATE_HZ])
        for start in range(0, len(reference) - part + 1, part)
    ]
    return sum(scores) / len(scores)
