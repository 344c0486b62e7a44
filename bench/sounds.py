"""Sounds for measurements, made of sines and noise. Pure: values only."""

import numpy as np

from media.sound.pcm import SAMPLE_RATE_HZ, Samples


def tone(hz: float, seconds: float, amplitude: float = 10_000) -> Samples:
    """Return a sine."""
    phase = np.arange(int(seconds * SAMPLE_RATE_HZ)) * (2 * np.pi * hz / SAMPLE_RATE_HZ)
    sound: Samples = np.rint(amplitude * np.sin(phase)).astype(np.int16)
    return sound


def chord(seconds: float) -> Samples:
    """Return a chord of three notes around middle C, with two overtones each."""
    parts = [
        tone(hz * overtone, seconds, 3_000 / overtone)
        for hz in (261.63, 329.63, 392.0)
        for overtone in (1, 2, 3)
    ]
    sound: Samples = np.sum(parts, axis=0, dtype=np.int16)
    return sound


def noise(seconds: float, seed: int = 5) -> Samples:
    """Return white noise."""
    rng = np.random.default_rng(seed)
    sound: Samples = np.rint(rng.normal(0, 3_000, int(seconds * SAMPLE_RATE_HZ))).astype(np.int16)
    return sound


def voice(seconds: float, seed: int = 6) -> Samples:
    """Return syllables of a gliding voice with a formant, with pauses between them."""
    rng = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE_HZ)
    at_s = np.arange(count) / SAMPLE_RATE_HZ
    pitch_hz = 120 + 25 * np.sin(2 * np.pi * 0.7 * at_s) + 8 * np.sin(2 * np.pi * 2.9 * at_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    voiced = np.zeros(count)
    for harmonic in range(1, 25):
        hz = 120 * harmonic
        weight = 1 / harmonic + 0.8 * np.exp(-(((hz - 700) / 200) ** 2))
        voiced += weight * np.sin(harmonic * phase + harmonic * harmonic)
    loudness = np.clip(1.5 * np.sin(2 * np.pi * 3.1 * at_s) + 0.7, 0, 1)
    loudness *= (np.sin(2 * np.pi * 0.23 * at_s) > -0.6).astype(float)
    smooth = np.convolve(loudness, np.hanning(480) / np.hanning(480).sum(), "same")
    hiss = rng.normal(0, 20, count)
    sound: Samples = np.rint(3_500 * smooth * voiced + hiss * smooth).astype(np.int16)
    return sound
