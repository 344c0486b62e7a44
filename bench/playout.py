"""The jitter buffer in simulated networks: delay, concealed sound and smoothness.

    python bench/playout.py

Step and slope are the largest first and second difference of neighbouring samples, relative to
those of the sound sent: 1.00 is as smooth as without a network.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.playout_simulation import (
    Lateness,
    Played,
    at_once,
    evenly,
    exponentially,
    roughness,
    simulate,
    stall,
    wifi,
)
from bench.sounds import chord, noise, tone, voice
from media.sound.pcm import Samples


def networks() -> dict[str, Callable[[], Lateness]]:
    """Return a function for each network of the tables, by name, that returns a new trace."""
    return {
        "at once": lambda: at_once,
        "0 to 4 ms": lambda: evenly(0.004),
        "exponential, mean 6, most 45 ms": lambda: exponentially(0.006, 0.045),
        "Wi-Fi": wifi,
        "stall of 200 ms": lambda: stall(10.0, 0.2),
        "stall of 1 s": lambda: stall(10.0, 1.0),
        "stall of 5 s": lambda: stall(10.0, 5.0),
    }


def row(name: str, played: Played, clean: Samples) -> list[str]:
    """Return one row of a table."""
    counters = played.playout.counters
    settled = np.array(played.delays_us[300:]) / 1000
    waits = np.array(played.waits_us[300:]) / 1000
    clean_step, clean_slope_change = roughness(clean)
    return [
        name,
        f"{np.median(settled):.0f} / {settled.max():.0f}",
        f"{np.median(waits):.0f}",
        f"{counters.underruns}",
        f"{counters.concealed_samples / 48:.0f}",
        f"{counters.stretched_samples / 48:.0f}",
        f"{counters.shortened_samples / 48:.0f}",
        f"{counters.dropped_samples / 48:.0f}",
        f"{played.meter.step / clean_step:.2f} / "
        f"{played.meter.slope_change / clean_slope_change:.2f}",
        f"{played.meter.pitch_hz:.2f}",
        f"{played.take_us:.0f}",
    ]


HEADINGS = [
    "delay ms median / most",
    "capture to take ms",
    "underruns",
    "concealed ms",
    "stretched ms",
    "shortened ms",
    "dropped ms",
    "step / slope",
    "pitch Hz",
    "take µs",
]


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    sound = voice(60)
    _print(
        "network and packet",
        (
            (
                f"{name}, {packet // 48} ms",
                simulate(sound, new_trace(), packet_samples=packet),
                sound,
            )
            for name, new_trace in networks().items()
            for packet in (480, 960, 2880)
        ),
    )
    sounds = {
        "sine 100 Hz": tone(100, 60),
        "sine 440 Hz": tone(440, 60),
        "sine 3 kHz": tone(3000, 60),
        "chord": chord(60),
        "white noise": noise(60),
    }
    _print("Wi-Fi", ((name, simulate(sound, wifi()), sound) for name, sound in sounds.items()))
    _print(
        "1000 ppm",
        ((name, simulate(sound, at_once, drift_ppm=1000), sound) for name, sound in sounds.items()),
    )
    second = tone(440, 1)
    _print(
        "an hour of 440 Hz",
        ((f"{ppm:+} ppm", _hour(second, ppm), second) for ppm in (-1000, -300, 300, 1000)),
    )


def _hour(second: Samples, drift_ppm: float) -> Played:
    return simulate(second, evenly(0.002), rounds=3600, drift_ppm=drift_ppm, keeps_blocks=False)


def _print(title: str, runs: Iterable[tuple[str, Played, Samples]]) -> None:
    lines = Table(title, *HEADINGS)
    for name, played, clean in runs:
        lines.add_row(*row(name, played, clean))
    Console(width=150).print(lines)


if __name__ == "__main__":
    main()
