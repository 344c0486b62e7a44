"""A call in which things break: film, speech, windows and sound devices at both ends. One thread.

    listener  10.77.0.1  <-- relay of the laboratory -->  10.77.0.2  caller
       |                                                    |
    each with a window on Xvfb, and <end>_spk and <end>_mic of a private sound server

What speaks into the microphones are programs of the benchmark, which start again once an unplugged
device is back.
"""

import wave
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from bench.calls import Line, has_lines, read_code, start_caller, start_listener
from bench.children import Child, Children
from bench.lab_network import Lab, network_lab
from bench.line_tail import LineTail
from bench.link_profiles import rate_profile
from bench.screen import start_screen
from bench.soak_faults import ENDS, Fault
from bench.sound_server import SoundServer
from bench.sounds import voice
from media.sound.pcm import SAMPLE_RATE_HZ

HEADSET = ("microphone", "loudspeaker")
LINK_MBPS = 20.0
SPEECH_S = 60.0
SPEAK_AGAIN_S = 0.5
START_S = 60.0
LONGEST_S = 31_536_000
"""A year, the most that `--duration` takes."""
END_S = 10.0
LEAST_FPS = 5.0


@dataclass
class CallEnd:
    """One end of the call, and what it has written so far.

    Attributes:
        devices: the last state of each device, and how often it has changed.
    """

    name: str
    child: Child
    stats: LineTail
    events: LineTail
    server: SoundServer
    newest: Line | None = None
    newest_at_s: float = 0.0
    devices: dict[str, tuple[str, int]] = field(default_factory=dict)
    unread: list[Line] = field(default_factory=list)

    def read(self, now_s: float) -> list[Line]:
        """Read the new lines; return the new events."""
        lines = self.stats.read()
        self.unread += lines
        if lines:
            self.newest, self.newest_at_s = lines[-1], now_s
        events = self.events.read()
        for event in events:
            if event["event"] == "device":
                which = event["which"]
                self.devices[which] = (event["state"], self.device(which)[1] + 1)
        return events

    def device(self, which: str) -> tuple[str, int]:
        """Return the last state of a device, and how often it has changed."""
        return self.devices.get(which, ("", 0))

    def has_media_since(self, at_s: float) -> bool:
        """Return whether pictures and sound came in a second that ended after a time."""
        line = self.newest
        return (
            line is not None
            # A line covers the second before it.
            and self.newest_at_s > at_s + 1
            and line["state"] == "call"
            and line["video_in_fps"] >= LEAST_FPS
            and line["audio_in_bps"] > 0
        )


@dataclass
class SoakCall:
    """A running call with all that can break in it."""

    lab: Lab
    ends: dict[str, CallEnd]
    _changes: dict[str, int] = field(default_factory=dict)

    def read(self, now_s: float) -> list[tuple[str, Line]]:
        """Read what both ends have written; return their new events.

        Raises:
            BenchError: an end has ended.
        """
        events = []
        for name, end in self.ends.items():
            events += [(name, event) for event in end.read(now_s)]
            if end.child.has_ended:
                raise end.child.failure("ended too early")
        return events

    def break_it(self, fault: Fault) -> None:
        """Begin a fault."""
        if fault.blackout is not None:
            self.lab.black_out(fault.lasts_s * 1000, fault.blackout)
            return
        end = self.ends[fault.end]
        self._changes = {which: end.device(which)[1] for which in HEADSET}
        for sink in _sinks(fault.end):
            end.server.remove_sink(sink)

    def mend(self, fault: Fault) -> None:
        """End a fault; a blackout ends by itself."""
        if fault.end:
            for sink in _sinks(fault.end):
                self.ends[fault.end].server.add_sink(sink)

    def has_recovered(self, fault: Fault, mended_at_s: float) -> bool:
        """Return whether a fault that is over was noticed where it has to be, and has passed."""
        if fault.end:
            for which in HEADSET:
                state, changes = self.ends[fault.end].device(which)
                # Away and back are two.
                if state != "open" or changes < self._changes[which] + 2:
                    return False
        return all(end.has_media_since(mended_at_s) for end in self.ends.values())

    def finish(self) -> tuple[list[int | None], int]:
        """Hang up at the caller; return the exit statuses of caller and listener, and how many of
        their processes still run.
        """
        started = [
            descendant
            for end in self.ends.values()
            for descendant in end.child.meter.children(recursive=True)
        ]
        children = [self.ends[name].child for name in ("caller", "listener")]
        children[0].ask_to_end()
        statuses = [child.wait(END_S) for child in children]
        _, left = psutil.wait_procs(started, timeout=1)
        return statuses, len(left)


@contextmanager
def soak_call(film: Path, folder: Path, options: Sequence[str]) -> Iterator[SoakCall]:
    """Start all programs and wait until both ends are in the call; end them when it is left.

    Args:
        film: what both cameras show.
        folder: keeps the peers' statistics, events and error output.
        options: more words for both ends.
    Raises:
        BenchError: something does not start.
    """
    with ExitStack() as stack:
        lab = stack.enter_context(network_lab(rate_profile("soak", LINK_MBPS)))
        servers = {end: stack.enter_context(SoundServer(_sinks(end))) for end in ENDS}
        children = stack.enter_context(Children(folder))
        hosts = {"listener": lab.hosts.first, "caller": lab.hosts.second}
        for number, end in enumerate(ENDS):
            speech = folder / f"{end}.wav"
            write_speech(speech, seed=number)
            children.start(
                ["sh", "-c", _SPEAK, f"{end}_mic", str(speech)],
                host=hosts[end],
                environment=servers[end].environment(),
            )
        both = ("--camera", str(film), "--mic", "default", "--speaker", "default", *options)
        files = {
            end: (folder / f"{end}.stats.jsonl", folder / f"{end}.events.jsonl") for end in ENDS
        }
        outputs = {
            end: ("--stats", str(stats), "--events", str(events))
            for end, (stats, events) in files.items()
        }
        listener, address = start_listener(
            children,
            lab.hosts,
            *("--accept", *both, *outputs["listener"]),
            display=start_screen(children, hosts["listener"]),
            environment=servers["listener"].of_peer("listener"),
        )
        caller = start_caller(
            children,
            lab.hosts,
            address,
            *("--code", read_code(listener, files["listener"][1]), "--duration", str(LONGEST_S)),
            *(*both, *outputs["caller"]),
            display=start_screen(children, hosts["caller"]),
            environment=servers["caller"].of_peer("caller"),
        )
        programs = {"listener": listener, "caller": caller}
        for end in reversed(ENDS):
            has_begun = partial(has_lines, files[end][0])
            programs[end].wait_until(has_begun, "did not start a call", START_S)
        ends = {
            end: CallEnd(end, programs[end], LineTail(stats), LineTail(events), servers[end])
            for end, (stats, events) in files.items()
        }
        yield SoakCall(lab, ends)


def _sinks(end: str) -> tuple[str, str]:
    return f"{end}_spk", f"{end}_mic"


_SPEAK = f'while :; do paplay --device="$0" "$1" 2>/dev/null || sleep {SPEAK_AGAIN_S}; done'


def write_speech(file: Path, seed: int) -> None:
    """Write a minute of syllables as a WAV file."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(voice(SPEECH_S, seed).tobytes())
