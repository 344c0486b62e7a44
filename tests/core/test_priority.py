"""Claims about core/priority.py."""

import os
import sys
import threading
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from core import priority
from core.priority import NICENESS, REAL_TIME_PRIORITY, ProcessPriority, prefer_this_thread


class Process:
    """A fake of `psutil.Process` that records the niceness it was given."""

    requested: ClassVar[list[int]] = []
    is_allowed = True

    def nice(self, value: int) -> None:
        if not self.is_allowed:
            raise psutil.AccessDenied
        self.requested.append(value)


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Process]:
    """Replace the process and its session's file by fakes, to protect this computer."""
    monkeypatch.setattr(psutil, "Process", Process)
    monkeypatch.setattr(Process, "requested", [])
    monkeypatch.setattr(priority, "AUTOGROUP", tmp_path / "autogroup")
    return Process


def test_session_gets_higher_priority_until_restore(process: type[Process], tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    own = ProcessPriority()
    own.request()
    assert process.requested == [NICENESS]
    assert (tmp_path / "autogroup").read_text() == str(NICENESS)
    own.restore()
    assert (tmp_path / "autogroup").read_text() == "0"


def test_session_whose_niceness_the_user_set_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 5\n")
    own = ProcessPriority()
    own.request()
    own.restore()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 5\n"


def test_refused_process_priority_leaves_the_session_unchanged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Process, "is_allowed", False)
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    own = ProcessPriority()
    own.request()
    own.restore()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 0\n"


def test_system_without_autogroups_still_gets_the_process_priority(
    process: type[Process],
) -> None:
    own = ProcessPriority()
    own.request()
    own.restore()
    assert process.requested == [NICENESS]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these scheduling policies")
@pytest.mark.parametrize("inherited", [False, True])
def test_thread_requests_real_time_and_passes_it_on_only_if_inherited(
    monkeypatch: pytest.MonkeyPatch, inherited: bool
) -> None:
    set_scheduler = os.sched_setscheduler
    requests: list[tuple[int, int, int]] = []
    granted: list[bool] = []
    has_real_time: list[bool] = []

    def record(pid: int, policy: int, param: os.sched_param) -> None:
        requests.append((pid, policy, param.sched_priority))
        granted.append(False)
        set_scheduler(pid, policy, param)  # Raises PermissionError for an unprivileged user.
        granted[-1] = True

    def note_policy() -> None:
        policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
        has_real_time.append(policy == os.SCHED_RR)

    def body() -> None:
        prefer_this_thread(inherited=inherited)
        note_policy()
        child = threading.Thread(target=note_policy)
        child.start()
        child.join()

    monkeypatch.setattr(os, "sched_setscheduler", record)
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    policy = os.SCHED_RR if inherited else os.SCHED_RR | os.SCHED_RESET_ON_FORK
    assert requests == [(0, policy, REAL_TIME_PRIORITY)]
    assert has_real_time == [granted[0], granted[0] and inherited]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these scheduling policies")
def test_refused_thread_priority_raises_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    was_asked: list[bool] = []

    def refuse(*_: object) -> None:
        was_asked.append(True)
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    prefer_this_thread()
    assert was_asked == [True]
