"""The outcome of a benchmark: an interruption or an expected failure ends it with one sentence."""

from types import TracebackType

from rich.console import Console

from bench.children import BenchError
from media.errors import MediaError

INTERRUPTED = 130


class Outcome:
    """A context that turns an interruption, a BenchError or a MediaError into an exit status.

    Attributes:
        status: the exit status; 0 while nothing failed.
    """

    def __init__(self, console: Console) -> None:
        self.status = 0
        self._console = console

    def __enter__(self) -> "Outcome":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, KeyboardInterrupt):
            self._console.print("interrupted")
            self.status = INTERRUPTED
            return True
        if isinstance(error, BenchError | MediaError):
            self._console.print(str(error), highlight=False)
            self.status = 2
            return True
        return False
