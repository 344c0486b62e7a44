"""The options of a command line that are not settings. Pure: values only."""

from pathlib import Path

import msgspec

from net.settings import DEFAULT_PORT
from ui.terminal.console import Console


class RunOptions(msgspec.Struct, frozen=True):
    """The options of `listen` and `connect`.

    Attributes:
        console: standard error, shared by terminal and log.
        verbosity: -1 quiet, 0, 1 verbose.
        port: for `connect`: the port if HOST has none.
        code: for `connect`: the value of `--code`.
        once: for `listen`: end after one call, with its exit status.
        stats: the file for statistics, `-` for standard output, or None.
        events: the file for events, likewise.
        snapshot: the PNG file that takes the last remote picture, or None.
        record: the Matroska file that takes the recording of a call, or None.
        ends_with_input: whether the program ends when its standard input does.
    """

    console: Console
    verbosity: int = 0
    port: int = DEFAULT_PORT
    code: str | None = None
    once: bool = False
    stats: str | None = None
    events: str | None = None
    snapshot: Path | None = None
    record: Path | None = None
    ends_with_input: bool = False


class DemoOptions(msgspec.Struct, frozen=True):
    """The options of `demo`, for its two children.

    Attributes:
        console: standard error.
        verbosity: -1 quiet, 0, 1 verbose.
        camera: the value of `--camera`, or None.
        stats: the FILE of FILE.caller and FILE.listener, `-` for standard output, or None.
        config: the value of `--config`, or None.
        assignments: the value of each `--set`, as typed.
    """

    console: Console
    verbosity: int = 0
    camera: str | None = None
    stats: str | None = None
    config: Path | None = None
    assignments: tuple[str, ...] = ()
