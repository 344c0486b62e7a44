"""cli/doctor.py: the lines, the JSON, the exit status and the time limit of a check."""

import json
from argparse import Namespace
from collections.abc import Callable
from threading import Event

import pytest

from call.errors import SettingsError
from call.settings import Settings
from cli.arguments import parse_arguments
from cli.doctor import run_doctor, to_line
from core.exit_status import ExitStatus
from core.threads import Threads
from doctor import checkup
from doctor.checkup import Check, Patient, run_checks
from doctor.finding import Finding, Mark, ok, warning, wrong
from media.errors import SourceError

GOOD = ok("camera", "It works", rate_hz=30.0)
MISSING = warning("camera", "There is none", "Connect one")
BROKEN = wrong("port", "the port is taken\x1b[2J", "end that program", port=5000)


def run(
    monkeypatch: pytest.MonkeyPatch,
    findings: list[Finding],
    *words: str,
    load: Callable[[Namespace], Settings] = lambda arguments: Settings(),
) -> int:
    """Run the command with these findings in place of all slow checks."""

    def checks(patient: Patient) -> list[tuple[str, Check]]:
        return [("played", lambda: findings)]

    monkeypatch.setattr(checkup, "checks_of_this_computer", checks)
    return run_doctor(parse_arguments(["doctor", *words]), load)


@pytest.mark.parametrize(
    ("findings", "status"),
    [([GOOD], ExitStatus.OK), ([GOOD, MISSING], ExitStatus.OK), ([GOOD, BROKEN], ExitStatus.FAULT)],
)
def test_exit_status_is_1_only_if_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], status: ExitStatus
) -> None:
    assert run(monkeypatch, findings) == status


def test_each_line_has_mark_check_cause_and_next_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, [GOOD, MISSING, BROKEN])
    output = capsys.readouterr()
    lines = output.out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["ok", "python"],
        ["ok", "packages"],
        ["ok", "settings"],
    ]
    assert lines[3:] == [
        "ok       camera       It works.",
        "warning  camera       There is none. Connect one.",
        "wrong    port         The port is taken[2J. End that program.",
    ]
    assert output.err == "1 thing is wrong here; 1 warning.\n"


def test_json_has_an_object_for_each_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, [GOOD, BROKEN], "--json")
    *_, good, broken = map(json.loads, capsys.readouterr().out.splitlines())
    assert good == {
        "check": "camera",
        "mark": "ok",
        "sentence": "It works",
        "next_step": "",
        "figures": {"rate_hz": 30.0},
    }
    assert broken["mark"] == "wrong"
    assert broken["figures"] == {"port": 5000}
    assert "\x1b" not in broken["sentence"]


def test_wrong_settings_are_a_finding_and_the_rest_is_checked_with_the_defaults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: Namespace) -> Settings:
        raise SettingsError("Line 3 of config.yaml: there is no key videoo", "Did you mean video?")

    assert run(monkeypatch, [GOOD], load=fail) == ExitStatus.FAULT
    lines = capsys.readouterr().out.splitlines()
    assert "wrong    settings     Line 3 of config.yaml" in lines[2]
    assert lines[3].startswith("ok       camera")


def test_check_that_hangs_is_named_and_the_next_one_runs() -> None:
    end, threads = Event(), Threads()

    def hang() -> list[Finding]:
        end.wait(30)
        return []

    findings = list(run_checks([("camera", hang), ("port", lambda: [GOOD])], threads, 0.1))
    end.set()
    assert threads.join(30) == []
    assert [(finding.check, finding.mark) for finding in findings] == [
        ("camera", Mark.WRONG),
        ("camera", Mark.OK),
    ]


def test_errors_with_a_sentence_and_missing_packages_become_findings() -> None:
    def fail() -> list[Finding]:
        raise SourceError("PortAudio does not start", "Look at the system's sound")

    def lack() -> list[Finding]:
        raise ImportError("libGL.so.1: cannot open shared object file")

    first, second = run_checks([("microphone", fail), ("camera", lack)], Threads())
    assert (first.mark, first.sentence) == (Mark.WRONG, "PortAudio does not start")
    assert second.mark is Mark.WRONG
    assert "libGL.so.1" in second.sentence


def test_fault_of_a_check_is_not_hidden() -> None:
    def fail() -> list[Finding]:
        raise KeyError("x")

    with pytest.raises(KeyError):
        list(run_checks([("camera", fail)], Threads()))


def test_question_keeps_its_mark() -> None:
    assert to_line(wrong("name", "no", "did you mean Bob?")).endswith("No. Did you mean Bob?")


def test_host_that_is_none_is_a_usage_error() -> None:
    with pytest.raises(SettingsError):
        run_doctor(parse_arguments(["doctor", "a b c"]), lambda arguments: Settings())
