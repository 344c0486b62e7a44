"""report/source.py: what a file holds, whatever its size and its state."""

import json
from pathlib import Path

import pytest

from report.errors import UnreadableSource
from report.source import MAX_LINE_BYTES, SourceKind, kind_of, read_lines

FIGURES = json.dumps({"t_s": 1.0, "state": "call", "peer": "Bee"})
HEADING = json.dumps({"chat": 1, "you": "Al", "peer": "Bee", "began": "2026-11-27T06:40:12.345Z"})
EVENT = json.dumps({"at": "2026-11-27T06:40:12.345Z", "event": "accepted", "peer": "Bee"})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (FIGURES, SourceKind.STATISTICS),
        (FIGURES[9:] + "\n" + FIGURES, SourceKind.STATISTICS),
        ("\ufeff" + FIGURES + "\r\n", SourceKind.STATISTICS),
        ("\n" * 3 + FIGURES, SourceKind.STATISTICS),
        (HEADING, SourceKind.CHAT),
        ("Chat of Al with Bee, 2026-11-27 06:40\n\n", SourceKind.CHAT),
    ],
)
def test_kind_is_found_from_the_first_lines(tmp_path: Path, text: str, kind: SourceKind) -> None:
    file = tmp_path / "file"
    file.write_text(text, encoding="utf-8")
    assert kind_of(file) is kind


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither statistics nor a chat"),
        (b"[" * 100_000, "neither statistics nor a chat"),
        (b'{"t_s": 1.0, "st', "neither statistics nor a chat"),
        (EVENT.encode(), "holds events"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    with pytest.raises(UnreadableSource) as caught:
        kind_of(file)
    assert said in caught.value.sentence
    assert caught.value.next_step


def test_folder_device_and_missing_file_are_refused(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path, "is a folder"),
        (Path("/dev/null"), "is not a file"),
        (tmp_path / "none", "There is no file"),
        (tmp_path / "a\0b", "cannot be read"),
    ):
        with pytest.raises(UnreadableSource) as caught:
            kind_of(path)
        assert said in caught.value.sentence


def test_line_without_end_is_read_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * (3 * MAX_LINE_BYTES) + b"\nshort\n")
    assert [len(line) for line in read_lines(file)] == [MAX_LINE_BYTES, 5]
