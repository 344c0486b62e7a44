"""A wall clock that a test moves while a program runs; its monotonic clocks stay as they are."""

import mmap
import shutil
import struct
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


def why_no_wall_clock() -> str | None:
    """Return why no program can have its own wall clock here, as one clause, or None."""
    if sys.platform != "linux":
        return "preloads a library, as on Linux"
    return None if shutil.which("cc") is not None else "needs a C compiler: apt install gcc"


class WallClock:
    """The wall clock of one program.

    Args:
        folder: for its library and its file.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        library, file = folder / "wall_clock.so", folder / "added_s"
        subprocess.run(
            ["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE)], check=True
        )
        file.write_bytes(struct.pack("q", 0))
        with file.open("r+b") as opened:
            self._page = mmap.mmap(opened.fileno(), struct.calcsize("q"))
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(file)}

    def step(self, added_s: int) -> None:
        """Set the clock to the true time and so many seconds."""
        self._page[:] = struct.pack("q", added_s)

    def close(self) -> None:
        """Close its file."""
        self._page.close()
