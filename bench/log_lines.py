"""Logs of a measurement's programs: lines of whole numbers. Reads files."""

from pathlib import Path


def read_numbers(log: Path) -> list[tuple[int, ...]]:
    """Return the numbers of each complete line; none if there is no file yet."""
    if not log.exists():
        return []
    text = log.read_text()
    lines = text[: text.rfind("\n") + 1].splitlines()
    return [tuple(map(int, line.split())) for line in lines]
