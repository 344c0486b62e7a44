"""File storer: stores the files that arrive, in order. Three threads.

The receive thread brings the parts and never waits; the `store file` thread writes them; the call
thread begins and ends files and collects what became of them. One lock, never held over the disk.
Parts that wait for the disk are bounded: the sender is told how much is stored, and may be 4 MiB
ahead.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import TypeAlias

import msgspec

from call.live.file_sender import MAX_UNSTORED_BYTES, FileFailed
from media.files.errors import FileError
from media.files.incoming_file import IncomingFile
from net.errors import ProtocolError
from net.link.outbox import Outbox
from net.protocol.control import encode_control
from net.protocol.file_messages import FileProgress, decode_part

MAX_WAITING_BYTES = 2 * MAX_UNSTORED_BYTES
"""Parts that wait for the disk; a sender that sends more ignores the reports."""
REPORT_US = 10_000
"""Between two reports of arrivals, at least."""
REPORT_BYTES = 500
"""Between two reports of arrivals, at least: a part, however small."""
STORED_REPORT_BYTES = MAX_UNSTORED_BYTES // 8
"""Between two reports that only the disk's progress is worth."""


class FileStored(msgspec.Struct, frozen=True):
    """A file is complete, and has its name."""

    transfer: int
    path: Path


StoreNews: TypeAlias = FileStored | FileFailed


class StoreRequest(msgspec.Struct, frozen=True):
    """A file that the user has accepted."""

    transfer: int
    folder: Path
    name: str
    size_bytes: int
    peer_name: str


class _Storing(msgspec.Struct):
    """A file that arrives.

    Attributes:
        file: None before it was created.
        reported_bytes, reported_stored_bytes: as last reported.
    """

    request: StoreRequest
    file: IncomingFile | None = None
    received_bytes: int = 0
    stored_bytes: int = 0
    arrived_us: int = 0
    reported_us: int = 0
    reported_bytes: int = 0
    reported_stored_bytes: int = 0
    sha256: bytes | None = None
    is_finishing: bool = False


_Work: TypeAlias = tuple[_Storing, bytes | None]
"""A file, and bytes to append; None to create it, or to finish it once it is complete."""


class FileStorer:
    """The files that this peer receives in one call."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._condition = Condition()
        self._outbox: Outbox | None = None
        self._storing: dict[int, _Storing] = {}
        self._ended: set[int] = set()
        self._work: deque[_Work] = deque()
        self._waiting_bytes = 0
        self._discarded: deque[IncomingFile] = deque()
        self._news: deque[StoreNews] = deque()
        self._is_closed = False

    # Call thread.

    def move_to(self, outbox: Outbox) -> None:
        """Take parts from this link only, and report on it."""
        with self._condition:
            self._outbox = outbox

    def begin(self, request: StoreRequest) -> None:
        """Store a file; its first part may come from now on."""
        with self._condition:
            storing = _Storing(request)
            self._storing[request.transfer] = storing
            self._work.append((storing, None))
            self._condition.notify()

    def finish(self, transfer: int, sha256: bytes) -> None:
        """Finish a file once all of it is stored."""
        with self._condition:
            storing = self._storing.get(transfer)
            if storing is not None and storing.sha256 is None:
                storing.sha256 = sha256
                self._finish_if_complete(storing)

    def cancel(self, transfer: int) -> None:
        """Delete what has arrived of a file, and ignore the rest."""
        with self._condition:
            self._drop(transfer)

    def received_bytes(self, transfer: int) -> int | None:
        """Return how much of a file has arrived; None if it is not being received."""
        with self._condition:
            storing = self._storing.get(transfer)
            return None if storing is None else storing.received_bytes

    def take_news(self) -> list[StoreNews]:
        """Return what has happened since the last call."""
        with self._condition:
            news = list(self._news)
            self._news.clear()
            return news

    def on_tick(self) -> None:
        """Report arrivals that were not worth a report at once; about 20 times a second."""
        with self._condition:
            for storing in self._storing.values():
                if storing.received_bytes > storing.reported_bytes:
                    self._report(storing)

    def close(self) -> None:
        """Delete unfinished files, and end the thread soon."""
        with self._condition:
            for transfer in list(self._storing):
                self._drop(transfer)
            self._is_closed = True
            self._condition.notify()

    # Receive thread.

    def add_part(self, payload: bytes, outbox: Outbox) -> None:
        """Store a FILE message.

        Args:
            outbox: of the link that it came on; a former link's messages are ignored.

        Raises:
            ProtocolError: it is malformed, or no part of a file that was accepted.
        """
        part = decode_part(payload)
        with self._condition:
            if outbox is not self._outbox or self._is_closed:
                return
            storing = self._storing.get(part.transfer)
            if storing is None:
                if part.transfer in self._ended:
                    return  # Cancelled a moment ago.
                raise ProtocolError("The other side sent a file that nobody has accepted")
            end_bytes = part.offset_bytes + len(part.data)
            if part.offset_bytes != storing.received_bytes:
                raise ProtocolError("The other side sent the parts of a file out of order")
            if end_bytes > storing.request.size_bytes:
                raise ProtocolError("The other side sent a longer file than it announced")
            if self._waiting_bytes + len(part.data) > MAX_WAITING_BYTES:
                raise ProtocolError("The other side sends a file faster than the disk stores it")
            storing.received_bytes = end_bytes
            storing.arrived_us = self._now_us()
            self._waiting_bytes += len(part.data)
            self._work.append((storing, part.data))
            self._condition.notify()
            if self._is_report_due(storing):
                self._report(storing)

    def _is_report_due(self, storing: _Storing) -> bool:
        new_bytes = storing.received_bytes - storing.reported_bytes
        is_late = storing.arrived_us - storing.reported_us >= REPORT_US
        return is_late and new_bytes >= REPORT_BYTES

    def _report(self, storing: _Storing) -> None:
        """Report how far a file is; a waiting report is replaced. Under the lock."""
        transfer = storing.request.transfer
        storing.reported_us = self._now_us()
        storing.reported_bytes = storing.received_bytes
        storing.reported_stored_bytes = storing.stored_bytes
        progress = FileProgress(
            transfer, storing.received_bytes, storing.arrived_us, storing.stored_bytes
        )
        if self._outbox is not None:
            self._outbox.put_control(encode_control(progress), replaces=f"file_progress {transfer}")

    # Store file thread.

    def run(self) -> None:
        """Create, write and finish files until `close`. The body of the store file thread."""
        while (work := self._wait_work()) is not None:
            storing, data = work
            try:
                if data is not None:
                    self._write(storing, data)
                elif storing.is_finishing:
                    self._finish(storing)
                else:
                    self._create(storing)
            except FileError as error:
                self._fail(storing, error)
        self._delete_discarded()

    def _wait_work(self) -> _Work | None:
        while True:
            self._delete_discarded()
            with self._condition:
                if self._work:
                    return self._work.popleft()
                if self._is_closed:
                    return None
                if not self._discarded:
                    self._condition.wait()

    def _delete_discarded(self) -> None:
        while True:
            with self._condition:
                if not self._discarded:
                    return
                file = self._discarded.popleft()
            file.discard()

    def _create(self, storing: _Storing) -> None:
        request = storing.request
        file = IncomingFile(request.folder, request.name, request.size_bytes, request.peer_name)
        with self._condition:
            storing.file = file
            if not self._is_present(storing):
                self._discarded.append(file)

    def _write(self, storing: _Storing, data: bytes) -> None:
        with self._condition:
            self._waiting_bytes -= len(data)
            file = storing.file
            if file is None or not self._is_present(storing):
                return
        file.write(data)
        with self._condition:
            storing.stored_bytes += len(data)
            stored_bytes = storing.stored_bytes - storing.reported_stored_bytes
            if stored_bytes >= STORED_REPORT_BYTES and self._is_present(storing):
                self._report(storing)
            self._finish_if_complete(storing)

    def _finish_if_complete(self, storing: _Storing) -> None:
        """Finish a file whose checksum is known, once it is stored. Under the lock."""
        is_complete = storing.stored_bytes == storing.request.size_bytes
        if is_complete and storing.sha256 is not None and not storing.is_finishing:
            storing.is_finishing = True
            self._work.append((storing, None))
            self._condition.notify()

    def _finish(self, storing: _Storing) -> None:
        with self._condition:
            if storing.file is None or storing.sha256 is None or not self._is_present(storing):
                return
            # From here on it cannot be cancelled any more.
            del self._storing[storing.request.transfer]
            self._ended.add(storing.request.transfer)
        path = storing.file.finish(storing.sha256)
        with self._condition:
            self._news.append(FileStored(storing.request.transfer, path))

    def _fail(self, storing: _Storing, error: FileError) -> None:
        with self._condition:
            transfer = storing.request.transfer
            if storing.file is not None:
                self._discarded.append(storing.file)
                storing.file = None
            if self._is_present(storing):
                del self._storing[transfer]
            self._ended.add(transfer)
            self._news.append(FileFailed(transfer, error))

    def _is_present(self, storing: _Storing) -> bool:
        return self._storing.get(storing.request.transfer) is storing

    def _drop(self, transfer: int) -> None:
        storing = self._storing.pop(transfer, None)
        self._ended.add(transfer)
        if storing is not None and storing.file is not None:
            self._discarded.append(storing.file)
        self._condition.notify()
