"""Clicks to time sound by: short chirps, each like itself at one place only. Pure: values only."""

import numpy as np
from numpy.typing import NDArray

from bench.sound_studio import Recorder
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, us_to_samples

CLICK_S = 0.02
CLICK_EVERY_S = 0.5
CLICK_SAMPLES = int(CLICK_S * SAMPLE_RATE_HZ)
LATEST_US = 450_000
"""A click that is not heard by then is lost."""
CLICK_STANDS_OUT = 12.0
"""Times the median of what is around it."""


def click() -> Samples:
    """A short chirp, from 500 Hz to 4 kHz: it is like itself at one place only."""
    at = np.arange(int(CLICK_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = np.sin(2 * np.pi * (500 * at + (4_000 - 500) / CLICK_S / 2 * at**2))
    return np.rint(9_000 * wave * np.hanning(len(at))).astype(np.int16)


def clicks(seconds: float) -> Samples:
    """Clicks in even distances."""
    one = click()
    gap = int(CLICK_EVERY_S * SAMPLE_RATE_HZ) - len(one)
    period = np.concatenate([one, np.zeros(gap, np.int16)])
    return np.tile(period, int(seconds / CLICK_EVERY_S))


def click_likeness(sound: Samples) -> NDArray[np.float64]:
    """Return how much each place of a sound is like the beginning of a click. Pure."""
    one = click().astype(np.float64)
    size = 1 << (len(sound) + len(one)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(one, size))
    return np.abs(np.fft.irfft(spectrum, size)[: len(sound)])


def find_click(likeness: NDArray[np.float64], first: int, last: int) -> int | None:
    """Return where in a part of a sound a click begins, or None where none stands out. Pure."""
    part = likeness[max(0, first) : max(0, last)]
    if not len(part):
        return None
    at = int(part.argmax())
    stands_out = part[at] > CLICK_STANDS_OUT * max(1.0, float(np.median(part)))
    return max(0, first) + at if stands_out else None


def find_played(sound: Samples) -> list[int]:
    """Return where the clicks of a sound begin that has nothing else in it. Pure."""
    likeness = click_likeness(sound)
    is_click = likeness > 0.5 * float(likeness.max(initial=1.0))
    found: list[int] = []
    for at in np.flatnonzero(is_click):
        if not found or at - found[-1] > CLICK_SAMPLES:
            around = likeness[at : at + CLICK_SAMPLES]
            found.append(int(at + around.argmax()))
    return found


def delays_ms(said: Recorder, heard: Recorder) -> tuple[list[float], int]:
    """Return how long each click took from the one to the other, and how many were lost."""
    likeness = click_likeness(heard.sound())
    start_us = heard.time_us(0)
    delays, lost = [], 0
    for at in find_played(said.sound()):
        said_us = said.time_us(at)
        first = us_to_samples(said_us - start_us)
        found = find_click(likeness, first, first + us_to_samples(LATEST_US))
        if found is None:
            lost += 1
        else:
            delays.append((heard.time_us(found) - said_us) / 1000)
    return delays, lost
