"""docs/faults.md: each row names a test that exists, and sentences that the program says."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.parsed_module import ROOT

TABLE = ROOT / "docs" / "faults.md"
PACKAGES = ("call", "cli", "core", "media", "net", "ui")
KINDS = ("Network", "Processes", "Limits of the system", "Devices", "Disk", "Clock", "Input")
LEAST_ROWS = 30
EXIT = re.compile(r"–|\d+(, \d+)*")
NOTHING = "–"
VARYING = "…"
"""Stands for the part of a sentence that differs each time, such as a name or a path."""


@dataclass(frozen=True)
class Row:
    """One fault."""

    fault: str
    happens: str
    said: str
    sentences: tuple[str, ...]
    exit_status: str
    kept: str
    test: str


def read_rows() -> dict[str, list[Row]]:
    """Return the rows of the document by their heading."""
    found: dict[str, list[Row]] = {}
    heading = ""
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| fault "):
            fault, happens, said, status, kept, test = (
                cell.strip() for cell in line.strip("|").split(" | ")
            )
            sentences = tuple(re.findall(r"“([^”]+)”", said))
            row = Row(fault, happens, said, sentences, status, kept, test.strip("` "))
            found.setdefault(heading, []).append(row)
    return found


ROWS = [row for rows in read_rows().values() for row in rows]


@cache
def said_by_the_program() -> tuple[str, ...]:
    """Return every text in the program's source, with `VARYING` for what is filled in."""
    texts = []
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if id(node) in docstrings:
                    continue
                if isinstance(node, ast.JoinedStr):
                    texts.append("".join(map(_text_of, node.values)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(re.sub(r"%[sd]|{\w+}", VARYING, node.value))
    return tuple(texts)


def _text_of(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else VARYING


def is_said(sentence: str) -> bool:
    """Return whether the program can say it."""
    return any(sentence in text for text in said_by_the_program())


def test_there_are_thirty_faults_of_every_kind() -> None:
    found = read_rows()
    assert tuple(found) == KINDS
    assert len(ROWS) >= LEAST_ROWS
    assert len({row.fault for row in ROWS}) == len(ROWS)


def find_error(row: Row) -> str:
    """Return what is wrong with a row, or ""."""
    unsaid = [sentence for sentence in row.sentences if not is_said(sentence)]
    if unsaid:
        return f"the program does not say {unsaid}"
    if not row.sentences and row.said != NOTHING:
        return "no sentence"
    if not EXIT.fullmatch(row.exit_status):
        return f"no exit status: {row.exit_status}"
    if not row.happens or not row.kept:
        return "an empty cell"
    path, _, name = row.test.partition("::")
    if f"def {name}(" not in (ROOT / path).read_text("utf-8"):
        return f"there is no {row.test}"
    return ""


def test_rows_name_tests_and_sentences_of_the_program() -> None:
    errors = {row.fault: error for row in ROWS if (error := find_error(row))}
    assert errors == {}


def test_every_test_of_this_folder_is_in_the_table() -> None:
    named = {row.test for row in ROWS}
    here = Path(__file__).parent
    for file in here.glob("test_*.py"):
        if file.name != Path(__file__).name:
            path = file.relative_to(ROOT).as_posix()
            tests = re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
            assert [name for name in tests if f"{path}::{name}" not in named] == []


def test_sentence_that_the_program_does_not_say_is_noticed() -> None:
    assert is_said("answered, but no program listens on its port")
    assert not is_said("answered, but no programme listens on its port")
