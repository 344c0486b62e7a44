"""A file of any size from its first byte to its last, beside a call over loopback.

The file is sparse, with random bytes at the start of each stretch, so that a part that is lost or
lies in a wrong place changes its checksum. The benchmark's own process.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.calls import Call, has_lines, read_lines, start_call
from bench.children import BenchError, Child, Children, Meter
from bench.figures import Subject
from bench.hosts import loopback

STRETCH_BYTES = 64 << 20
RANDOM_BYTES = 1 << 20
POLL_S = 1.0
LONGEST_S = 3 * 3600
OFFER_S = 600.0
"""The longest time from /send to the offer, in which the file may be read once."""


def write_sparse(path: Path, size_bytes: int) -> None:
    """Write a sparse file with random bytes at the start of each stretch, and at its end."""
    with path.open("wb") as output:
        output.truncate(size_bytes)
        for at in (*range(0, size_bytes, STRETCH_BYTES), max(0, size_bytes - RANDOM_BYTES)):
            output.seek(at)
            output.write(os.urandom(min(RANDOM_BYTES, size_bytes - at)))


def measure_whole(size_bytes: int, folder: Path) -> Iterator[Subject]:
    """Yield the figures of a whole file from the listener to the caller. Raises BenchError."""
    file = folder / "whole.bin"
    write_sparse(file, size_bytes)
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        Children(Path(name)) as children,
    ):
        stored = children.folder / "downloads"
        call = start_call(
            children,
            loopback(),
            listener_camera="test",
            caller_camera="test",
            options=("--duration", str(LONGEST_S), "--set", f"files.folder={stored}"),
        )
        call.caller.wait_until(lambda: has_lines(call.caller_stats), "did not start a call")
        before_mb = _memory_mb(call)
        call.listener.write_line(f"/send {file}")
        call.caller.wait_until(
            lambda: "offered" in _states(call), "was not offered the file", OFFER_S
        )
        call.caller.write_line("/accept")
        yield _measure(call, file, stored / file.name, before_mb)


def _measure(call: Call, file: Path, stored: Path, before_mb: tuple[float, ...]) -> Subject:
    """Wait for the end of the transfer, and compare both files."""
    began_s, meter = time.monotonic(), Meter([call.listener, call.caller])
    highest_mb = before_mb
    while (state := _states(call)[-1]) not in ("stored", "failed", "cancelled"):
        if call.caller.has_ended or call.listener.has_ended:
            raise call.caller.failure("ended before the file had arrived")
        highest_mb = tuple(map(max, highest_mb, _memory_mb(call)))
        time.sleep(POLL_S)
    seconds, cost = time.monotonic() - began_s, meter.read()
    if state != "stored":
        raise BenchError(f"The file has not arrived: {read_lines(call.caller_events)[-1]}")
    if _checksum(file) != _checksum(stored):
        raise BenchError("The file that has arrived is another one")
    size_bytes = file.stat().st_size
    return Subject(
        f"{size_bytes / 1e9:g} GB",
        {
            "seconds": seconds,
            "file_mbps": size_bytes * 8e-6 / seconds,
            "before_mb": before_mb,
            "highest_mb": highest_mb,
            "cpu": cost.cpu,
        },
    )


def _states(call: Call) -> list[str]:
    events = read_lines(call.caller_events)
    return [str(each["state"]) for each in events if each["event"] == "file"]


def _memory_mb(call: Call) -> tuple[float, ...]:
    """Return the resident memory of both ends: of the sender, then of the receiver."""
    return tuple(_resident_mb(child) for child in (call.listener, call.caller))


def _resident_mb(child: Child) -> float:
    try:
        return float(child.meter.memory_info().rss) / 1e6
    except psutil.Error as error:
        raise child.failure("ended too early") from error


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
