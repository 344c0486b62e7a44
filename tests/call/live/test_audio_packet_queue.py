"""call/live/audio_packet_queue.py: in order, and bounded."""

from call.live.audio_packet_queue import CAPACITY_PACKETS, AudioPacketQueue
from media.packet import AudioPacket


def test_packets_leave_in_their_order_with_the_time_they_came() -> None:
    inbox = AudioPacketQueue()
    first, second = AudioPacket(0, 0, b"a"), AudioPacket(1, 10, b"b")
    inbox.put(first, 100)
    inbox.put(second, 110)
    assert inbox.take_all() == [(first, 100), (second, 110)]
    assert inbox.take_all() == []


def test_a_full_inbox_drops_the_oldest_and_counts_it() -> None:
    inbox = AudioPacketQueue()
    for sequence in range(CAPACITY_PACKETS + 3):
        inbox.put(AudioPacket(sequence, 0, b"a"), sequence)
    sequences = [packet.sequence for packet, _ in inbox.take_all()]
    assert sequences == list(range(3, CAPACITY_PACKETS + 3))
    assert inbox.dropped == 3
