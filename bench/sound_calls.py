"""Two peers in a call, each with a microphone and a loudspeaker of our own sound server."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import msgspec

from bench.calls import Line, has_lines, read_lines, start_caller, start_listener
from bench.children import Child, Children
from bench.hosts import TwoHosts
from bench.sound_daemons import Daemons
from bench.sound_server import SoundServer
from bench.sound_studio import Studio, studio

SINKS = ("a_spk", "a_mic", "b_spk", "b_mic", "loop")


class SoundCall(msgspec.Struct):
    """Two peers in a call, their devices, and the benchmark's ends of the devices."""

    studio: Studio
    folder: Path
    children: Children
    listener: Child
    caller: Child

    def lines(self, end: str) -> list[Line]:
        """Return the statistics of `listener` or `caller`."""
        return read_lines(self.stats(end))

    def stats(self, end: str) -> Path:
        """Return the statistics file of `listener` or `caller`."""
        return self.folder / f"{end}.stats"


@contextmanager
def sound_call(
    hosts: TwoHosts,
    *,
    caller: Sequence[str] = (),
    listener: Sequence[str] = (),
    both: Sequence[str] = (),
    display: str | None = None,
    daemons: Daemons | None = None,
) -> Iterator[SoundCall]:
    """Hold a call between caller a and listener b, each with separate devices."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vav-bench-")))
        server = stack.enter_context(SoundServer(SINKS, daemons))
        stack.enter_context(_environment(server.environment()))
        children = stack.enter_context(Children(folder))
        devices = ("--mic", "default", "--speaker", "default")
        listening, address = start_listener(
            children,
            hosts,
            *("--accept", "--stats", str(folder / "listener.stats"), *devices, *both, *listener),
            display=display,
            environment=server.of_peer("b"),
        )
        calling = start_caller(
            children,
            hosts,
            address,
            *("--stats", str(folder / "caller.stats"), *devices, *both, *caller),
            environment=server.of_peer("a"),
        )
        call = SoundCall(stack.enter_context(studio()), folder, children, listening, calling)
        for end, child in (("listener", listening), ("caller", calling)):
            child.wait_until(partial(has_lines, call.stats(end)), "did not start a call")
        yield call
        calling.ask_to_end()
        for child in (calling, listening):
            if (status := child.wait(4.0)) != 0:
                raise child.failure(f"ended with {status}")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Let PortAudio in this process use a sound server."""
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
