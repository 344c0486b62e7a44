"""What the command line says beside settings. Pure: values only."""

from dataclasses import dataclass
from pathlib import Path

from net.settings import DEFAULT_PORT
from ui.terminal.console import Console


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `listen` and `connect` are given beside their settings.

    Attributes:
        console: standard error, which a terminal interface shares with the log.
        verbosity: -1 quiet, 0, 1 verbose.
        port: `connect`: the port where HOST has none.
        code: `connect`: of `--code`.
        once: `listen`: end after one call, with its exit status.
        stats: the file for statistics, `-` for standard output, or None.
        events: the file for events, likewise.
        snapshot: the PNG file that takes the last remote picture, or None.
    """

    console: Console
    verbosity: int = 0
    port: int = DEFAULT_PORT
    code: str | None = None
    once: bool = False
    stats: str | None = None
    events: str | None = None
    snapshot: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `demo` is given beside its settings, for its two children.

    Attributes:
        console: standard error.
        verbosity: -1 quiet, 0, 1 verbose.
        camera: what `--camera` named, or None where nothing did.
        stats: the FILE of FILE.caller and FILE.listener, `-` for standard output, or None.
        config: of `--config`, or None.
        assignments: of each `--set`, as typed.
    """

    console: Console
    verbosity: int = 0
    camera: str | None = None
    stats: str | None = None
    config: Path | None = None
    assignments: tuple[str, ...] = ()
