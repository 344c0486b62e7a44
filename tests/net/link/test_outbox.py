"""net/link/outbox.py: what goes first, what is replaced, and what is never dropped."""

import threading
from collections.abc import Callable

import pytest

from net.errors import LinkLost
from net.link.outbox import MAX_AUDIO_AGE_US, MAX_CONTROL_BYTES, Outbox
from net.protocol.framing import MAX_PAYLOAD_BYTES, MessageType, encode_message

DEADLINE_S = 20.0


def control(payload: bytes) -> bytes:
    return encode_message(MessageType.CONTROL, payload)


def taken(outbox: Outbox) -> list[bytes]:
    return list(iter(lambda: outbox.take(0), None))


def test_control_goes_before_video_however_late_it_comes() -> None:
    outbox = Outbox()
    outbox.put_video([b"piece 1", b"piece 2"])
    assert outbox.take(0) == b"piece 1"
    outbox.put_control(b"bye")
    assert taken(outbox) == [control(b"bye"), b"piece 2"]


def test_each_kind_leaves_in_the_order_in_which_it_came() -> None:
    outbox = Outbox()
    outbox.put_video([b"a", b"b"])
    outbox.put_control(b"1")
    outbox.put_video(piece for piece in (b"c",))
    outbox.put_control(b"2")
    assert taken(outbox) == [control(b"1"), control(b"2"), b"a", b"b", b"c"]


def test_sound_goes_after_control_and_between_two_pieces_of_video() -> None:
    outbox = Outbox()
    outbox.put_video([b"piece 1", b"piece 2"])
    assert outbox.take(0) == b"piece 1"
    outbox.put_audio(b"sound", 0)
    outbox.put_control(b"bye")
    assert taken(outbox) == [control(b"bye"), b"sound", b"piece 2"]


def test_sound_that_has_waited_for_too_long_is_dropped_and_counted() -> None:
    outbox = Outbox()
    for number in range(15):
        outbox.put_audio(b"%d" % number, number * 10_000)
    oldest = 14 - MAX_AUDIO_AGE_US // 10_000
    assert taken(outbox) == [b"%d" % number for number in range(oldest, 15)]
    assert outbox.dropped_audio == oldest


def test_sound_after_a_pause_drops_nothing_that_is_gone() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    assert outbox.take(0) == b"1"
    outbox.put_audio(b"2", 9_000_000)
    assert taken(outbox) == [b"2"]
    assert outbox.dropped_audio == 0


def test_what_was_said_before_muting_does_not_leave_after_it() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    outbox.put_video([b"piece"])
    outbox.forget_audio()
    assert taken(outbox) == [b"piece"]


def test_sound_does_not_leave_after_the_end_has_begun() -> None:
    outbox = Outbox()
    outbox.put_audio(b"1", 0)
    outbox.put_control(b"bye")
    outbox.finish()
    outbox.put_audio(b"2", 1)
    assert taken(outbox) == [control(b"bye")]


def test_only_the_newest_of_what_is_replaced_goes_out() -> None:
    outbox = Outbox()
    outbox.put_control(b"bye")
    for number in range(1_000):
        outbox.put_control(b"feedback %d" % number, replaces="feedback")
        outbox.put_control(b"pong %d" % number, replaces="pong")
    assert sorted(taken(outbox)) == sorted(map(control, (b"bye", b"feedback 999", b"pong 999")))


def test_what_was_taken_is_not_replaced_any_more() -> None:
    outbox = Outbox()
    outbox.put_control(b"1", replaces="feedback")
    assert outbox.take(0) == control(b"1")
    outbox.put_control(b"2", replaces="feedback")
    assert taken(outbox) == [control(b"2")]


def test_control_gets_out_however_often_the_other_side_pings() -> None:
    """Each ping puts a pong; one that comes before every take must not keep all else back."""
    outbox = Outbox()
    outbox.put_control(b"bye")
    came: list[bytes | None] = []
    for number in range(10):
        outbox.put_control(b"pong %d" % number, replaces="pong")
        came.append(outbox.take(0))
    assert control(b"bye") in came


def test_control_is_never_dropped_and_too_much_of_it_means_a_lost_link() -> None:
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


def test_nothing_waits_for_ever() -> None:
    assert Outbox().take(0) is None
    assert Outbox().take(0.001) is None


def check_wakes(outbox: Outbox, wake: Callable[[], None]) -> bytes | None:
    """A thread waits in `take`; return what it got after `wake`, long before its time was over."""
    got: list[bytes | None] = []
    thread = threading.Thread(target=lambda: got.append(outbox.take(DEADLINE_S * 5)), daemon=True)
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert len(got) == 1, "still waiting"
    return got[0]


def test_a_waiting_thread_gets_what_comes() -> None:
    outbox = Outbox()
    assert check_wakes(outbox, lambda: outbox.put_control(b"x")) == control(b"x")
    assert check_wakes(outbox, lambda: outbox.put_video([b"v"])) == b"v"
    assert check_wakes(outbox, lambda: outbox.put_control(b"p", replaces="pong")) == control(b"p")


def test_a_waiting_thread_is_woken_by_tls_by_the_finish_and_by_the_end() -> None:
    outbox = Outbox()
    assert check_wakes(outbox, outbox.wake) is None
    assert check_wakes(outbox, outbox.finish) is None
    outbox = Outbox()
    assert check_wakes(outbox, outbox.close) is None


def test_a_wake_counts_once() -> None:
    outbox = Outbox()
    outbox.wake()
    outbox.put_video([b"a"])
    assert outbox.take(0) == b"a"
    assert outbox.take(0) is None


def test_finishing_sends_the_control_that_waits_and_no_video() -> None:
    outbox = Outbox()
    outbox.put_video([b"piece"])
    outbox.put_control(b"bye")
    outbox.put_control(b"pong", replaces="pong")
    outbox.finish()
    assert not outbox.is_done
    assert sorted(taken(outbox)) == sorted([control(b"bye"), control(b"pong")])
    assert outbox.is_done


def test_after_finishing_nothing_more_is_taken_in() -> None:
    outbox = Outbox()
    outbox.finish()
    outbox.put_control(b"late")
    outbox.put_control(b"late", replaces="pong")
    outbox.put_video([b"late"])
    assert taken(outbox) == []
    assert outbox.is_done


def test_after_the_end_nothing_comes_out() -> None:
    outbox = Outbox()
    outbox.put_control(b"x")
    outbox.put_video([b"v"])
    outbox.close()
    outbox.put_control(b"y")
    assert outbox.is_done
    assert outbox.take(DEADLINE_S) is None


def test_an_outbox_in_use_is_not_done() -> None:
    outbox = Outbox()
    assert not outbox.is_done
    outbox.wake()
    assert not outbox.is_done


def test_pieces_of_a_packet_stay_together_while_many_threads_put() -> None:
    outbox = Outbox()

    def put(name: int) -> None:
        for number in range(50):
            outbox.put_video([b"%d %d %d" % (name, number, piece) for piece in range(5)])
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
    assert [piece for _, _, piece in video] == list(range(5)) * 200
    for start in range(0, len(video), 5):
        assert len({message[:2] for message in video[start : start + 5]}) == 1
    for name in range(4):
        assert [n for m, n, p in video if m == name and not p] == list(range(50))
