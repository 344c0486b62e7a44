"""The command `doctor`: checks this computer, or the way to another one. Main thread.

Prints a line for each finding as soon as it is there: its mark, the check, the cause, the next
step; with `--json`, an object on each line. docs/doctor.md lists the checks.
"""

import dataclasses
import json
import re
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from cli.program_command import command_from_here, program_command
from core.errors import ReportedError
from core.exit_status import ExitStatus
from core.program import COMMAND
from core.safe_text import cut_controls
from doctor.finding import Finding, Mark, is_anything_wrong, ok, wrong
from doctor.packages import check_packages, check_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from call.settings import Settings

_MARK_CELLS, _CHECK_CELLS = 7, 11
_OWN_COMMAND = re.compile(rf"`{re.escape(COMMAND)} (\w+)")
"""The program's own command in a next step, as all modules name it."""


def run_doctor(arguments: Namespace, load: "Callable[[Namespace], Settings]") -> int:
    """Run the checks, print what they find, and return the exit status.

    Args:
        load: reads the settings.
    Raises:
        SettingsError: HOST is none.
    """
    findings = _check_way(arguments, load) if arguments.host else _check_here(arguments, load)
    found = []
    for each in findings:
        finding = _with_commands_to_copy(each, is_way=bool(arguments.host))
        found.append(finding)
        _print(_to_json(finding) if arguments.json else to_line(finding))
    print(_summarize(found, arguments.host), file=sys.stderr)
    return ExitStatus.FAULT if is_anything_wrong(found) else ExitStatus.OK


def _check_here(arguments: Namespace, load: "Callable[[Namespace], Settings]") -> Iterator[Finding]:
    yield from check_python(sys.version_info[:3])
    packages = check_packages()
    yield from packages
    if is_anything_wrong(packages):  # All other checks need them.
        return
    from call.settings import Settings
    from core.threads import Threads
    from core.user_folders import data_folder
    from doctor.checkup import Patient, checks_of_this_computer, run_checks

    try:
        settings = load(arguments)
        yield ok("settings", "The settings can be used")
    except ReportedError as error:
        settings = Settings()
        yield wrong("settings", error.sentence, error.next_step or _settings_step(error))
    patient = Patient(settings, data_folder(), command_from_here())
    yield from run_checks(checks_of_this_computer(patient), Threads())


def _settings_step(error: ReportedError) -> str:
    from doctor.places import show_step

    cause = error.__cause__
    if isinstance(cause, PermissionError):
        return show_step(Path(cause.filename))
    return "Correct it there; config.yaml beside peer.py lists all settings"


def _check_way(arguments: Namespace, load: "Callable[[Namespace], Settings]") -> Iterator[Finding]:
    from call.settings import Settings
    from core.threads import Threads
    from core.user_folders import data_folder
    from doctor.checkup import Patient
    from doctor.way import WayCheck
    from net.settings import DEFAULT_PORT
    from net.trust.known_peers import KnownPeers
    from net.trust.known_peers_file import KNOWN_PEERS_FILE

    problem: list[Finding] = []
    try:
        settings = load(arguments)
    except ReportedError as error:
        settings = Settings()
        problem.append(wrong("settings", error.sentence, error.next_step or _settings_step(error)))
    folder = data_folder()
    patient = Patient(settings, folder, program_command())
    known = KnownPeers(folder / KNOWN_PEERS_FILE)
    port = DEFAULT_PORT if arguments.listen_port is None else arguments.listen_port
    way = WayCheck(arguments.host, port, known, patient, Threads())
    return chain(problem, way.run())


def _with_commands_to_copy(finding: Finding, *, is_way: bool) -> Finding:
    """Return a finding whose next step names the program as a shell can start it.

    Args:
        is_way: whether `listen` is to be entered on the other computer.
    """

    def word(match: re.Match[str]) -> str:
        is_there = is_way and match[1] == "listen"
        return f"`{program_command() if is_there else command_from_here()} {match[1]}"

    return dataclasses.replace(finding, next_step=_OWN_COMMAND.sub(word, finding.next_step))


def to_line(finding: Finding) -> str:
    """Return the line of a finding, fit to be shown."""
    texts = [text[:1].upper() + text[1:] for text in (finding.sentence, finding.next_step) if text]
    said = " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts)
    check = finding.check.replace("_", " ")
    return f"{finding.mark:<{_MARK_CELLS}}  {check:<{_CHECK_CELLS}}  {cut_controls(said)}"


def _to_json(finding: Finding) -> str:
    return json.dumps(
        {
            "check": finding.check,
            "mark": finding.mark,
            "sentence": cut_controls(finding.sentence),
            "next_step": cut_controls(finding.next_step),
            "figures": dict(finding.figures),
        },
        ensure_ascii=False,
    )


def _summarize(found: Iterable[Finding], host: str | None) -> str:
    counts = {mark: sum(finding.mark is mark for finding in found) for mark in Mark}
    where = f"on the way to {cut_controls(host)}" if host else "here"
    warnings = counts[Mark.WARNING]
    end = f"; {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    if not counts[Mark.WRONG]:
        return f"Nothing is wrong {where}{end}."
    number = counts[Mark.WRONG]
    return f"{number} thing{'s are' if number > 1 else ' is'} wrong {where}{end}."


def _print(line: str) -> None:
    print(line, flush=True)
