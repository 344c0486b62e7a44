"""Voice processing on echo, speech and noise in simulated rooms, as tables.

    python bench/echo.py [--only NAME...] [--seconds N]

No device: the same code processes the same blocks of 10 ms as in a call, with the bursts of two
cards and a late thread. espeak-ng speaks. Return loss is the level before processing above the
level after it; STOI is the intelligibility of speech, up to 1.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.outcome import Outcome
from bench.speech import (
    VOICES,
    at_level,
    mix,
    noise,
    room,
    speak,
    stoi,
    through,
    with_drift,
)
from media.sound.codec import open_decoder, open_encoder
from media.sound.far_end import FarEnd
from media.sound.pcm import (
    BLOCK_SAMPLES,
    SAMPLE_RATE_HZ,
    Samples,
    level_dbfs,
    silence,
    us_to_samples,
)
from media.sound.voice_processing import VoiceProcessor

SECONDS = 16.0
TALK_S = 8.0
"""When near speech begins, after the echo was learnt."""
SETTLED_S = 5.0
ABOVE_ECHO_DB = 10.0
ROOM_NOISE_DBFS = -75.0
BITRATE_BPS = 32_000
BURST_BLOCKS = 3
STALL_BLOCKS = 10
STALL_EVERY_BLOCKS = 200


class Room(msgspec.Struct, frozen=True):
    """A room, and its echo path."""

    name: str
    delay_ms: int
    length_ms: int
    gain_db: float = -6.0
    drift_ppm: float = 0.0


ROOMS = (
    Room("5 ms", 5, 60),
    Room("40 ms", 40, 60),
    Room("120 ms", 120, 60),
    Room("120 ms, short", 120, 15),
    Room("250 ms, long", 250, 150),
    Room("120 ms, soft", 120, 60, gain_db=-20.0),
    Room("120 ms, +100 ppm", 120, 60, drift_ppm=100.0),
    Room("120 ms, -300 ppm", 120, 60, drift_ppm=-300.0),
)
LEVELS_DBFS = (-50.0, -40.0, -30.0, -20.0, -10.0, -6.0)
NOISES_DBFS = (-60.0, -46.0, -36.0)


def clean(near: Samples, far: Samples | None = None) -> Samples:
    """Return the microphone's sound after all voice processing, block by block."""
    processor = VoiceProcessor(echo_cancellation=True, noise_suppression=True, gain_control=True)
    far = np.zeros_like(near) if far is None else far
    return in_blocks(processor.process, near, far)


def in_blocks(process: Callable[..., Samples], *signals: Samples) -> Samples:
    """Return the joined results of a function for each block of the signals."""
    count = min(map(len, signals)) // BLOCK_SAMPLES
    starts = range(0, count * BLOCK_SAMPLES, BLOCK_SAMPLES)
    return np.concatenate(
        [process(*(s[at : at + BLOCK_SAMPLES] for s in signals)) for at in starts]
    )


def in_bursts(near: Samples, far: Samples) -> Samples:
    """Return the far end as the microphone thread gets it with two cards.

    Both cards transfer 30 ms at a time, out of phase, and every 2 s the thread is late by 100 ms.
    """
    far_end = FarEnd()
    taken: list[Samples] = []
    waiting = 0
    for block in range(min(len(near), len(far)) // BLOCK_SAMPLES):
        if block % BURST_BLOCKS == 1:
            far_end.put(far[(block - 1) * BLOCK_SAMPLES : (block + 2) * BLOCK_SAMPLES])
        waiting += BURST_BLOCKS if block % BURST_BLOCKS == 2 else 0
        is_late = block % STALL_EVERY_BLOCKS < STALL_BLOCKS and block > STALL_BLOCKS
        while waiting and not is_late:
            waiting -= 1
            taken.append(far_end.take(waiting * BLOCK_SAMPLES))
    return np.concatenate([*taken, silence(BLOCK_SAMPLES)])


def through_opus(samples: Samples) -> Samples:
    """Return sound after a call's codec."""
    encoder, decoder = open_encoder("opus", BITRATE_BPS, 1), open_decoder("opus")
    return in_blocks(lambda block: decoder.decode(encoder.encode(block)), samples)


def return_loss_db(near: Samples, cleaned: Samples, from_s: float, to_s: float) -> float:
    """Return by how many dB processing lowered the level in a span."""
    span = slice(round(from_s * SAMPLE_RATE_HZ), round(to_s * SAMPLE_RATE_HZ))
    return level_dbfs(near[span]) - level_dbfs(cleaned[span])


def measure_rooms(folder: Path, seconds: float) -> Table:
    """Return the table of echoes."""
    table = Table("room", "1st s", "1 to 5 s", "after", "worst s", "talk, raw", "talk", "with Opus")
    table.title = "return loss of the far end alone, dB; STOI of speech 10 dB above the echo"
    far = speak(folder, seconds, VOICES[1], 3)
    hiss = noise(seconds, ROOM_NOISE_DBFS)
    for number, place in enumerate(ROOMS):
        impulse = room(
            delay_us=place.delay_ms * 1000,
            gain_db=place.gain_db,
            length_us=place.length_ms * 1000,
            seed=number,
        )
        echo = with_drift(through(impulse, far), place.drift_ppm)
        alone = mix(echo, hiss)
        played = in_bursts(alone, far)
        cleaned = clean(alone, played)
        settled = [
            return_loss_db(alone, cleaned, at, at + 1)
            for at in range(int(SETTLED_S), int(seconds) - 1)
        ]
        speech = speak(folder, seconds, VOICES[0])
        talk = slice(round(TALK_S * SAMPLE_RATE_HZ), None)
        speech[: talk.start] = 0
        loudness_dbfs = level_dbfs(mix(echo)) + ABOVE_ECHO_DB
        speech = mix(speech, gain_db=loudness_dbfs - level_dbfs(speech[talk]))
        both = mix(speech, echo, hiss)
        processed = clean(both, played)
        table.add_row(
            place.name,
            f"{return_loss_db(alone, cleaned, 0, 1):.0f}",
            f"{return_loss_db(alone, cleaned, 1, SETTLED_S):.0f}",
            f"{return_loss_db(alone, cleaned, SETTLED_S, seconds - 1):.0f}",
            f"{min(settled):.0f}",
            f"{stoi(speech[talk], both[talk]):.3f}",
            f"{stoi(speech[talk], processed[talk]):.3f}",
            f"{stoi(speech[talk], through_opus(processed)[talk]):.3f}",
        )
    return table


def measure_speech(folder: Path, seconds: float) -> Table:
    """Return the table of speech alone."""
    table = Table("speech at dBFS", "level after, dBFS", "STOI", "Opus alone", "both")
    table.title = "speech without echo or noise"
    for level in LEVELS_DBFS:
        speech = at_level(speak(folder, seconds, VOICES[3], 2), level)
        cleaned = clean(speech)
        table.add_row(
            f"{level:.0f}",
            f"{level_dbfs(cleaned):.0f}",
            f"{stoi(speech, cleaned):.3f}",
            f"{stoi(speech, through_opus(speech)):.3f}",
            f"{stoi(speech, through_opus(cleaned)):.3f}",
        )
    return table


def measure_noise(folder: Path, seconds: float) -> Table:
    """Return the table of speech at -26 dBFS in white noise."""
    table = Table("noise at dBFS", "reduced by, dB", "STOI before", "STOI after", "with Opus")
    table.title = "speech at -26 dBFS in white noise; without gain control"
    for level in NOISES_DBFS:
        hiss = noise(seconds, level)
        speech = speak(folder, seconds, VOICES[0])
        quiet, processed = (_suppress(each) for each in (hiss, mix(speech, hiss)))
        table.add_row(
            f"{level:.0f}",
            f"{return_loss_db(hiss, quiet, SETTLED_S, seconds):.0f}",
            f"{stoi(speech, mix(speech, hiss)):.3f}",
            f"{stoi(speech, processed):.3f}",
            f"{stoi(speech, through_opus(processed)):.3f}",
        )
    return table


def _suppress(samples: Samples) -> Samples:
    processor = VoiceProcessor(echo_cancellation=False, noise_suppression=True, gain_control=False)
    return in_blocks(processor.process, samples, np.zeros_like(samples))


def measure_cost(folder: Path, seconds: float) -> Table:
    """Return the table of processing time per block."""
    table = Table("", "median ms per block", "p99")
    table.title = "cost of voice processing"
    far = speak(folder, seconds, VOICES[1])
    for name, played in (("loudspeaker silent", np.zeros_like(far)), ("far end speaks", far)):
        processor = VoiceProcessor(
            echo_cancellation=True, noise_suppression=True, gain_control=True
        )
        spent_s: list[float] = []

        def timed(
            near: Samples,
            far: Samples,
            *,
            process: Callable[[Samples, Samples], Samples] = processor.process,
            spent_s: list[float] = spent_s,
        ) -> Samples:
            began_s = time.perf_counter()
            cleaned = process(near, far)
            spent_s.append(time.perf_counter() - began_s)
            return cleaned

        delay_samples = us_to_samples(120_000)
        in_blocks(timed, np.roll(played, delay_samples) // 2, played)
        table.add_row(name, *(f"{np.quantile(spent_s, q) * 1000:.2f}" for q in (0.5, 0.99)))
    return table


MEASUREMENTS = {
    "rooms": measure_rooms,
    "speech": measure_speech,
    "noise": measure_noise,
    "cost": measure_cost,
}


def main(words: Sequence[str]) -> int:
    """Print all tables; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="length of each sound; default %(default)g"
    )
    names = list(MEASUREMENTS)
    parser.add_argument(
        *("--only",), nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    options = parser.parse_args(words)
    if options.seconds < TALK_S + 2:
        parser.error(f"--seconds must be {TALK_S + 2:g} or more")
    console = Console(width=None if sys.stdout.isatty() else 120)
    with Outcome(console) as outcome, tempfile.TemporaryDirectory(prefix="vis-a-vis-echo-") as name:
        for only in options.only:
            table = MEASUREMENTS[only](Path(name), options.seconds)
            table.title_justify = "left"
            console.print(table)
    if outcome.status:
        return outcome.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
