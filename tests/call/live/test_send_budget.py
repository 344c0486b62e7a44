"""call/live/send_budget.py: room, rate and keyframe requests, and waking the encode thread."""

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


def full_budget() -> SendBudget:
    budget = SendBudget(BITRATE_BPS)
    for _ in range(ALWAYS_PACKETS):
        budget.on_sent(LARGE_BYTES)
    assert not budget.has_room()
    return budget


def feedback(packets: int, *, decoded: int | None = None) -> Feedback:
    return Feedback(packets * LARGE_BYTES, packets, packets if decoded is None else decoded, 0)


def check_wakes(budget: SendBudget, wake: Callable[[], None], *, has_room: bool) -> None:
    """Check that `wake` ends another thread's wait for room long before its limit."""
    answers: list[bool] = []
    thread = threading.Thread(
        target=lambda: answers.append(budget.wait_room(DEADLINE_S * 5)), daemon=True
    )
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert answers == [has_room]


def test_there_is_room_at_the_start_and_the_target_is_the_setting() -> None:
    budget = SendBudget(BITRATE_BPS)
    assert budget.has_room()
    assert budget.wait_room(0)
    assert budget.target_bps == BITRATE_BPS


def test_wait_without_room_ends_at_its_limit() -> None:
    assert not full_budget().wait_room(0)


def test_feedback_wakes_a_waiting_thread() -> None:
    budget = full_budget()
    check_wakes(budget, lambda: budget.on_feedback(feedback(1)), has_room=True)


def test_longer_round_trip_wakes_a_waiting_thread() -> None:
    budget = SendBudget(BITRATE_BPS)
    for _ in range(3):
        budget.on_sent(40_000)  # together 384 ms of the target
    assert not budget.has_room()
    check_wakes(
        budget,
        lambda: budget.on_tick(TICK_US, base_rtt_us=400_000, sent=3, skipped=0),
        has_room=True,
    )


def test_showing_the_picture_again_wakes_a_waiting_thread() -> None:
    budget = SendBudget(BITRATE_BPS)
    budget.set_hidden(True)
    check_wakes(budget, lambda: budget.set_hidden(False), has_room=True)


def test_close_wakes_a_waiting_thread() -> None:
    budget = full_budget()
    check_wakes(budget, budget.close, has_room=False)
    assert budget.is_closed


def test_there_is_no_room_after_close() -> None:
    budget = SendBudget(BITRATE_BPS)
    budget.close()
    assert not budget.wait_room(DEADLINE_S)


def test_there_is_no_room_while_the_camera_is_hidden() -> None:
    budget = SendBudget(BITRATE_BPS)
    budget.set_hidden(True)
    assert not budget.has_room()
    assert not budget.wait_room(0)
    budget.set_hidden(False)
    assert budget.has_room()


def test_lagging_decoder_leaves_no_room() -> None:
    budget = SendBudget(BITRATE_BPS)
    for _ in range(8):
        budget.on_sent(LARGE_BYTES)
    budget.on_feedback(feedback(8, decoded=3))
    assert not budget.has_room()
    budget.on_feedback(feedback(8))
    assert budget.has_room()


def test_impossible_feedback_is_a_protocol_error() -> None:
    budget = full_budget()
    with pytest.raises(ProtocolError):
        budget.on_feedback(feedback(3))


def test_unknown_round_trip_keeps_the_last_one() -> None:
    budget = SendBudget(BITRATE_BPS)
    budget.on_tick(TICK_US, base_rtt_us=400_000, sent=0, skipped=0)
    budget.on_tick(2 * TICK_US, base_rtt_us=None, sent=0, skipped=0)
    for _ in range(3):
        budget.on_sent(40_000)
    assert budget.has_room()


def test_skipped_pictures_lower_the_target() -> None:
    budget = SendBudget(BITRATE_BPS)
    for tick in range(1, 9):
        budget.on_tick(tick * TICK_US, base_rtt_us=1_000, sent=tick * 4, skipped=tick * 4)
    assert FLOOR_BPS <= budget.target_bps < BITRATE_BPS


def test_repeated_requests_give_one_keyframe() -> None:
    budget = SendBudget(BITRATE_BPS)
    assert not budget.take_keyframe_request(0)
    budget.request_keyframe()
    budget.request_keyframe()
    assert budget.take_keyframe_request(1)
    assert not budget.take_keyframe_request(2)


def test_keyframe_request_that_comes_too_soon_waits() -> None:
    budget = SendBudget(BITRATE_BPS)
    budget.request_keyframe()
    assert budget.take_keyframe_request(1)
    budget.request_keyframe()
    assert not budget.take_keyframe_request(KEYFRAME_PAUSE_US)
    assert budget.take_keyframe_request(KEYFRAME_PAUSE_US + 1)


class Direction:
    """The pictures of one direction: its budget, and the reports of the other end."""

    def __init__(self, bitrate_bps: int) -> None:
        self.budget = SendBudget(bitrate_bps)
        self.interval = FeedbackInterval()
        self.sent = self.skipped = self.sent_bytes = 0
        self.arrived = self.arrived_bytes = self.arrived_us = 0
        self.in_flight: deque[tuple[int, int]] = deque()
        self.free_us = 0

    def offer_picture(self, now_us: int, link_bps: int) -> None:
        """Encode a picture if there is room."""
        if not self.budget.has_room():
            self.skipped += 1
            return
        size = self.budget.target_bps // 8 // 30
        self.budget.on_sent(size)
        self.sent += 1
        self.free_us = max(self.free_us, now_us) + size * 8_000_000 // link_bps
        self.in_flight.append((self.free_us + 500, size))

    def arrive(self, now_us: int, reporter_bps: int) -> None:
        """Deliver the packets due by now; the other end reports them within its own rate."""
        while self.in_flight and self.in_flight[0][0] <= now_us:
            self.arrived_bytes += self.in_flight.popleft()[1]
            self.arrived += 1
            self.arrived_us = now_us
            self.interval.on_packet()
            self.report(now_us, reporter_bps)
        if now_us % 50_000 == 0:
            self.report(now_us, reporter_bps)

    def report(self, now_us: int, reporter_bps: int) -> None:
        """Report the arrived packets if a report is due."""
        if self.interval.is_due(now_us, reporter_bps):
            self.budget.on_feedback(
                Feedback(self.arrived_bytes, self.arrived, self.arrived, self.arrived_us)
            )


def talk(here: Direction, there: Direction, seconds: range, link_bps: int) -> None:
    """Run two directions against each other on a simulated clock."""
    for now_us in range(seconds.start * 1_000_000, seconds.stop * 1_000_000, 1_000):
        for one, other in ((here, there), (there, here)):
            one.arrive(now_us, other.budget.target_bps)
            if now_us % 33_000 == 0:
                one.offer_picture(now_us, link_bps)
            if now_us % TICK_US == 0:
                one.budget.on_tick(now_us, base_rtt_us=1_000, sent=one.sent, skipped=one.skipped)


def test_both_directions_recover_from_a_link_that_was_far_too_small() -> None:
    here, there = Direction(BITRATE_BPS), Direction(BITRATE_BPS)
    talk(here, there, range(1, 6), 50_000)
    assert here.budget.target_bps == there.budget.target_bps == FLOOR_BPS
    talk(here, there, range(6, 90), 50_000_000)
    assert here.budget.target_bps == there.budget.target_bps == BITRATE_BPS


def test_low_rate_the_other_way_does_not_lower_ours() -> None:
    """The other peer then reports rarely, within 5 % of its own rate."""
    here, there = Direction(BITRATE_BPS), Direction(FLOOR_BPS)
    talk(here, there, range(1, 20), 50_000_000)
    assert here.budget.target_bps == BITRATE_BPS
    assert here.skipped < 0.02 * here.sent
