"""call/live/audio_packet_queue.py: in order, and bounded."""

from call.live.audio_packet_queue import CAPACITY_PACKETS, AudioPacketQueue
from media.packet import AudioPacket


def test_packets_leave_in_order_with_their_arrival_times() -> None:
    queue = AudioPacketQueue()
    first, second = AudioPacket(0, 0, b"a"), AudioPacket(1, 10, b"b")
    queue.put(first, 100)
    queue.put(second, 110)
    assert queue.take_all() == [(first, 100), (second, 110)]
    assert queue.take_all() == []


def test_full_queue_drops_the_oldest_packet_and_counts_it() -> None:
    queue = AudioPacketQueue()
    for sequence in range(CAPACITY_PACKETS + 3):
        queue.put(AudioPacket(sequence, 0, b"a"), sequence)
    sequences = [packet.sequence for packet, _ in queue.take_all()]
    assert sequences == list(range(3, CAPACITY_PACKETS + 3))
    assert queue.dropped == 3
