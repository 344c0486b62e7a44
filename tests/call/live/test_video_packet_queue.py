"""call/live/video_packet_queue.py: order, and an overflow up to the next keyframe."""

import threading
from collections.abc import Callable

import pytest

from call.live.video_packet_queue import CAPACITY_BYTES, CAPACITY_PACKETS, VideoPacketQueue
from media.packet import VideoPacket
from net.protocol.fragments import MAX_PACKET_BYTES

DEADLINE_S = 20.0


def packet(sequence: int, size: int = 10, *, keyframe: bool = False) -> VideoPacket:
    return VideoPacket(sequence, 0, keyframe, bytes(size))


def taken(packets: VideoPacketQueue) -> tuple[list[int], int]:
    """Take all packets; return their sequence numbers and the number of discarded ones."""
    numbers: list[int] = []
    all_discarded = 0
    while True:
        came, discarded = packets.take(0)
        all_discarded += discarded
        if came is None:
            return numbers, all_discarded
        numbers.append(came.sequence)


def filled(count: int = CAPACITY_PACKETS) -> VideoPacketQueue:
    packets = VideoPacketQueue()
    for number in range(count):
        packets.put(packet(number, keyframe=number == 0))
    return packets


def test_packets_leave_in_order() -> None:
    packets = filled()
    assert not packets.is_empty
    assert taken(packets) == (list(range(CAPACITY_PACKETS)), 0)
    assert packets.is_empty


def test_overflow_discards_up_to_the_next_keyframe() -> None:
    packets = filled()
    for number in range(100, 105):
        packets.put(packet(number))
    packets.put(packet(105, keyframe=True))
    packets.put(packet(106))
    assert taken(packets) == ([105, 106], CAPACITY_PACKETS + 5)


def test_keyframe_that_overflows_the_queue_is_kept() -> None:
    packets = filled()
    packets.put(packet(100, keyframe=True))
    came, discarded = packets.take(0)
    assert came is not None
    assert (came.sequence, discarded) == (100, CAPACITY_PACKETS)


def test_discarded_packets_are_reported_once_even_if_no_packet_waits() -> None:
    packets = filled()
    packets.put(packet(100))
    assert packets.is_empty
    assert packets.take(0) == (None, CAPACITY_PACKETS + 1)
    assert packets.take(0) == (None, 0)


def test_overflow_discards_every_packet_up_to_a_keyframe() -> None:
    packets = filled()
    for number in range(1_000):
        packets.put(packet(1_000 + number))
        assert packets.is_empty
    assert taken(packets) == ([], CAPACITY_PACKETS + 1_000)
    packets.put(packet(5_000))
    assert taken(packets) == ([], 1)
    packets.put(packet(5_001, keyframe=True))
    assert taken(packets) == ([5_001], 0)


def test_largest_packet_always_fits() -> None:
    packets = VideoPacketQueue()
    packets.put(packet(1, MAX_PACKET_BYTES, keyframe=True))
    assert taken(packets) == ([1], 0)


def test_too_many_bytes_are_an_overflow() -> None:
    packets = VideoPacketQueue()
    half = CAPACITY_BYTES // 2
    packets.put(packet(1, half, keyframe=True))
    packets.put(packet(2, half))
    assert packets.take(0)[1] == 0
    packets.put(packet(3, half))
    packets.put(packet(4, 1))
    assert taken(packets) == ([], 3)


def test_taken_bytes_free_their_room() -> None:
    packets = VideoPacketQueue()
    for number in range(50):
        packets.put(packet(number, CAPACITY_BYTES, keyframe=number == 0))
        came, discarded = packets.take(0)
        assert came is not None
        assert (came.sequence, discarded) == (number, 0)


def test_every_packet_is_counted_once_as_taken_or_discarded() -> None:
    packets = VideoPacketQueue()
    count = 0
    for number in range(500):
        packets.put(packet(number, keyframe=number % 50 == 0))
        if number % 3 == 0 and number % 7:
            came, discarded = packets.take(0)
            count += discarded + (came is not None)
    numbers, discarded = taken(packets)
    assert count + len(numbers) + discarded == 500


@pytest.mark.parametrize(
    ("wake", "got"),
    [
        (lambda packets: packets.put(packet(7)), (packet(7), 0)),
        (VideoPacketQueue.close, (None, 0)),
    ],
)
def test_packet_and_close_wake_a_waiting_thread(
    wake: Callable[[VideoPacketQueue], None], got: tuple[VideoPacket | None, int]
) -> None:
    packets = VideoPacketQueue()
    came: list[tuple[VideoPacket | None, int]] = []
    thread = threading.Thread(target=lambda: came.append(packets.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    wake(packets)
    thread.join(DEADLINE_S)
    assert came == [got]


def test_discarded_packet_wakes_a_waiting_thread() -> None:
    packets = filled()
    packets.put(packet(100))
    taken(packets)
    came: list[tuple[VideoPacket | None, int]] = []
    thread = threading.Thread(target=lambda: came.append(packets.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    packets.put(packet(101))
    thread.join(DEADLINE_S)
    assert came == [(None, 1)]


def test_take_returns_nothing_at_once_after_close() -> None:
    packets = filled()
    packets.close()
    assert packets.is_closed
    assert packets.take(DEADLINE_S) == (None, 0)
