"""Names for new files. Pure: no I/O, no clock."""

from collections.abc import Iterator
from pathlib import Path

_LAST_NUMBER = 9999


def numbered(path: Path) -> Iterator[Path]:
    """Yield a path, then the same with ` 2`, ` 3`, ... before its suffix."""
    yield path
    for number in range(2, _LAST_NUMBER + 1):
        yield path.with_name(f"{path.stem} {number}{path.suffix}")
