"""Clicks for timing sound: short chirps with a sharp autocorrelation peak. Pure: values only."""

import numpy as np
from numpy.typing import NDArray

from bench.sound_studio import Recorder
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, us_to_samples

CLICK_S = 0.02
CLICK_EVERY_S = 0.5
CLICK_SAMPLES = int(CLICK_S * SAMPLE_RATE_HZ)
LATEST_US = 450_000
"""A click not heard within this time is lost."""
MIN_PROMINENCE = 12.0
"""The peak of a click, relative to the median around it."""


def click() -> Samples:
    """Return a short chirp from 500 Hz to 4 kHz, whose autocorrelation has one sharp peak."""
    at = np.arange(int(CLICK_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = np.sin(2 * np.pi * (500 * at + (4_000 - 500) / CLICK_S / 2 * at**2))
    return np.rint(9_000 * wave * np.hanning(len(at))).astype(np.int16)


def clicks(seconds: float) -> Samples:
    """Return clicks at regular intervals."""
    one = click()
    gap = int(CLICK_EVERY_S * SAMPLE_RATE_HZ) - len(one)
    period = np.concatenate([one, np.zeros(gap, np.int16)])
    return np.tile(period, int(seconds / CLICK_EVERY_S))


def click_likeness(sound: Samples) -> NDArray[np.float64]:
    """Return for each position of a sound its likeness to the start of a click."""
    one = click().astype(np.float64)
    size = 1 << (len(sound) + len(one)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(one, size))
    return np.abs(np.fft.irfft(spectrum, size)[: len(sound)])


def find_click(likeness: NDArray[np.float64], first: int, last: int) -> int | None:
    """Return where a click starts in a part of a sound, or None without a prominent one."""
    part = likeness[max(0, first) : max(0, last)]
    if not len(part):
        return None
    at = int(part.argmax())
    is_prominent = part[at] > MIN_PROMINENCE * max(1.0, float(np.median(part)))
    return max(0, first) + at if is_prominent else None


def find_played(sound: Samples) -> list[int]:
    """Return where the clicks start in a sound that contains nothing else."""
    likeness = click_likeness(sound)
    is_click = likeness > 0.5 * float(likeness.max(initial=1.0))
    found: list[int] = []
    for at in np.flatnonzero(is_click):
        if not found or at - found[-1] > CLICK_SAMPLES:
            around = likeness[at : at + CLICK_SAMPLES]
            found.append(int(at + around.argmax()))
    return found


def delays_ms(spoken: Recorder, heard: Recorder) -> tuple[list[float], int]:
    """Return the delay of each click between the recorders, and the number of lost clicks."""
    likeness = click_likeness(heard.sound())
    start_us = heard.time_us(0)
    delays, lost = [], 0
    for at in find_played(spoken.sound()):
        spoken_us = spoken.time_us(at)
        first = us_to_samples(spoken_us - start_us)
        found = find_click(likeness, first, first + us_to_samples(LATEST_US))
        if found is None:
            lost += 1
        else:
            delays.append((heard.time_us(found) - spoken_us) / 1000)
    return delays, lost
