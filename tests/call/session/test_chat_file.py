"""Claims about call/session/chat_file.py: the form of a saved chat, and that it harms no file."""

import json
from pathlib import Path

import pytest

from call.session.chat_file import ChatRecord, save_chat
from ui.sharing import ChatMessage

RECORD = ChatRecord(
    "Ann",
    "Bob",
    1_795_000_000_000,
    (
        ChatMessage("Hello\nBob", 1_795_000_001_500, is_own=True, is_delivered=False),
        ChatMessage("Grüße 👍", 1_795_000_002_000, is_own=False),
    ),
)


def test_saved_chat_is_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    save_chat(RECORD, path)
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [
        {"chat": 1, "you": "Ann", "peer": "Bob", "began": "2026-11-18T11:06:40.000Z"},
        {
            "at": "2026-11-18T11:06:41.500Z",
            "from": "Ann",
            "is_own": True,
            "is_delivered": False,
            "text": "Hello\nBob",
        },
        {
            "at": "2026-11-18T11:06:42.000Z",
            "from": "Bob",
            "is_own": False,
            "is_delivered": True,
            "text": "Grüße 👍",
        },
    ]


def test_text_file_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "chat.TXT"
    save_chat(RECORD, path)
    heading, blank, first, second, third = path.read_text("utf-8").splitlines()
    assert heading.startswith("Chat of Ann with Bob, 2026-11-1")
    assert not blank
    assert first.endswith("Ann (not delivered): Hello")
    assert second == "    Bob"
    assert third.endswith("Bob: Grüße 👍")


def test_file_is_replaced_only_if_the_user_agreed(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        save_chat(RECORD, path)
    assert path.read_text() == "mine"
    save_chat(RECORD, path, replaces=True)
    assert "Hello" in path.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_failed_replacement_keeps_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "chat.txt"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        save_chat(RECORD, folder, replaces=True)
    assert list(tmp_path.iterdir()) == [folder]
