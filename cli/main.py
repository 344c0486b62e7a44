"""The commands: set up the log, read the settings, run one command, return its exit status.

A command's modules are imported once it is chosen, so that a short command starts fast.
"""

import logging
import sys
from argparse import Namespace
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from cli.arguments import DEFAULT_PORT
from cli.log_lines import LineHandler
from core.errors import ReportedError
from core.memory import limit_arenas, pause_collections
from core.program import PACKAGES
from ui.terminal.console import Console, standard_error

if TYPE_CHECKING:
    from call.settings import Settings

SWITCH_INTERVAL_S = 0.0005
"""Measured beside busy Python threads: at Python's own 5 ms, pictures and sound have gaps."""
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


def run_command(arguments: Namespace) -> int:
    """Run the command of a valid command line and return the exit status.

    Raises:
        ImportError: a package is missing.
    """
    console = standard_error(getattr(arguments, "label", ""))
    _set_up_log(console, arguments.verbosity)
    _set_up_fault_report(console, is_verbose=arguments.verbosity > 0)
    try:
        return _run(arguments, console)
    except ReportedError as error:
        from call.endings import ending_of_error
        from ui.wording.endings import word_ending

        logging.getLogger(__name__).debug("the command failed", exc_info=True)
        ending = ending_of_error(error, after_accept=False)
        console.print_line(word_ending(ending).line)
        return ending.exit_status


def _run(arguments: Namespace, console: Console) -> int:
    match arguments.command:
        case "devices":
            from cli.devices import run_devices

            return run_devices()
        case "find":
            from cli.find import run_find

            return run_find()
        case "known":
            from cli.known import run_known

            return run_known(arguments.action, arguments.names)
        case "doctor":
            from cli.doctor import run_doctor

            return run_doctor(arguments, _load_settings)
        case "report":
            from cli.report import run_report

            return run_report(arguments)
    settings = _load_settings(arguments)
    if arguments.command == "demo":
        return _run_demo(arguments, settings, console)
    return _run_call(arguments, settings, console)


def _load_settings(arguments: Namespace) -> "Settings":
    from cli.settings import load_settings

    named = {
        setting: getattr(arguments, option)
        for option, setting in NAMED_SETTINGS.items()
        if getattr(arguments, option, None) is not None
    }
    return load_settings(arguments.config, arguments.assignments, named)


def _run_demo(arguments: Namespace, settings: "Settings", console: Console) -> int:
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


def _run_call(arguments: Namespace, settings: "Settings", console: Console) -> int:
    from cli.options import RunOptions
    from cli.output_files import check_recording, check_snapshot
    from ui.window.screen_probe import ScreenProbe

    limit_arenas()
    pause_collections()
    if arguments.snapshot is not None:
        check_snapshot(arguments.snapshot)
    if arguments.record is not None:
        check_recording(arguments.record)
    options = RunOptions(
        console=console,
        verbosity=arguments.verbosity,
        port=getattr(arguments, "port", DEFAULT_PORT),
        code=getattr(arguments, "code", None),
        once=getattr(arguments, "once", False),
        stats=arguments.stats,
        events=arguments.events,
        snapshot=arguments.snapshot,
        record=arguments.record,
        ends_with_input=arguments.ends_with_input,
    )
    # Before a caller dials: the dial thread waits for no import longer than it must.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with ExitStack() as ends:
        screen = None if settings.window.headless else ends.enter_context(ScreenProbe())
        if screen is not None:
            screen.load_binding()
        if arguments.command == "lobby":
            from cli.lobby import run_lobby

            return run_lobby(settings, options, screen)
        if arguments.command == "listen":
            from cli.listen import run_listen

            return run_listen(settings, options, screen)
        from cli.connect import run_connect

        return run_connect(arguments.host, settings, options, screen)


def _set_up_log(console: Console, verbosity: int) -> None:
    logging.getLogger().handlers[:] = [LineHandler(console, is_verbose=verbosity > 0)]
    level = {-1: logging.WARNING, 0: logging.INFO, 1: logging.DEBUG}[verbosity]
    for package in PACKAGES:
        logging.getLogger(package).setLevel(level)


def _set_up_fault_report(console: Console, *, is_verbose: bool) -> None:
    """Report an uncaught error in one sentence; Python then leaves with status 1."""

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        from call.endings import ending_of_error
        from ui.wording.endings import word_ending

        if is_verbose:
            sys.__excepthook__(kind, error, traceback)
        else:
            console.print_line(word_ending(ending_of_error(error, after_accept=False)).line)

    sys.excepthook = report
