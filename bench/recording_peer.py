"""`peer.py` that also stores the encoded pictures that it receives. A process of its own.

    python -m bench.recording_peer FILE WORDS...

Each packet is written as it is when the decoder takes it, and decoded after the call
(`bench/received_quality.py`), so that the measured call costs only the write.

    | captured_us u64 | length u32 | packet |      big-endian
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from call.live.video_packet_queue import VideoPacketQueue
from media.packet import VideoPacket
from peer import run

HEADER = struct.Struct(">QI")


def record(file: BinaryIO) -> None:
    """Write every packet that is taken from a queue in this process."""
    take = VideoPacketQueue.take

    def take_and_write(queue: VideoPacketQueue, timeout_s: float) -> tuple[VideoPacket | None, int]:
        packet, discarded = take(queue, timeout_s)
        if packet is not None:
            file.write(HEADER.pack(packet.captured_us, len(packet.payload)))
            file.write(packet.payload)
        return packet, discarded

    # The program has no use for such a hook, so the benchmark replaces the method.
    VideoPacketQueue.take = take_and_write  # type: ignore[assignment,method-assign]  # every queue of this process is recorded


def read_recording(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the time of capture and the bytes of each packet that was written completely."""
    while len(header := file.read(HEADER.size)) == HEADER.size:
        captured_us, length = HEADER.unpack(header)
        packet = file.read(length)
        if len(packet) < length:
            return
        yield captured_us, packet


if __name__ == "__main__":
    path = sys.argv.pop(1)
    with Path(path).open("wb") as recording:
        record(recording)
        run()
