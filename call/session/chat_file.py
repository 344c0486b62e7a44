"""A saved chat: one JSON object a line, or text for people. Call thread.

docs/saved-chat.md describes the form.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ui.sharing import ChatMessage

FORMAT_VERSION = 1
TEXT_SUFFIX = ".txt"


class ChatRecord(msgspec.Struct, frozen=True):
    """The chat of one call.

    Attributes:
        began_ms: when the call was accepted; Unix time in milliseconds.
    """

    local_name: str
    peer_name: str
    began_ms: int
    messages: tuple[ChatMessage, ...]


class _Heading(msgspec.Struct, frozen=True):
    chat: int
    you: str
    peer: str
    began: str


class _Line(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    at: str
    sender: str
    is_own: bool
    is_delivered: bool
    text: str


def save_chat(record: ChatRecord, path: Path, *, replaces: bool = False) -> None:
    """Write a chat into a file, whole or not at all.

    Args:
        replaces: whether a file there is replaced.
    Raises:
        FileExistsError: there is a file, and it must not be replaced.
        OSError: it cannot be written.
    """
    lines = _as_text(record) if path.suffix.lower() == TEXT_SUFFIX else _as_json(record)
    data = "".join(f"{line}\n" for line in lines).encode()
    if not replaces:
        _write(path, data)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(beside, data)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise


def _as_json(record: ChatRecord) -> Iterator[str]:
    encode = msgspec.json.encode
    heading = _Heading(
        FORMAT_VERSION, record.local_name, record.peer_name, _rfc_3339(record.began_ms)
    )
    yield encode(heading).decode()
    for message in record.messages:
        line = _Line(
            _rfc_3339(message.at_ms),
            record.local_name if message.is_own else record.peer_name,
            message.is_own,
            message.is_delivered,
            message.text,
        )
        yield encode(line).decode()


def _as_text(record: ChatRecord) -> Iterator[str]:
    began = _local(record.began_ms)
    yield f"Chat of {record.local_name} with {record.peer_name}, {began:%Y-%m-%d %H:%M}"
    yield ""
    for message in record.messages:
        name = record.local_name if message.is_own else record.peer_name
        lost = "" if message.is_delivered else " (not delivered)"
        first, *others = message.text.split("\n")
        yield f"[{_local(message.at_ms):%H:%M:%S}] {name}{lost}: {first}"
        yield from (f"    {line}" for line in others)


def _local(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()


def _rfc_3339(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
