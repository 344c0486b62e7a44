"""call/session/output_paths.py: names that every file system takes."""

from datetime import datetime
from pathlib import Path

import platformdirs
import pytest

from call.session.output_paths import recording_path, snapshot_path
from core.file_names import numbered

AT = datetime(2026, 11, 30, 17, 48, 5)


@pytest.mark.parametrize(
    ("peer_name", "file_name"),
    [
        ("Bob", "Bob 2026-11-30 17.48.05"),
        ("../../etc/passwd", "etcpasswd 2026-11-30 17.48.05"),
        ('a<b>:"c"|?*\\d', "a_b___c____d 2026-11-30 17.48.05"),
        ("a\n\u202eb", "ab 2026-11-30 17.48.05"),
        (". .", "Call 2026-11-30 17.48.05"),
        ("CON", "CON 2026-11-30 17.48.05"),
        ("-rf", "_-rf 2026-11-30 17.48.05"),
        ("é" * 64, "é" * 40 + " 2026-11-30 17.48.05"),
    ],
)
def test_file_without_a_name_has_the_peers_and_the_time(peer_name: str, file_name: str) -> None:
    recording, snapshot = recording_path(None, peer_name, AT), snapshot_path(peer_name, AT)
    assert recording == platformdirs.user_videos_path() / f"{file_name}.mkv"
    assert snapshot == platformdirs.user_pictures_path() / f"{file_name}.png"
    assert len(recording.name.encode()) < 255


def test_named_file_keeps_its_name() -> None:
    assert recording_path(Path("a.mkv"), "Bob", AT) == Path("a.mkv")


def test_taken_names_are_followed_by_numbers_before_the_suffix() -> None:
    names = [path.name for path, _ in zip(numbered(Path("a b.mkv")), range(3), strict=False)]
    assert names == ["a b.mkv", "a b 2.mkv", "a b 3.mkv"]
