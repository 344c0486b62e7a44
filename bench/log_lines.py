"""Pairs of whole numbers, one pair or more a line, that a program of a measurement noted."""

from pathlib import Path


def read_numbers(log: Path) -> list[tuple[int, ...]]:
    """Return the numbers of each whole line; none where there is no file yet."""
    if not log.exists():
        return []
    text = log.read_text()
    lines = text[: text.rfind("\n") + 1].splitlines()
    return [tuple(map(int, line.split())) for line in lines]
