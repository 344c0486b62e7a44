"""cli/table.py: columns for people at a terminal, and for programs elsewhere."""

import sys

import pytest

from cli.table import print_table

ROWS = [("7", "Zoë"), ("12", "[bold]Al")]


def test_line_of_headings_comes_first_and_tabs_separate_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("number", "name"), ROWS)
    assert capsys.readouterr().out == "number\tname\n7\tZoë\n12\t[bold]Al\n"


def test_columns_are_lined_up_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(("number", "name"), ROWS)
    lines = capsys.readouterr().out.splitlines()
    starts = {line.index(name) for _, name in ROWS for line in lines if name in line}
    assert len(starts) == 1
    assert any("number" in line and "name" in line for line in lines)
