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


def taken(inbox: VideoPacketQueue) -> tuple[list[int], int]:
    """Take all that waits; return the numbers of the packets and how many were discarded."""
    numbers: list[int] = []
    all_discarded = 0
    while True:
        came, discarded = inbox.take(0)
        all_discarded += discarded
        if came is None:
            return numbers, all_discarded
        numbers.append(came.sequence)


def filled(count: int = CAPACITY_PACKETS) -> VideoPacketQueue:
    inbox = VideoPacketQueue()
    for number in range(count):
        inbox.put(packet(number, keyframe=number == 0))
    return inbox


def test_packets_come_out_as_they_went_in() -> None:
    inbox = filled()
    assert not inbox.is_empty
    assert taken(inbox) == (list(range(CAPACITY_PACKETS)), 0)
    assert inbox.is_empty


def test_overflow_discards_up_to_the_next_keyframe() -> None:
    inbox = filled()
    for number in range(100, 105):
        inbox.put(packet(number))
    inbox.put(packet(105, keyframe=True))
    inbox.put(packet(106))
    assert taken(inbox) == ([105, 106], CAPACITY_PACKETS + 5)


def test_a_keyframe_that_overflows_is_kept_itself() -> None:
    inbox = filled()
    inbox.put(packet(100, keyframe=True))
    came, discarded = inbox.take(0)
    assert came is not None
    assert (came.sequence, discarded) == (100, CAPACITY_PACKETS)


def test_discarded_packets_are_told_once_also_when_nothing_else_waits() -> None:
    inbox = filled()
    inbox.put(packet(100))
    assert inbox.is_empty
    assert inbox.take(0) == (None, CAPACITY_PACKETS + 1)
    assert inbox.take(0) == (None, 0)


def test_after_an_overflow_all_is_discarded_until_a_keyframe_however_long_that_takes() -> None:
    inbox = filled()
    for number in range(1_000):
        inbox.put(packet(1_000 + number))
        assert inbox.is_empty
    assert taken(inbox) == ([], CAPACITY_PACKETS + 1_000)
    inbox.put(packet(5_000))
    assert taken(inbox) == ([], 1)
    inbox.put(packet(5_001, keyframe=True))
    assert taken(inbox) == ([5_001], 0)


def test_the_largest_packet_always_fits() -> None:
    inbox = VideoPacketQueue()
    inbox.put(packet(1, MAX_PACKET_BYTES, keyframe=True))
    assert taken(inbox) == ([1], 0)


def test_too_many_bytes_are_an_overflow_too() -> None:
    inbox = VideoPacketQueue()
    half = CAPACITY_BYTES // 2
    inbox.put(packet(1, half, keyframe=True))
    inbox.put(packet(2, half))
    assert inbox.take(0)[1] == 0
    inbox.put(packet(3, half))
    inbox.put(packet(4, 1))
    assert taken(inbox) == ([], 3)


def test_bytes_that_were_taken_count_no_more() -> None:
    inbox = VideoPacketQueue()
    for number in range(50):
        inbox.put(packet(number, CAPACITY_BYTES, keyframe=number == 0))
        came, discarded = inbox.take(0)
        assert came is not None
        assert (came.sequence, discarded) == (number, 0)


def test_every_packet_is_taken_or_discarded_and_counted_once() -> None:
    inbox = VideoPacketQueue()
    count = 0
    for number in range(500):
        inbox.put(packet(number, keyframe=number % 50 == 0))
        if number % 3 == 0 and number % 7:
            came, discarded = inbox.take(0)
            count += discarded + (came is not None)
    numbers, discarded = taken(inbox)
    assert count + len(numbers) + discarded == 500


@pytest.mark.parametrize(
    ("wake", "got"),
    [
        (lambda inbox: inbox.put(packet(7)), (packet(7), 0)),
        (VideoPacketQueue.close, (None, 0)),
    ],
)
def test_a_waiting_thread_is_woken(
    wake: Callable[[VideoPacketQueue], None], got: tuple[VideoPacket | None, int]
) -> None:
    inbox = VideoPacketQueue()
    came: list[tuple[VideoPacket | None, int]] = []
    thread = threading.Thread(target=lambda: came.append(inbox.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    wake(inbox)
    thread.join(DEADLINE_S)
    assert came == [got]


def test_a_thread_that_waits_for_a_keyframe_is_told_of_what_is_discarded() -> None:
    inbox = filled()
    inbox.put(packet(100))
    taken(inbox)
    came: list[tuple[VideoPacket | None, int]] = []
    thread = threading.Thread(target=lambda: came.append(inbox.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    inbox.put(packet(101))
    thread.join(DEADLINE_S)
    assert came == [(None, 1)]


def test_after_the_end_nothing_comes_out_at_once() -> None:
    inbox = filled()
    inbox.close()
    assert inbox.is_closed
    assert inbox.take(DEADLINE_S) == (None, 0)
