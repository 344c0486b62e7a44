"""Each kind of sound server as parameters of a test, and the sound that passes a device."""

from collections.abc import Sequence

import numpy as np
import pytest

from bench.sound_daemons import all_daemons, why_no_server
from media.sound.pcm import SAMPLE_RATE_HZ, Samples

TONE_AMPLITUDE = 8_000.0
WINDOW_SAMPLES = 480


def sound_servers(
    names: Sequence[str] = ("pulseaudio", "pipewire-pulse", "pipewire-alsa"),
    *,
    failing: dict[str, str] | None = None,
) -> list[object]:
    """Return parameters for `daemons`: kinds of server. A missing program skips its tests.

    Args:
        failing: reasons for those with which the test cannot pass and is not run.
    """
    parameters: list[object] = []
    for name in names:
        daemons = all_daemons()[name]
        why = why_no_server(daemons)
        marks = [pytest.mark.skipif(why is not None, reason=str(why))]
        if failing is not None and name in failing:
            marks.append(pytest.mark.xfail(run=False, reason=failing[name]))
        parameters.append(pytest.param(daemons, id=name, marks=marks))
    return parameters


def tone(hz: float, seconds: float) -> Samples:
    """Return a steady tone."""
    at = np.arange(round(seconds * SAMPLE_RATE_HZ))
    return np.rint(TONE_AMPLITUDE * np.sin(2 * np.pi * hz * at / SAMPLE_RATE_HZ)).astype(np.int16)


def find_fault(
    sound: Samples, hz: float, least_s: float, *, keeps_level: bool = True
) -> str | None:
    """Return what is wrong with a tone that passed a device; None if pitch and level are kept.

    The tone must last for a time without a gap; its first and last 50 ms do not count.
    """
    loud = np.flatnonzero(np.abs(sound.astype(int)) > TONE_AMPLITUDE / 4)
    if not len(loud):
        return "nothing was heard"
    edge = SAMPLE_RATE_HZ // 20
    steady = sound[loud[0] + edge : loud[-1] - edge].astype(np.float64)
    if len(steady) < least_s * SAMPLE_RATE_HZ:
        return f"only {len(steady) / SAMPLE_RATE_HZ:.2f} s were heard"
    at = 2 * np.pi * hz * np.arange(len(steady)) / SAMPLE_RATE_HZ
    # Turned back by its own frequency, a tone stands still. A wrong pitch turns, and a gap jumps.
    turned = steady * np.exp(-1j * at)
    windows = turned[: len(turned) // WINDOW_SAMPLES * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    vectors = 2 * windows.mean(axis=1)
    levels = np.abs(vectors) / TONE_AMPLITUDE
    middle = float(np.median(levels))
    if not (0.9 < middle < 1.1 if keeps_level else 0.3 < middle < 3):
        return f"its level is {middle:.2f} times the level given"
    if levels.min() < 0.8 * middle:
        return f"a gap in which the level falls to {levels.min():.2f}"
    turns = np.unwrap(np.angle(vectors))
    drift_hz = (turns[-1] - turns[0]) / (2 * np.pi) / (len(steady) / SAMPLE_RATE_HZ)
    if abs(drift_hz) > 0.5:
        return f"its pitch is off by {drift_hz:.2f} Hz"
    if np.abs(np.diff(turns)).max() > 0.3:
        return "a jump within the tone"
    return None
