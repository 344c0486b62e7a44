"""core/priority.py: preferred where the system allows it, and nothing left behind."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from core import priority
from core.priority import NICENESS, REAL_TIME_PRIORITY, ProcessPriority, prefer_this_thread


class Process:
    """A process that may be ranked, or not."""

    asked: ClassVar[list[int]] = []
    may = True

    def nice(self, value: int) -> None:
        if not self.may:
            raise psutil.AccessDenied
        self.asked.append(value)


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Process]:
    """No process of this computer's."""
    monkeypatch.setattr(psutil, "Process", Process)
    monkeypatch.setattr(Process, "asked", [])
    monkeypatch.setattr(priority, "AUTOGROUP", tmp_path / "autogroup")
    return Process


def test_the_session_is_ranked_and_given_back(process: type[Process], tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    asked = ProcessPriority()
    asked.ask()
    assert process.asked == [NICENESS]
    assert (tmp_path / "autogroup").read_text() == str(NICENESS)
    asked.restore()
    assert (tmp_path / "autogroup").read_text() == "0"


def test_a_session_that_the_person_ranked_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 5\n")
    asked = ProcessPriority()
    asked.ask()
    asked.restore()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 5\n"


def test_where_the_system_says_no_all_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Process, "may", False)
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    asked = ProcessPriority()
    asked.ask()
    asked.restore()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 0\n"


def test_a_system_without_sessions_of_this_kind_is_no_problem(process: type[Process]) -> None:
    asked = ProcessPriority()
    asked.ask()
    asked.restore()
    assert process.asked == [NICENESS]


def may_rank() -> bool:
    """Whether the system lets this process have such threads."""
    rank = f"os.sched_setscheduler(0, os.SCHED_RR, os.sched_param({REAL_TIME_PRIORITY}))"
    command = [sys.executable, "-c", f"import os; {rank}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ranks threads so")
@pytest.mark.parametrize("hands_on", [False, True])
def test_a_thread_comes_first_and_only_some_hand_that_on(hands_on: bool) -> None:
    seen: list[bool] = []

    def ranked() -> bool:
        return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR

    def first() -> None:
        prefer_this_thread(hands_on=hands_on)
        seen.append(ranked())
        started = threading.Thread(target=lambda: seen.append(ranked()))
        started.start()
        started.join()

    thread = threading.Thread(target=first)
    thread.start()
    thread.join()
    assert seen == [may_rank(), may_rank() and hands_on]
    assert not ranked()


def test_where_the_system_says_no_a_thread_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    prefer_this_thread()
