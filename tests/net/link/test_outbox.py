"""Claims about net/link/outbox.py."""

import threading
from collections.abc import Callable

import pytest

from media.packet import VideoPacket
from net.errors import LinkLost
from net.link.outbox import MAX_AUDIO_AGE_US, MAX_CONTROL_BYTES, SEGMENT_BYTES, Outbox
from net.protocol.fragments import split_packet
from net.protocol.framing import MAX_PAYLOAD_BYTES, MessageType, encode_message
from tests.support.deadline import DEADLINE_S


def control(payload: bytes) -> bytes:
    return encode_message(MessageType.CONTROL, payload)


def taken(outbox: Outbox) -> list[bytes]:
    return list(iter(lambda: outbox.take(0), None))


def test_control_overtakes_waiting_video() -> None:
    outbox = Outbox()
    outbox.put_video([b"fragment 1", b"fragment 2"])
    assert outbox.take(0) == b"fragment 1"
    outbox.put_control(b"bye")
    assert taken(outbox) == [control(b"bye"), b"fragment 2"]


def test_messages_of_one_kind_keep_their_order() -> None:
    outbox = Outbox()
    outbox.put_video([b"a", b"b"])
    outbox.put_control(b"1")
    outbox.put_video(fragment for fragment in (b"c",))
    outbox.put_control(b"2")
    assert taken(outbox) == [control(b"1"), control(b"2"), b"a", b"b", b"c"]


def test_audio_follows_control_and_slips_between_video_fragments() -> None:
    outbox = Outbox()
    outbox.put_video([b"fragment 1", b"fragment 2"])
    assert outbox.take(0) == b"fragment 1"
    outbox.put_audio(b"audio", 0)
    outbox.put_control(b"bye")
    assert taken(outbox) == [control(b"bye"), b"audio", b"fragment 2"]


def test_audio_that_waited_too_long_is_dropped_and_counted() -> None:
    outbox = Outbox()
    for number in range(15):
        outbox.put_audio(b"%d" % number, number * 10_000)
    oldest = 14 - MAX_AUDIO_AGE_US // 10_000
    assert taken(outbox) == [b"%d" % number for number in range(oldest, 15)]
    assert outbox.dropped_audio == oldest


def test_audio_already_sent_is_not_dropped() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    assert outbox.take(0) == b"1"
    outbox.put_audio(b"2", 9_000_000)
    assert taken(outbox) == [b"2"]
    assert outbox.dropped_audio == 0


def test_cleared_audio_is_not_sent() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    outbox.put_video([b"fragment"])
    outbox.clear_audio()
    assert taken(outbox) == [b"fragment"]


def test_finish_drops_audio() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    outbox.put_control(b"bye")
    outbox.finish()
    outbox.put_audio(b"2", 1)
    assert taken(outbox) == [control(b"bye")]


def test_only_the_newest_replaceable_message_is_sent() -> None:
    outbox = Outbox()
    outbox.put_control(b"bye")
    for number in range(1_000):
        outbox.put_control(b"feedback %d" % number, replaces="feedback")
        outbox.put_control(b"pong %d" % number, replaces="pong")
    assert sorted(taken(outbox)) == sorted(map(control, (b"bye", b"feedback 999", b"pong 999")))


def test_message_already_taken_is_not_replaced() -> None:
    outbox = Outbox()
    outbox.put_control(b"1", replaces="feedback")
    assert outbox.take(0) == control(b"1")
    outbox.put_control(b"2", replaces="feedback")
    assert taken(outbox) == [control(b"2")]


def test_frequent_pongs_do_not_delay_other_control() -> None:
    """Each ping causes a pong, so a peer can cause one before every take."""
    outbox = Outbox()
    outbox.put_control(b"bye")
    received: list[bytes | None] = []
    for number in range(10):
        outbox.put_control(b"pong %d" % number, replaces="pong")
        received.append(outbox.take(0))
    assert control(b"bye") in received


def test_control_is_never_dropped_and_too_much_is_a_lost_link() -> None:
    outbox = Outbox()
    payload = bytes(MAX_PAYLOAD_BYTES)
    fit = MAX_CONTROL_BYTES // len(control(payload))
    for _ in range(fit):
        outbox.put_control(payload)
    with pytest.raises(LinkLost, match="stopped reading"):
        outbox.put_control(payload)
    assert taken(outbox) == [control(payload)] * fit
    outbox.put_control(payload)
    assert taken(outbox) == [control(payload)]


def test_each_video_message_is_reported_as_it_leaves() -> None:
    outbox = Outbox()
    departed: list[int] = []
    outbox.on_video_departed = departed.append
    outbox.put_video([b"a1", b"a2"])
    outbox.put_video([b"b1"])
    outbox.put_control(b"bye")
    outbox.put_audio(b"audio", 0)
    seen = []
    while outbox.take(0) is not None:
        seen.append(len(departed))
    assert seen == [0, 0, 1, 2, 3]
    assert len(departed) == 3


def fragments(payload_bytes: int) -> list[bytes]:
    """Return the messages of a packet in fragments of 1200 bytes."""
    return list(split_packet(VideoPacket(0, 0, False, bytes(payload_bytes)), 1_200))


def test_fragments_after_the_first_leave_together_up_to_a_size() -> None:
    outbox = Outbox()
    departed: list[int] = []
    outbox.on_video_departed = departed.append
    packet = fragments(5_000)
    assert len(packet) == 5
    outbox.put_video(packet, together_bytes=3 * 1_204)
    assert taken(outbox) == [packet[0], b"".join(packet[1:4]), packet[4]]
    assert departed == [1, 3, 1]


def test_fragments_of_two_packets_never_leave_together() -> None:
    outbox = Outbox()
    packet = fragments(2_000)
    for _ in range(2):
        outbox.put_video(packet, together_bytes=16_384)
    assert taken(outbox) == packet * 2


def test_sound_leaves_between_two_groups_of_fragments() -> None:
    outbox = Outbox()
    packet = fragments(5_000)
    outbox.put_video(packet, together_bytes=2 * 1_204)
    assert outbox.take(0) == packet[0]
    outbox.put_audio(b"audio", 0)
    assert taken(outbox) == [b"audio", b"".join(packet[1:3]), b"".join(packet[3:])]


def test_fragment_that_shares_segments_leaves_with_the_next_sound() -> None:
    outbox = Outbox()
    outbox.put_video([b"1", b"2"], shares_segments=True)
    outbox.put_audio(b"sound", 0)
    assert outbox.take(0) == b"sound1"

    outbox.put_video([], shares_segments=True)
    assert check_wakes(outbox, lambda: outbox.put_audio(b"more", 0)) == b"more2"


def test_fragment_does_not_wait_for_sound_that_stays_away() -> None:
    outbox = Outbox()
    outbox.put_video([b"1"], shares_segments=True)
    assert outbox.take(0) == b"1", "no sound has left yet"
    outbox.put_audio(b"sound", 0)
    outbox.put_video([b"2"], shares_segments=True)
    assert [outbox.take(0), outbox.take(0)] == [b"sound2", None]
    outbox.put_video([b"3"], shares_segments=True)
    assert outbox.take(0) == b"3", "after the longest wait"


def test_sound_and_a_fragment_that_exceed_a_segment_leave_one_by_one() -> None:
    outbox = Outbox()
    large = bytes(SEGMENT_BYTES)
    outbox.put_audio(b"sound", 0)
    outbox.put_video([large, b"2"], shares_segments=True)
    assert taken(outbox) == [b"sound", large, b"2"]


def test_observer_of_departures_may_use_the_outbox() -> None:
    outbox = Outbox()
    outbox.on_video_departed = lambda _: outbox.put_control(b"departed")
    outbox.put_video([b"a1"])
    assert taken(outbox) == [b"a1", control(b"departed")]


def test_discarded_video_is_not_reported() -> None:
    outbox = Outbox()
    departed: list[int] = []
    outbox.on_video_departed = departed.append
    outbox.put_video([b"a1", b"a2"])
    outbox.finish()
    assert taken(outbox) == []
    assert departed == []


def test_take_ends_at_its_timeout() -> None:
    assert Outbox().take(0) is None
    assert Outbox().take(0.001) is None


def check_wakes(outbox: Outbox, wake: Callable[[], None]) -> bytes | None:
    """Return what a thread that waits in `take` receives once `wake` was called."""
    received: list[bytes | None] = []
    thread = threading.Thread(
        target=lambda: received.append(outbox.take(DEADLINE_S * 5)), daemon=True
    )
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert len(received) == 1, "still waiting"
    return received[0]


def test_new_message_ends_a_waiting_take() -> None:
    outbox = Outbox()
    assert check_wakes(outbox, lambda: outbox.put_control(b"x")) == control(b"x")
    assert check_wakes(outbox, lambda: outbox.put_video([b"v"])) == b"v"
    assert check_wakes(outbox, lambda: outbox.put_control(b"p", replaces="pong")) == control(b"p")


def test_wake_finish_and_close_end_a_waiting_take() -> None:
    outbox = Outbox()
    assert check_wakes(outbox, outbox.wake) is None
    assert check_wakes(outbox, outbox.finish) is None
    outbox = Outbox()
    assert check_wakes(outbox, outbox.close) is None


def test_wake_ends_one_take_only() -> None:
    outbox = Outbox()
    outbox.wake()
    outbox.put_video([b"a"])
    assert outbox.take(0) == b"a"
    assert outbox.take(0) is None


def test_finish_sends_waiting_control_and_no_video() -> None:
    outbox = Outbox()
    outbox.put_video([b"fragment"])
    outbox.put_control(b"bye")
    outbox.put_control(b"pong", replaces="pong")
    outbox.finish()
    assert not outbox.is_done
    assert sorted(taken(outbox)) == sorted([control(b"bye"), control(b"pong")])
    assert outbox.is_done


def test_finished_outbox_ignores_new_messages() -> None:
    outbox = Outbox()
    outbox.finish()
    outbox.put_control(b"late")
    outbox.put_control(b"late", replaces="pong")
    outbox.put_video([b"late"])
    assert taken(outbox) == []
    assert outbox.is_done


def test_closed_outbox_returns_no_message() -> None:
    outbox = Outbox()
    outbox.put_control(b"x")
    outbox.put_video([b"v"])
    outbox.close()
    outbox.put_control(b"y")
    assert outbox.is_done
    assert outbox.take(DEADLINE_S) is None


def test_outbox_in_use_is_not_done() -> None:
    outbox = Outbox()
    assert not outbox.is_done
    outbox.wake()
    assert not outbox.is_done


def test_fragments_of_a_packet_stay_together_while_many_threads_put() -> None:
    outbox = Outbox()

    def put(name: int) -> None:
        for number in range(50):
            outbox.put_video([b"%d %d %d" % (name, number, fragment) for fragment in range(5)])
            outbox.put_control(b"%d %d" % (name, number))

    threads = [threading.Thread(target=put, args=[name], daemon=True) for name in range(4)]
    for thread in threads:
        thread.start()
    messages: list[bytes] = []
    while len(messages) < 4 * 50 * 6:
        message = outbox.take(DEADLINE_S)
        assert message is not None
        messages.append(message)
    for thread in threads:
        thread.join(DEADLINE_S)
    video = [tuple(map(int, m.split())) for m in messages if m[:1] != b"\x00"]
    assert [fragment for _, _, fragment in video] == list(range(5)) * 200
    for start in range(0, len(video), 5):
        assert len({message[:2] for message in video[start : start + 5]}) == 1
    for name in range(4):
        assert [n for m, n, p in video if m == name and not p] == list(range(50))


def test_part_of_a_file_is_taken_only_while_nothing_else_waits() -> None:
    outbox = Outbox()
    departed: list[bytes] = []
    outbox.on_file_departed = departed.append
    outbox.put_file(b"part 1")
    outbox.put_file(b"part 2")
    outbox.put_video([b"fragment"])
    outbox.put_audio(b"audio", 0)
    outbox.put_control(b"bye")
    assert taken(outbox) == [control(b"bye"), b"audio", b"fragment", b"part 1", b"part 2"]
    assert departed == [b"part 1", b"part 2"]


def test_parts_of_a_cancelled_file_are_not_sent() -> None:
    outbox = Outbox()
    outbox.put_file(b"part")
    outbox.clear_file()
    assert taken(outbox) == []
    outbox.put_file(b"part")
    outbox.finish()
    assert taken(outbox) == []
