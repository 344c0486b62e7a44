"""media/video/packet_reader.py: the packets that wait to be decoded."""

from threading import Thread
from typing import cast

import av
import pytest

from media.video.packet_reader import ArrivedPacket, VideoPacket, WaitingPackets
from tests.support.phone_camera import DEADLINE_S

DEADLINE_US = round(DEADLINE_S * 1e6)


def arrived(came_us: int, *, is_keyframe: bool = False, size_bytes: int = 10) -> ArrivedPacket:
    packet = cast("VideoPacket", av.Packet(size_bytes))
    packet.is_keyframe = is_keyframe
    return ArrivedPacket(packet, came_us, 0)


def taken(waiting: WaitingPackets) -> list[int]:
    """Return the times of all that wait."""
    times = []
    while (packet := waiting.take(0)) is not None:
        times.append(packet.came_us)
    return times


@pytest.fixture
def waiting() -> WaitingPackets:
    """Packets 0, 1 and 2, of which the first is a keyframe."""
    waiting = WaitingPackets()
    waiting.put(arrived(0, is_keyframe=True))
    waiting.put(arrived(1))
    waiting.put(arrived(2))
    return waiting


def test_packets_are_taken_in_order(waiting: WaitingPackets) -> None:
    assert taken(waiting) == [0, 1, 2]
    assert waiting.dropped == 0


def test_keyframe_takes_the_place_of_all_that_wait(waiting: WaitingPackets) -> None:
    waiting.put(arrived(3, is_keyframe=True))
    waiting.put(arrived(4))
    assert taken(waiting) == [3, 4]
    assert waiting.dropped == 3


@pytest.mark.parametrize(("size_bytes", "most"), [(10, 600), (1024 * 1024, 32)])
def test_full_list_is_dropped_up_to_the_next_keyframe(size_bytes: int, most: int) -> None:
    waiting = WaitingPackets()
    for number in range(most):
        waiting.put(arrived(number, size_bytes=size_bytes))
    assert waiting.dropped == 0
    waiting.put(arrived(most, size_bytes=size_bytes))
    waiting.put(arrived(most + 1))
    assert taken(waiting) == []
    assert waiting.dropped == most + 2
    waiting.put(arrived(0, is_keyframe=True))
    assert taken(waiting) == [0]


def test_packets_far_behind_are_dropped_up_to_the_next_keyframe(waiting: WaitingPackets) -> None:
    decoded = waiting.take(0)
    assert decoded is not None
    waiting.skip_if_behind(decoded, limit_us=2)
    assert waiting.dropped == 0
    waiting.skip_if_behind(decoded, limit_us=1)
    waiting.put(arrived(3))
    assert taken(waiting) == []
    waiting.put(arrived(4, is_keyframe=True))
    assert taken(waiting) == [4]


def test_end_comes_after_the_packets_that_wait(waiting: WaitingPackets) -> None:
    error = OSError()
    waiting.end(error)
    waiting.end()
    was_over = waiting.is_over
    assert taken(waiting) == [0, 1, 2]
    assert (was_over, waiting.is_over) == (False, True)
    assert waiting.error is error


def test_end_wakes_a_thread_that_waits() -> None:
    waiting, found = WaitingPackets(), list[ArrivedPacket | None]()
    thread = Thread(target=lambda: found.append(waiting.take(DEADLINE_US)))
    thread.start()
    waiting.end()
    thread.join(DEADLINE_S / 2)
    assert found == [None]


def test_packet_wakes_a_thread_that_waits() -> None:
    waiting, found = WaitingPackets(), list[ArrivedPacket | None]()
    thread = Thread(target=lambda: found.append(waiting.take(DEADLINE_US)))
    thread.start()
    packet = arrived(0, is_keyframe=True)
    waiting.put(packet)
    thread.join(DEADLINE_S / 2)
    assert found == [packet]
