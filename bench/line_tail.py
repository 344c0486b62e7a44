"""A file of JSON lines that grows, read piece by piece."""

import json
from pathlib import Path
from typing import Any


class LineTail:
    """Reads the lines that a program has added since the last time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_bytes = 0

    def read(self) -> list[dict[str, Any]]:
        """Return the new complete lines; none while there is no file."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as lines:
            lines.seek(self._read_bytes)
            data = lines.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read_bytes += len(whole)
        return [json.loads(line) for line in whole.splitlines()]
