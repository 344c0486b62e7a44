"""call/live/send_budget.py: room, rate and keyframe requests, and waking the encode thread."""

import threading
from collections import deque
from collections.abc import Callable

import pytest

from call.live.send_budget import FIRST_INTERVAL_US, KEYFRAME_PAUSE_US, SendBudget
from net.errors import ProtocolError
from net.protocol.control import Feedback
from net.protocol.feedback_interval import FeedbackInterval
from net.protocol.rate_control import FLOOR_BPS, START_BPS
from net.protocol.send_window import ALWAYS_PACKETS, MAX_RTT_US

BITRATE_BPS = 2_500_000
LARGE_BYTES = 1_000_000
DEADLINE_S = 20.0


def new_budget() -> SendBudget:
    """Return a budget whose clock stands still."""
    return SendBudget(BITRATE_BPS, lambda: 0)


def send(budget: SendBudget, size_bytes: int, *, now_us: int = 0) -> None:
    """Send a packet of one fragment that leaves the outbox at once."""
    budget.on_queued(size_bytes, 1, now_us)
    budget.on_departed()


def reported_budget() -> SendBudget:
    """Return a budget whose first picture was tiny and has been reported."""
    budget = new_budget()
    send(budget, 1)
    budget.on_feedback(Feedback(1, 1, 1, 0), 0)
    return budget


def full_budget() -> SendBudget:
    budget = new_budget()
    for _ in range(ALWAYS_PACKETS):
        send(budget, LARGE_BYTES)
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


def test_there_is_room_at_the_start_and_the_target_is_low() -> None:
    budget = new_budget()
    assert budget.has_room()
    assert budget.wait_room(0)
    assert budget.target_bps == START_BPS
    assert budget.is_below_setting


def test_target_starts_at_a_lower_setting() -> None:
    budget = SendBudget(START_BPS // 2, lambda: 0)
    assert budget.target_bps == START_BPS // 2
    assert not budget.is_below_setting


def test_wait_without_room_ends_at_its_limit() -> None:
    assert not full_budget().wait_room(0)


def test_feedback_wakes_a_waiting_thread() -> None:
    budget = full_budget()
    check_wakes(budget, lambda: budget.on_feedback(feedback(1), 0), has_room=True)


def test_longer_round_trip_wakes_a_waiting_thread() -> None:
    budget = reported_budget()
    for _ in range(3):
        send(budget, 6_400)  # together 384 ms of the target
    assert not budget.has_room()
    check_wakes(budget, lambda: budget.set_base_rtt(400_000), has_room=True)


def test_showing_the_picture_again_wakes_a_waiting_thread() -> None:
    budget = new_budget()
    budget.set_hidden(True)
    check_wakes(budget, lambda: budget.set_hidden(False), has_room=True)


def test_close_wakes_a_waiting_thread() -> None:
    budget = full_budget()
    check_wakes(budget, budget.close, has_room=False)
    assert budget.is_closed


def test_there_is_no_room_after_close() -> None:
    budget = new_budget()
    budget.close()
    assert not budget.wait_room(DEADLINE_S)


def test_there_is_no_room_while_the_camera_is_hidden() -> None:
    budget = new_budget()
    budget.set_hidden(True)
    assert not budget.has_room()
    assert not budget.wait_room(0)
    budget.set_hidden(False)
    assert budget.has_room()


def test_lagging_decoder_leaves_no_room() -> None:
    budget = new_budget()
    for _ in range(8):
        send(budget, LARGE_BYTES)
    budget.on_feedback(feedback(8, decoded=3), 0)
    assert not budget.has_room()
    assert budget.is_decoder_behind
    budget.on_feedback(feedback(8), 0)
    assert budget.has_room()
    assert not budget.is_decoder_behind


def test_room_needs_at_most_one_fragment_in_the_outbox() -> None:
    budget = reported_budget()
    budget.on_queued(1_500, 3, 0)
    assert not budget.has_room()
    budget.on_departed()
    assert not budget.has_room()
    budget.on_departed()
    assert budget.has_room()


def test_fragment_that_leaves_the_outbox_wakes_a_waiting_thread() -> None:
    budget = reported_budget()
    budget.on_queued(1_000, 2, 0)
    check_wakes(budget, budget.on_departed, has_room=True)


def test_impossible_counts_are_a_protocol_error() -> None:
    budget = full_budget()
    with pytest.raises(ProtocolError, match="impossible counts"):
        budget.on_feedback(feedback(3), 0)


@pytest.mark.parametrize(
    ("began_us", "bytes_us"),
    [
        (1_001, 1_000),  # a packet began after its bytes came
        (2**62, 1_000),
        (1, 899),  # the newest byte came before an earlier one
    ],
)
def test_impossible_times_are_a_protocol_error_and_change_nothing(
    began_us: int, bytes_us: int
) -> None:
    budget = full_budget()
    budget.on_feedback(Feedback(LARGE_BYTES, 1, 1, 900, 800, 900), 900)
    send(budget, LARGE_BYTES)
    assert not budget.has_room()
    with pytest.raises(ProtocolError, match="impossible times"):
        budget.on_feedback(Feedback(2 * LARGE_BYTES, 2, 2, 950, began_us, bytes_us), 1_000)
    assert not budget.has_room()


@pytest.mark.parametrize(("began_us", "bytes_us"), [(900, 900), (700, 900), (0, 0), (2_000, 0)])
def test_equal_repeated_and_unknown_times_are_allowed(began_us: int, bytes_us: int) -> None:
    budget = full_budget()
    budget.on_feedback(Feedback(LARGE_BYTES, 1, 1, 900, 800, 900), 900)
    budget.on_feedback(Feedback(2 * LARGE_BYTES, 2, 2, 950, began_us, bytes_us), 1_000)
    assert budget.has_room()


def test_round_trip_allows_more_in_flight() -> None:
    budget = reported_budget()
    budget.set_base_rtt(400_000)
    for _ in range(3):
        send(budget, 6_400)
    assert budget.has_room()


def test_one_packet_is_in_flight_until_the_first_picture_is_reported() -> None:
    budget = new_budget()
    budget.set_base_rtt(400_000)
    send(budget, 100)
    assert not budget.has_room()
    budget.on_feedback(Feedback(50, 0, 0, 0), 0)
    assert not budget.has_room()
    check_wakes(budget, lambda: budget.on_feedback(Feedback(100, 1, 1, 0), 0), has_room=True)
    send(budget, 100)
    assert budget.has_room()


def test_long_round_trip_of_the_handshake_allows_more_packets_at_first() -> None:
    budget = new_budget()
    budget.set_first_rtt(3 * FIRST_INTERVAL_US)
    for _ in range(4):
        assert budget.has_room()
        send(budget, 100)
    assert not budget.has_room()


def test_peer_cannot_pretend_a_round_trip_of_many_seconds() -> None:
    budget = new_budget()
    budget.set_first_rtt(60_000_000)
    for _ in range(MAX_RTT_US // FIRST_INTERVAL_US + 1):
        send(budget, 100)
    assert not budget.has_room()


def test_repeated_requests_give_one_keyframe() -> None:
    budget = new_budget()
    assert not budget.take_keyframe_request(0)
    budget.request_keyframe()
    budget.request_keyframe()
    assert budget.take_keyframe_request(1)
    assert not budget.take_keyframe_request(2)


def test_keyframe_request_that_comes_too_soon_waits() -> None:
    budget = new_budget()
    budget.request_keyframe()
    assert budget.take_keyframe_request(1)
    budget.request_keyframe()
    assert not budget.take_keyframe_request(KEYFRAME_PAUSE_US)
    assert budget.take_keyframe_request(KEYFRAME_PAUSE_US + 1)


class Direction:
    """The pictures of one direction: its budget, and the reports of the other end."""

    def __init__(self, bitrate_bps: int) -> None:
        self.now_us = 0
        self.budget = SendBudget(bitrate_bps, lambda: self.now_us)
        self.interval = FeedbackInterval()
        self.sent = self.skipped = 0
        self.arrived = self.arrived_bytes = self.arrived_us = self.began_us = 0
        self.outbox: deque[int] = deque()
        """The sizes of the packets that the link has not taken."""
        self.in_flight: deque[tuple[int, int, int]] = deque()
        """Of each packet: when it begins and ends to arrive, and its size."""
        self.free_us = 0

    def offer_picture(self) -> None:
        """Encode a picture if there is room."""
        if not self.budget.has_room():
            self.skipped += 1
            return
        size = self.budget.target_bps // 8 // 30
        self.budget.on_queued(size, 1, self.now_us)
        self.sent += 1
        self.outbox.append(size)

    def transmit(self, link_bps: int) -> None:
        """Let a link with 20 ms of queue take the packets that wait."""
        while self.outbox and self.free_us <= self.now_us + 20_000:
            size = self.outbox.popleft()
            self.budget.on_departed()
            began_us = max(self.free_us, self.now_us)
            self.free_us = began_us + size * 8_000_000 // link_bps
            self.in_flight.append((began_us + 500, self.free_us + 500, size))

    def arrive(self, reporter_bps: int) -> None:
        """Deliver the packets due by now; the other end reports them within its own rate."""
        while self.in_flight and self.in_flight[0][1] <= self.now_us:
            self.began_us, self.arrived_us, size = self.in_flight.popleft()
            self.arrived_bytes += size
            self.arrived += 1
            self.interval.on_packet()
            self.report(reporter_bps)
        if self.now_us % 50_000 == 0:
            self.report(reporter_bps)

    def report(self, reporter_bps: int) -> None:
        """Report the arrived packets if a report is due."""
        if not self.interval.is_due(self.now_us, reporter_bps):
            return
        times = self.arrived_us, self.began_us, self.arrived_us
        report = Feedback(self.arrived_bytes, self.arrived, self.arrived, *times)
        self.budget.on_feedback(report, self.now_us)


def talk(here: Direction, there: Direction, seconds: range, link_bps: int) -> None:
    """Run two directions against each other on a simulated clock."""
    for now_us in range(seconds.start * 1_000_000, seconds.stop * 1_000_000, 1_000):
        for one, other in ((here, there), (there, here)):
            one.now_us = now_us
            one.arrive(other.budget.target_bps)
            if now_us % 33_000 == 0:
                one.offer_picture()
            one.transmit(link_bps)


def test_pause_ends_with_the_call() -> None:
    budget = SendBudget(BITRATE_BPS, lambda: 0)
    waiting = threading.Thread(target=budget.wait_pause, args=(DEADLINE_S * 5,), daemon=True)
    waiting.start()
    budget.close()
    waiting.join(DEADLINE_S)
    assert not waiting.is_alive()


def test_both_directions_recover_from_a_link_that_was_far_too_small() -> None:
    here, there = Direction(BITRATE_BPS), Direction(BITRATE_BPS)
    talk(here, there, range(1, 12), 60_000)
    assert FLOOR_BPS <= here.budget.target_bps < 100_000
    assert FLOOR_BPS <= there.budget.target_bps < 100_000
    talk(here, there, range(12, 40), 50_000_000)
    assert here.budget.target_bps == there.budget.target_bps == BITRATE_BPS


def test_low_rate_the_other_way_does_not_lower_ours() -> None:
    """The other peer then reports rarely, within 5 % of its own rate."""
    here, there = Direction(BITRATE_BPS), Direction(FLOOR_BPS)
    talk(here, there, range(1, 20), 50_000_000)
    assert here.budget.target_bps == BITRATE_BPS
    assert here.skipped < 0.02 * here.sent


def test_rate_of_the_link_is_known_from_trains() -> None:
    budget = new_budget()
    assert budget.link_bps is None
    send(budget, LARGE_BYTES)
    budget.on_feedback(Feedback(LARGE_BYTES, 1, 1, 1, train_bytes=10_000, train_us=2_000), 0)
    assert budget.link_bps == 40e6


def test_several_fragments_may_leave_together() -> None:
    budget = reported_budget()
    budget.on_queued(1, 5, 0)
    assert not budget.has_room()
    budget.on_departed(4)
    assert budget.has_room()
