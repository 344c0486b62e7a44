"""call/live/send_budget.py: room, rate and keyframe wishes; one thread waits, others move them."""

import threading
from collections import deque
from collections.abc import Callable

import pytest

from call.live.send_budget import KEYFRAME_PAUSE_US, SendBudget
from net.errors import ProtocolError
from net.protocol.control import Feedback
from net.protocol.feedback_interval import FeedbackInterval
from net.protocol.rate_control import FLOOR_BPS, TICK_US
from net.protocol.send_window import ALWAYS_PACKETS

BITRATE_BPS = 2_500_000
LARGE_BYTES = 1_000_000
DEADLINE_S = 20.0


def full_gate() -> SendBudget:
    gate = SendBudget(BITRATE_BPS)
    for _ in range(ALWAYS_PACKETS):
        gate.on_sent(LARGE_BYTES)
    assert not gate.has_room()
    return gate


def feedback(packets: int, *, decoded: int | None = None) -> Feedback:
    return Feedback(packets * LARGE_BYTES, packets, packets if decoded is None else decoded, 0)


def check_wakes(gate: SendBudget, wake: Callable[[], None], *, has_room: bool) -> None:
    """A thread waits for room; `wake` lets it go on long before its time is over."""
    answers: list[bool] = []
    thread = threading.Thread(
        target=lambda: answers.append(gate.wait_room(DEADLINE_S * 5)), daemon=True
    )
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert answers == [has_room]


def test_there_is_room_at_the_start_at_the_bitrate_of_the_settings() -> None:
    gate = SendBudget(BITRATE_BPS)
    assert gate.has_room()
    assert gate.wait_room(0)
    assert gate.target_bps == BITRATE_BPS


def test_without_room_a_wait_ends_with_its_time() -> None:
    assert not full_gate().wait_room(0)


def test_feedback_lets_a_waiting_thread_go_on() -> None:
    gate = full_gate()
    check_wakes(gate, lambda: gate.on_feedback(feedback(1)), has_room=True)


def test_a_longer_round_trip_lets_a_waiting_thread_go_on() -> None:
    gate = SendBudget(BITRATE_BPS)
    for _ in range(3):
        gate.on_sent(40_000)  # together 384 ms of the target
    assert not gate.has_room()
    check_wakes(
        gate,
        lambda: gate.on_tick(TICK_US, base_rtt_us=400_000, sent=3, skipped=0),
        has_room=True,
    )


def test_showing_the_picture_again_lets_a_waiting_thread_go_on() -> None:
    gate = SendBudget(BITRATE_BPS)
    gate.set_hidden(True)
    check_wakes(gate, lambda: gate.set_hidden(False), has_room=True)


def test_the_end_lets_a_waiting_thread_go_on() -> None:
    gate = full_gate()
    check_wakes(gate, gate.close, has_room=False)
    assert gate.is_closed


def test_after_the_end_no_wait_finds_room() -> None:
    gate = SendBudget(BITRATE_BPS)
    gate.close()
    assert not gate.wait_room(DEADLINE_S)


def test_no_room_while_the_person_hides_the_camera() -> None:
    gate = SendBudget(BITRATE_BPS)
    gate.set_hidden(True)
    assert not gate.has_room()
    assert not gate.wait_room(0)
    gate.set_hidden(False)
    assert gate.has_room()


def test_a_decoder_that_lags_leaves_no_room() -> None:
    gate = SendBudget(BITRATE_BPS)
    for _ in range(8):
        gate.on_sent(LARGE_BYTES)
    gate.on_feedback(feedback(8, decoded=3))
    assert not gate.has_room()
    gate.on_feedback(feedback(8))
    assert gate.has_room()


def test_a_feedback_that_cannot_be_is_the_protocol_error() -> None:
    gate = full_gate()
    with pytest.raises(ProtocolError):
        gate.on_feedback(feedback(3))


def test_an_unknown_round_trip_leaves_the_one_before() -> None:
    gate = SendBudget(BITRATE_BPS)
    gate.on_tick(TICK_US, base_rtt_us=400_000, sent=0, skipped=0)
    gate.on_tick(2 * TICK_US, base_rtt_us=None, sent=0, skipped=0)
    for _ in range(3):
        gate.on_sent(40_000)
    assert gate.has_room()


def test_skipped_pictures_lower_the_target() -> None:
    gate = SendBudget(BITRATE_BPS)
    for tick in range(1, 9):
        gate.on_tick(tick * TICK_US, base_rtt_us=1_000, sent=tick * 4, skipped=tick * 4)
    assert FLOOR_BPS <= gate.target_bps < BITRATE_BPS


def test_a_keyframe_is_taken_once_for_each_wish() -> None:
    gate = SendBudget(BITRATE_BPS)
    assert not gate.take_keyframe_request(0)
    gate.request_keyframe()
    gate.request_keyframe()
    assert gate.take_keyframe_request(1)
    assert not gate.take_keyframe_request(2)


def test_a_wish_that_comes_too_soon_waits_and_is_not_forgotten() -> None:
    gate = SendBudget(BITRATE_BPS)
    gate.request_keyframe()
    assert gate.take_keyframe_request(1)
    gate.request_keyframe()
    assert not gate.take_keyframe_request(KEYFRAME_PAUSE_US)
    assert gate.take_keyframe_request(KEYFRAME_PAUSE_US + 1)


class Direction:
    """One direction's pictures: what they are sent by, and how the other end reports them."""

    def __init__(self, bitrate_bps: int) -> None:
        self.gate = SendBudget(bitrate_bps)
        self.pace = FeedbackInterval()
        self.sent = self.skipped = self.sent_bytes = 0
        self.arrived = self.arrived_bytes = self.arrived_us = 0
        self.on_the_way: deque[tuple[int, int]] = deque()
        self.free_us = 0

    def offer_picture(self, now_us: int, link_bps: int) -> None:
        """Encode a picture if there is room."""
        if not self.gate.has_room():
            self.skipped += 1
            return
        size = self.gate.target_bps // 8 // 30
        self.gate.on_sent(size)
        self.sent += 1
        self.free_us = max(self.free_us, now_us) + size * 8_000_000 // link_bps
        self.on_the_way.append((self.free_us + 500, size))

    def arrive(self, now_us: int, reporter_bps: int) -> None:
        """Take what has arrived by now, and let the other end report it within its own rate."""
        while self.on_the_way and self.on_the_way[0][0] <= now_us:
            self.arrived_bytes += self.on_the_way.popleft()[1]
            self.arrived += 1
            self.arrived_us = now_us
            self.pace.on_packet()
            self.report(now_us, reporter_bps)
        if now_us % 50_000 == 0:
            self.report(now_us, reporter_bps)

    def report(self, now_us: int, reporter_bps: int) -> None:
        """Tell what has arrived, if it is time."""
        if self.pace.is_due(now_us, reporter_bps):
            self.gate.on_feedback(
                Feedback(self.arrived_bytes, self.arrived, self.arrived, self.arrived_us)
            )


def talk(here: Direction, there: Direction, seconds: range, link_bps: int) -> None:
    """Let two directions run against each other; all times are given."""
    for now_us in range(seconds.start * 1_000_000, seconds.stop * 1_000_000, 1_000):
        for one, other in ((here, there), (there, here)):
            one.arrive(now_us, other.gate.target_bps)
            if now_us % 33_000 == 0:
                one.offer_picture(now_us, link_bps)
            if now_us % TICK_US == 0:
                one.gate.on_tick(now_us, base_rtt_us=1_000, sent=one.sent, skipped=one.skipped)


def test_both_directions_climb_back_after_a_link_that_was_far_too_small() -> None:
    here, there = Direction(BITRATE_BPS), Direction(BITRATE_BPS)
    talk(here, there, range(1, 6), 50_000)
    assert here.gate.target_bps == there.gate.target_bps == FLOOR_BPS
    talk(here, there, range(6, 90), 50_000_000)
    assert here.gate.target_bps == there.gate.target_bps == BITRATE_BPS


def test_a_low_rate_the_other_way_costs_ours_nothing() -> None:
    """The other side reports rarely then, within 5 % of its own rate."""
    here, there = Direction(BITRATE_BPS), Direction(FLOOR_BPS)
    talk(here, there, range(1, 20), 50_000_000)
    assert here.gate.target_bps == BITRATE_BPS
    assert here.skipped < 0.02 * here.sent
