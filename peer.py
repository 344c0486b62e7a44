#!/usr/bin/env python3
"""The entry of Vis-à-vis: prepare the process, run the command line, leave with its exit status.

Python 3.8 reads this file too, and is told that it is too old.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's, and return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - older ones run this line
        print(
            "Vis-à-vis needs Python 3.11 or newer, and this is {}.{}. Run `make setup`,"
            " then start with ./visavis.".format(*sys.version_info[:2]),
            file=sys.stderr,
        )
        return 2
    # Before numpy is imported: OpenBLAS's threads would spin while they wait for the echo filter's
    # small sums, which took a fifth of a core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from cli.standard_streams import flush_streams, prepare_streams
    from core.exit_status import ExitStatus

    prepare_streams()
    try:
        from cli.arguments import parse_arguments

        arguments = parse_arguments(sys.argv[1:] if words is None else words)
        # Only now, so that help and usage errors answer at once.
        from cli.main import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:  # Nobody reads the output any more.
        return ExitStatus.FAULT
    except ImportError as error:
        from cli.missing_package import explain_missing_package, is_ours, lacks_memory

        if is_ours(error):
            raise
        print(explain_missing_package(error), file=sys.stderr)
        return ExitStatus.FAULT if lacks_memory(error) else ExitStatus.USAGE
    finally:
        flush_streams()


def _leave(number: int, frame: object) -> None:
    """Leave on a signal while libraries load: a KeyboardInterrupt there crashes msgspec."""
    os._exit(130)


def run() -> NoReturn:
    """Run this process's command line and leave with its exit status."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
