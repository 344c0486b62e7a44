"""Saved chats for tests, in the form of docs/saved-chat.md."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from report.chat_transcript import Message

YOU = "Ann"
PEER = "Bee"
BEGAN = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)


def heading(you: str = YOU, peer: str = PEER, changed: dict[str, object] | None = None) -> str:
    """Return the first line of a chat."""
    usual = {"chat": 1, "you": you, "peer": peer, "began": _rfc_3339(0)}
    return json.dumps(usual | (changed or {}))


def line(
    text: str,
    *,
    is_own: bool = True,
    second: int = 0,
    changed: dict[str, object] | None = None,
) -> str:
    """Return the line of a message, some seconds after the call began, with some keys changed."""
    message = {
        "at": _rfc_3339(second),
        "from": YOU if is_own else PEER,
        "is_own": is_own,
        "is_delivered": True,
        "text": text,
    }
    return json.dumps(message | (changed or {}))


def chat_lines(texts: Sequence[str]) -> list[str]:
    """Return a chat in which both write in turns, a message every ten seconds."""
    lines = [line(t, is_own=n % 2 == 0, second=10 * n) for n, t in enumerate(texts)]
    return [heading(), *lines]


def save(folder: Path, texts: Sequence[str]) -> Path:
    """Write such a chat into a file."""
    path = folder / "chat.jsonl"
    path.write_text("".join(f"{each}\n" for each in chat_lines(texts)), encoding="utf-8")
    return path


def message(text: str, *, is_own: bool = True, second: int = 0) -> Message:
    """Return a message as it is read back."""
    at = BEGAN + timedelta(seconds=second)
    return Message(at, YOU if is_own else PEER, is_own, is_delivered=True, text=text)


def _rfc_3339(second: int) -> str:
    return (BEGAN + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")
