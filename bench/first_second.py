"""The first second of a call: from a command to the ring, and from the answer to the first picture.

    python bench/first_second.py [--other FOLDER] [--rounds N] [--json FILE]

Both ends are processes, started as a user starts them, with compiled modules and, where there is a
sound server, with sound devices. With `--other`, another checkout takes turns with this one, and
each ratio is to it in the same round. Windows are on Xvfb.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.calls import CONFIG, Line, read_code, read_lines
from bench.children import ROOT, Child, Children, interrupt_once
from bench.figures import Subject
from bench.hosts import loopback
from bench.log_lines import read_numbers
from bench.outcome import Outcome
from bench.pacing import now_us
from bench.screen import start_reader, start_screen, why_no_screen, window_box
from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer
from bench.table import Row, print_rows

ROUNDS = 5
IDLE_S = 2.0
"""For which a listener waits before it is called, as it usually has."""
PAUSE_S = 0.6
"""Between the ring and the answer: nobody answers faster."""
SINKS = ("listener_spk", "listener_mic", "caller_spk", "caller_mic")
START, START_WINDOW = "start, headless", "start, window"
LISTENER, CALLER = "answer, listener's window", "answer, caller's window"
MEASUREMENTS = (START, START_WINDOW, LISTENER, CALLER)
ROWS = (
    Row("p50_ms", "median, ms", 0),
    Row("worst_ms", "worst, ms", 0, has_ratio=False),
    Row("ratio", "median ratio", 2, has_ratio=False),
)


class Figures(msgspec.Struct):
    """The times of one measurement and checkout, in microseconds, a round each."""

    times_us: list[int] = msgspec.field(default_factory=list)

    def subject(self, name: str, other: "Figures | None") -> Subject:
        """Return a row of the table.

        Args:
            other: of the other checkout, in the same rounds; None for the other checkout itself.
        """
        values: dict[str, float | tuple[float, ...] | None] = {
            "p50_ms": statistics.median(self.times_us) / 1000,
            "worst_ms": max(self.times_us) / 1000,
        }
        if other is not None:
            pairs = zip(self.times_us, other.times_us, strict=True)
            values["ratio"] = statistics.median(own / theirs for own, theirs in pairs)
        return Subject(name, values, raw=self.times_us)


class Trial(msgspec.Struct, frozen=True):
    """The two ends of one call of one checkout.

    Attributes:
        sound: by end, the environment that gives it sound devices; empty without a server.
    """

    children: Children
    checkout: Path
    bytecode: Path
    sound: Mapping[str, Mapping[str, str]]

    def start(self, end: str, words: Sequence[str], display: str | None) -> Child:
        """Start one end."""
        home = self.children.folder / end
        home.mkdir()
        config = home / "config.yaml"
        config.write_text(CONFIG)
        own = {f"XDG_{kind}_HOME": str(home) for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
        own |= {
            "PYTHONPATH": str(self.checkout),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.bytecode),
        }
        if display is not None:
            own |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}
        screen = ["--headless"] if display is None else []
        common = ["--camera", "test", "--name", f"Bench {end}", "--config", str(config), *screen]
        return self.children.start_python(
            [str(self.checkout / "peer.py"), *words, "--events", str(self.events(end)), *common],
            host=loopback().first,
            environment=own | dict(self.sound.get(end, {})),
        )

    def events(self, end: str) -> Path:
        """Return the events file of one end."""
        return self.children.folder / f"{end}.events"

    def ring(self, listener_display: str | None, caller_display: str | None) -> tuple[Child, int]:
        """Start both ends; return the listener, which rings, and the microseconds to the ring."""
        listener = self.start("listener", ["listen", "--port", "0", "--once"], listener_display)
        address = listener.read_line().rpartition(":")[2]
        code = read_code(listener, self.events("listener"))
        time.sleep(IDLE_S)
        # The events bear the wall clock's time.
        began_us = time.time_ns() // 1000
        self.start("caller", ["connect", f"127.0.0.1:{address}", "--code", code], caller_display)
        listener.wait_until(lambda: bool(self._rings()), "did not ring")
        rang = datetime.strptime(self._rings()[0]["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
        return listener, int(rang.replace(tzinfo=UTC).timestamp() * 1e6) - began_us

    def _rings(self) -> list[Line]:
        return [line for line in read_lines(self.events("listener")) if line["event"] == "ringing"]


def measure_start(trial: Trial, *, has_window: bool) -> int:
    """Return the time from a command to the ring at the other peer."""
    display = start_screen(trial.children, loopback().first) if has_window else None
    return trial.ring(None, display)[1]


def measure_answer(trial: Trial, *, is_shown_by_listener: bool) -> int:
    """Return the time from the answer to the first picture on the screen."""
    host = loopback().first
    seen = trial.children.folder / "screen.log"
    display = start_screen(trial.children, host)
    start_reader(trial.children, display, window_box(), seen, host)
    displays = (display, None) if is_shown_by_listener else (None, display)
    listener, _ = trial.ring(*displays)
    time.sleep(PAUSE_S)
    if not is_shown_by_listener:
        time.sleep(PAUSE_S)  # until its window is there
    answered_us = now_us()
    listener.write_line("y")
    listener.wait_until(
        lambda: any(us > answered_us for _, us in read_numbers(seen)), "showed no picture"
    )
    return min(us for _, us in read_numbers(seen) if us > answered_us) - answered_us


def measure(name: str, trial: Trial) -> int:
    """Return one measurement's time, in microseconds."""
    if name in (START, START_WINDOW):
        return measure_start(trial, has_window=name == START_WINDOW)
    return measure_answer(trial, is_shown_by_listener=name == LISTENER)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--other", type=Path, metavar="FOLDER", help="a checkout to compare with")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="default %(default)s")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw figures")
    options = parser.parse_args(words)
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def main(words: list[str]) -> int:
    """Measure, and print a table; return the exit status."""
    options = parse(words)
    interrupt_once()
    console = Console(width=None if sys.stdout.isatty() else 120)
    checkouts = [ROOT, *([options.other.resolve()] if options.other is not None else [])]
    figures = {(name, each): Figures() for name in options.only for each in checkouts}
    with Outcome(console) as outcome, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vav-first-")))
        sound: dict[str, Mapping[str, str]] = {}
        if (why := why_no_server() or why_no_screen()) is None:
            server = stack.enter_context(SoundServer(SINKS))
            sound = {end: server.of_peer(end) for end in ("listener", "caller")}
        else:
            console.print(f"Without sound devices or windows: {why}", highlight=False)
        # The first round compiles the modules and fills the disk's cache, and does not count.
        for number in range(options.rounds + 1):
            order = checkouts if number % 2 else checkouts[::-1]
            for name in options.only:
                for checkout in order:
                    us = _measure(folder, name, checkout, sound)
                    if number:
                        figures[name, checkout].times_us.append(us)
    if outcome.status:
        return outcome.status
    subjects = [
        each.subject(
            f"{name}: {checkout.name}",
            figures[name, checkouts[1]] if checkout == ROOT and len(checkouts) > 1 else None,
        )
        for (name, checkout), each in figures.items()
    ]
    print_rows(console, f"{options.rounds} rounds", ROWS, subjects)
    if options.json is not None:
        options.json.write_text(json.dumps({each.name: each.raw for each in subjects}, indent=1))
    return 0


def _measure(
    folder: Path, name: str, checkout: Path, sound: Mapping[str, Mapping[str, str]]
) -> int:
    with (
        tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own,
        Children(Path(own)) as children,
    ):
        return measure(name, Trial(children, checkout, folder / "bytecode", sound))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
