"""An X server for tests, on a free display."""

import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

_START_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class OwnScreen:
    """A running X server; `display` is what DISPLAY must be."""

    display: str
    server: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End the server without a word to its clients."""
        self.server.kill()
        self.server.wait()


def why_no_screen() -> str | None:
    """Return why there can be no X server here, as one clause, or None."""
    return None if shutil.which("Xvfb") is not None else "needs Xvfb: apt install xvfb"


@contextmanager
def own_screen() -> Iterator[OwnScreen]:
    """Start an X server on a free display, and end it."""
    reader, writer = os.pipe()
    guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    with ExitStack() as stack:
        server = subprocess.Popen(
            # Without -noreset it resets when its last window closes, and refuses new ones then.
            [*guard, "Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24",
             "-nolisten", "tcp", "-noreset"],
            pass_fds=[writer],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip  # options stay beside their values
        stack.callback(server.wait)
        stack.callback(server.kill)
        os.close(writer)
        stack.callback(os.close, reader)
        yield OwnScreen(f":{_read_number(reader)}", server)


def _read_number(reader: int) -> int:
    """Return the number of the display, which the server writes as a line once it is ready."""
    deadline_s = time.monotonic() + _START_LIMIT_S
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([reader], [], [], max(0.0, deadline_s - time.monotonic()))
        piece = os.read(reader, 64) if readable else b""
        assert piece, "Xvfb did not start"
        line += piece
    return int(line)
