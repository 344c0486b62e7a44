"""The files, folders and tests that documents name: all of them exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    *("call/", "cli/", "core/", "doctor/", "media/"),
    *("net/", "report/", "tests/", "ui/"),
)


def documents() -> list[Path]:
    """Return all documents but the changelog, which names files that are gone."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return sorted(path for path in found if path.name != "CHANGELOG.md")


def quoted(document: Path) -> set[str]:
    """Return every word in backticks."""
    return set(re.findall(r"`([^`\s]+)`", document.read_text(encoding="utf-8")))


def all_tests() -> set[str]:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")]
    return {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    paths = {word for word in quoted(document) if word.startswith(PACKAGES) and "*" not in word}
    assert [path for path in sorted(paths) if not (ROOT / path.partition(":")[0]).exists()] == []


def test_security_names_only_tests_that_exist() -> None:
    named = {word for word in quoted(ROOT / "docs/security.md") if word.startswith("test_")}
    assert named
    assert named <= all_tests()
