"""call/urgency.py: preferred where the system allows it, and nothing left behind."""

from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from call import urgency
from call.urgency import NICENESS, Urgency


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
    monkeypatch.setattr(urgency, "AUTOGROUP", tmp_path / "autogroup")
    return Process


def test_the_session_is_ranked_and_given_back(process: type[Process], tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    asked = Urgency()
    asked.ask()
    assert process.asked == [NICENESS]
    assert (tmp_path / "autogroup").read_text() == str(NICENESS)
    asked.give_back()
    assert (tmp_path / "autogroup").read_text() == "0"


def test_a_session_that_the_person_ranked_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 5\n")
    asked = Urgency()
    asked.ask()
    asked.give_back()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 5\n"


def test_where_the_system_says_no_all_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Process, "may", False)
    (tmp_path / "autogroup").write_text("/autogroup-7 nice 0\n")
    asked = Urgency()
    asked.ask()
    asked.give_back()
    assert (tmp_path / "autogroup").read_text() == "/autogroup-7 nice 0\n"


def test_a_system_without_sessions_of_this_kind_is_no_problem(process: type[Process]) -> None:
    asked = Urgency()
    asked.ask()
    asked.give_back()
    assert process.asked == [NICENESS]
