"""media/recording/packet_queue.py: bounded, and nobody waits to put."""

import pytest

from media.recording.packet_queue import MAX_BYTES, MAX_PACKETS, PacketQueue
from media.recording.tracks import RecordedPacket, Track


def packet(size_bytes: int) -> RecordedPacket:
    return RecordedPacket(Track.OWN_PICTURE, "h264", 0, 0, 0, None, True, bytes(size_bytes))


@pytest.mark.parametrize(("count", "size_bytes"), [(8, MAX_BYTES // 8), (MAX_PACKETS, 1)])
def test_full_queue_drops_and_counts_what_comes(count: int, size_bytes: int) -> None:
    queue = PacketQueue()
    whole = packet(size_bytes)
    for _ in range(count + 3):
        queue.put(whole)
    assert queue.dropped == 3
    assert len(queue.take_all(0)) == count
    queue.put(whole)
    assert len(queue.take_all(0)) == 1


def test_closed_queue_yields_what_it_holds_at_once_and_takes_no_more() -> None:
    queue = PacketQueue()
    queue.put(packet(1))
    queue.close()
    queue.put(packet(1))
    assert len(queue.take_all(3600)) == 1
    assert queue.is_closed
