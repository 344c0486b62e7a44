#!/usr/bin/env python3
"""The command line of Vis-à-vis: parse it, read the settings, run, leave with the exit code.

What a call needs is imported once the command line is found good, so that help and errors of usage
answer at once. Python 3.8 reads this file too, and is told that it is too old.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from types import TracebackType

    from call.settings import Settings
    from ui.terminal.console import Console

PACKAGES = ("call", "cli", "core", "media", "net", "ui")
"""The packages of the program."""

# As in call/outcome.py, which comes with packages that may not be installed.
FAULT = 1
USAGE = 2
INTERRUPTED = 130

NAMED_SETTINGS = {
    "camera": "video.camera",
    "mic": "audio.microphone",
    "speaker": "audio.speaker",
    "name": "name",
    "open": "listen.open",
    "accept": "listen.accept",
    "headless": "window.headless",
    "duration": "call.duration_s",
    "listen_port": "listen.port",
}
"""The setting that each named option stands for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of this process, and return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older one gets this far
        print(
            "Vis-à-vis needs Python 3.11 or newer, and this is {}.{}. Run `make setup`,"
            " then start with .venv/bin/python peer.py.".format(*sys.version_info[:2]),
            file=sys.stderr,
        )
        return USAGE
    # Before numpy is imported: its threads would wait for the echo filter's small sums by spinning,
    # which took a fifth of a core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from cli.standard_streams import flush_streams, prepare_streams

    prepare_streams()
    try:
        from cli.arguments import parse_arguments

        return _run(parse_arguments(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # Nobody reads what was asked for.
        return FAULT
    except ImportError as error:
        if (error.name or "").partition(".")[0] in PACKAGES:
            raise
        print(_word_missing(error), file=sys.stderr)
        return USAGE
    finally:
        flush_streams()


def _run(arguments: Namespace) -> int:
    import logging

    from ui.terminal.console import standard_error

    console = standard_error()
    _set_up_log(console, arguments.verbosity)
    _set_up_fault(console, is_verbose=arguments.verbosity > 0)
    if arguments.command == "devices":
        from cli.devices import run_devices

        return run_devices()

    from call.errors import CallError
    from call.outcome import outcome_of
    from cli.settings import load_settings
    from media.errors import MediaError
    from net.errors import NetError

    named = {
        setting: getattr(arguments, option)
        for option, setting in NAMED_SETTINGS.items()
        if getattr(arguments, option, None) is not None
    }
    try:
        if arguments.command == "find":
            from cli.find import run_find

            return run_find()
        if arguments.command == "known":
            from cli.known import run_known

            return run_known(arguments.action, arguments.names)
        settings = load_settings(arguments.config, arguments.assignments, named)
        if arguments.command == "demo":
            return _run_demo(arguments, settings, console)
        return _run_call(arguments, settings, console)
    except (CallError, MediaError, NetError) as error:
        logging.getLogger("call").debug("it could not start", exc_info=True)
        outcome = outcome_of(error, after_accept=False)
        console.print_line(outcome.text)
        return outcome.exit_status


def _run_demo(arguments: Namespace, settings: Settings, console: Console) -> int:
    from cli.demo import run_demo
    from cli.options import DemoOptions

    options = DemoOptions(
        console=console,
        verbosity=arguments.verbosity,
        camera=arguments.camera,
        stats=arguments.stats,
        config=arguments.config,
        assignments=tuple(arguments.assignments),
    )
    return run_demo(settings, options)


def _run_call(arguments: Namespace, settings: Settings, console: Console) -> int:
    from cli.arguments import DEFAULT_PORT
    from cli.options import RunOptions
    from cli.output_files import check_snapshot

    if arguments.snapshot is not None:
        check_snapshot(arguments.snapshot)
    from cli.run import run_connect, run_listen

    options = RunOptions(
        console=console,
        verbosity=arguments.verbosity,
        port=getattr(arguments, "port", DEFAULT_PORT),
        code=getattr(arguments, "code", None),
        once=getattr(arguments, "once", False),
        stats=arguments.stats,
        snapshot=arguments.snapshot,
    )
    if arguments.command == "listen":
        return run_listen(settings, options)
    return run_connect(arguments.host, settings, options)


def _set_up_log(console: Console, verbosity: int) -> None:
    import logging

    from cli.log_lines import LineHandler

    logging.getLogger().handlers[:] = [LineHandler(console, is_verbose=verbosity > 0)]
    level = {-1: logging.WARNING, 0: logging.INFO, 1: logging.DEBUG}[verbosity]
    for package in PACKAGES:
        logging.getLogger(package).setLevel(level)


def _set_up_fault(console: Console, *, is_verbose: bool) -> None:
    """Have what nobody catches said in one sentence; Python then leaves with status 1."""

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        from call.outcome import outcome_of

        if is_verbose:
            sys.__excepthook__(kind, error, traceback)
        else:
            console.print_line(outcome_of(error, after_accept=False).text)

    sys.excepthook = report


def _word_missing(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError):
        what = f"The package {error.name} is not installed"
    else:
        what = f"A package cannot be used: {error}"
    return (
        f"{what}. Run `make setup`, then start with .venv/bin/python peer.py; where there is no"
        " make: python -m pip install -r requirements.txt"
    )


def _leave(number: int, frame: object) -> None:
    """Leave on a signal while libraries load: a KeyboardInterrupt there crashes msgspec."""
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
