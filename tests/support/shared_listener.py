"""One listener that many tests share: after each, it must wait again and use no more memory."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.support.peer_process import Peer, StartPeer, wait_until
from tests.support.raw_peer import RawPeer, dial

MAX_BYTES = 300 * 1024 * 1024
"""More memory than a listener needs for such calls; far less than hostile callers announce."""

RawBody = Callable[[RawPeer], None]
"""Plays the raw end of a link."""


class SharedListener(msgspec.Struct):
    """A listener, and the folder of its statistics and its callers' identities."""

    peer: Peer
    folder: Path

    @property
    def statistics(self) -> str:
        """Its statistics so far, as text."""
        return (self.folder / "figures").read_text("utf-8")

    def wait_waiting(self) -> None:
        """Wait until the listener waits for a call."""
        wait_until(
            lambda: len(self.peer.find_events("waiting")) > len(self.peer.find_events("accepted")),
            "the listener waits",
        )

    @contextmanager
    def call(self, name: str = "Raw") -> Iterator[RawPeer]:
        """Yield the caller's end of a call; afterwards the listener must wait again."""
        calls = len(self.peer.find_events("accepted"))
        with dial(self.peer.port, self.folder / name) as raw:
            raw.call(name)
            yield raw
        self.peer.wait_call(times=calls + 1)
        self.wait_waiting()

    def check_unharmed(self) -> None:
        """Check that the listener serves a good caller, and that its memory has not grown."""
        self.wait_waiting()
        with self.call("Good") as good:
            good.hang_up()
        assert self.peer.is_running
        assert self._peak_bytes() < MAX_BYTES

    def resident_bytes(self) -> int:
        """Return the memory that the listener uses now."""
        return self._read_bytes("VmRSS")

    def _peak_bytes(self) -> int:
        return self._read_bytes("VmHWM")

    def _read_bytes(self, key: str) -> int:
        status = Path(f"/proc/{self.peer.process.pid}/status").read_text()
        match = re.search(rf"{key}:\s+(\d+) kB", status)
        assert match
        return int(match[1]) * 1024


class ListenerKeeper:
    """Keeps one listener running, and starts another if it has ended."""

    def __init__(self, start: StartPeer, folder: Path) -> None:
        self._start = start
        self._folder = folder
        self._listener: SharedListener | None = None

    def listener(self) -> SharedListener:
        """Return the listener, which waits for a call."""
        if self._listener is None or not self._listener.peer.is_running:
            peer = self._start(
                *("listen", "--accept", "--name=Bob", "--stats", str(self._folder / "figures"))
            )
            self._listener = SharedListener(peer, self._folder)
        self._listener.wait_waiting()
        return self._listener
