"""`peer.py demo`: both ends on this machine, a whole call between two children, and its figures.

Each child is this program, started as a user would start it: one listens on any free port, the
other connects to it. Their figures come from their statistics files. Their standard input is a pipe
from here, so that they end even when this process is killed.
"""

import logging
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from call.settings import Settings
from cli.demo_figures import read_lines, summarize
from cli.options import DemoOptions
from core.exit_status import ExitStatus
from core.program import ROOT
from media.errors import SourceError
from media.sound.portaudio import PortAudio
from media.sound.settings import AudioSettings
from media.video.camera_list import list_cameras
from media.video.settings import VideoSettings
from ui.window.screen_probe import find_screen_problem

_log = logging.getLogger(__name__)

PEER = ROOT / "peer.py"
HEADLESS_S = 15.0
END_WAIT_S = 5.0
"""A child ends within 2 s of a signal; a slower one has failed."""
CALLER, LISTENER = "caller", "listener"
VERBOSITY = {-1: ["-q"], 0: [], 1: ["-v"]}


def run_demo(settings: Settings, options: DemoOptions) -> int:
    """Run the call until either side hangs up, and print the quality and figures of each end.

    Writes demo-caller.png and demo-listener.png, what each end saw last, into the current folder.

    Returns:
        The worse exit status of the two.
    """
    headless_why = "" if not settings.window.headless else "as asked"
    if not headless_why:
        headless_why = find_screen_problem() or ""
        if headless_why:
            _log.warning("No windows: %s", headless_why)
    common = [f"--set={assignment}" for assignment in options.assignments]
    if options.config is not None:
        common += ["--config", str(options.config)]
    common += VERBOSITY[options.verbosity]
    if headless_why:
        common.append("--headless")
    duration_s = settings.call.duration_s or (HEADLESS_S if headless_why else 0.0)
    with tempfile.TemporaryDirectory(prefix="vis-a-vis-demo-") as folder, _signals_as_interrupt():
        statistics = {
            end: _statistics_file(end, options, Path(folder)) for end in (CALLER, LISTENER)
        }
        ends = _Ends(common, statistics)
        try:
            port = ends.start_listener()
            if port is not None:
                microphone = _microphone(settings)
                ends.start_caller(port, _camera(settings, options), microphone, duration_s)
            ends.wait()
        except KeyboardInterrupt:
            ends.interrupt()
        finally:
            ends.end()
        _print_figures(statistics, copies=options.stats == "-")
        return ends.status


def _statistics_file(end: str, options: DemoOptions, folder: Path) -> Path:
    if options.stats is None or options.stats == "-":
        return folder / end
    return Path(f"{options.stats}.{end}")


def _camera(settings: Settings, options: DemoOptions) -> str:
    """Return the caller's camera: the given one, else a real one, else the test pattern."""
    if options.camera is not None:
        return options.camera
    if settings.video.camera != VideoSettings().camera:
        return settings.video.camera
    cameras = list_cameras()
    return str(cameras[0].index) if cameras else "test"


def _microphone(settings: Settings) -> str:
    """Return the caller's microphone: the given one, else a real one, else a tone."""
    if settings.audio.microphone != AudioSettings().microphone:
        return settings.audio.microphone
    try:
        audio = PortAudio()
    except SourceError:
        return "tone"
    found = audio.list()
    audio.close()
    return "tone" if found.default_microphone is None else "default"


def _print_figures(statistics: dict[str, Path], *, copies: bool) -> None:
    if copies:
        for file in statistics.values():
            if file.exists():
                with file.open(encoding="utf-8") as lines:
                    shutil.copyfileobj(lines, sys.stdout)
    for end, file in statistics.items():
        print(f"{end + ':':<9} {summarize(read_lines(file))}", flush=True)


class _Ends:
    """The two children."""

    def __init__(self, common: list[str], statistics: dict[str, Path]) -> None:
        self._common = common
        self._statistics = statistics
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._has_caller_failed = False

    @property
    def status(self) -> int:
        """The worse exit status; a killed child has failed.

        A listener that was stopped because the caller had failed does not count.
        """
        codes = {end: child.returncode for end, child in self._children.items()}
        if self._has_caller_failed and codes[LISTENER] == ExitStatus.INTERRUPTED:
            del codes[LISTENER]
        reached = [code if code >= 0 else int(ExitStatus.FAULT) for code in codes.values()]
        return max(reached, default=1)

    def _start(self, end: str, command: list[str], placement: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [
                *(sys.executable, str(PEER), *command, *self._common),
                *("--stats", str(self._statistics[end]), "--snapshot", f"demo-{end}.png"),
                *("--name", f"Demo {end}", f"--set=window.placement={placement}"),
                *("--label", end, "--ends-with-input"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._children[end] = child
        return child

    def start_listener(self) -> int | None:
        """Start the listener and return its port; None if it ended instead."""
        command = ["listen", "--port", "0", "--open", "--accept", "--once", "--camera", "test"]
        # It is open, so only this computer may reach it.
        command += ["--set=listen.address=127.0.0.1", "--set=listen.announce=false"]
        # Only the caller plays into the room, or the two would feed back.
        command += ["--mic", "tone", "--speaker", "none"]
        if "-v" not in self._common and "-q" not in self._common:
            command.append("-q")  # One terminal shows one status line: the caller's.
        child = self._start(LISTENER, command, "right")
        assert child.stdout is not None
        line = child.stdout.readline()
        _, _, port = line.strip().rpartition(":")
        return int(port) if line.startswith("Listening on ") else None

    def start_caller(self, port: int, camera: str, microphone: str, duration_s: float) -> None:
        """Start the caller."""
        command = ["connect", f"127.0.0.1:{port}", "--camera", camera, "--mic", microphone]
        if duration_s:
            command += ["--duration", f"{duration_s:g}"]
        self._start(CALLER, command, "left")

    def wait(self) -> None:
        """Wait until the caller ends; stop the listener if the caller failed."""
        caller = self._children.get(CALLER)
        if caller is not None:
            caller.wait()
            if caller.returncode != ExitStatus.OK:
                self._has_caller_failed = True
                self.interrupt()

    def interrupt(self) -> None:
        """Stop both. A child that the terminal has already stopped ignores it."""
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait until both have ended."""
        for end, child in self._children.items():
            try:
                child.wait(END_WAIT_S)
            except subprocess.TimeoutExpired:
                _log.error("The %s did not end and was killed", end)
                child.kill()
                child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


@contextmanager
def _signals_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
