"""call/live/feedback_sender.py: reports of arrived pictures, from two threads."""

import sys
import threading
from collections.abc import Iterator

import pytest

from call.live.feedback_sender import FeedbackSender
from call.live.send_budget import SendBudget
from call.live.video_receiver import VideoReceiveCounters
from net.link.outbox import Outbox
from net.protocol.control import Feedback, decode_control
from net.protocol.feedback_interval import SLOWEST_US
from net.protocol.fragments import FIRST, LAST, OPENING, PacketAssembler
from net.protocol.framing import HEADER
from net.protocol.send_window import SendWindow

START_US = 1_000_000_000
PICTURE_US = 33_333
PACKET_BYTES = 100
DEADLINE_S = 30.0
SWITCH_INTERVAL_S = 0.000_1
"""Threads take turns in the middle of a report."""


class FixedBudget(SendBudget):
    """A budget whose target stays at a bitrate, as that of a link which allows it."""

    def __init__(self, target_bps: int) -> None:
        super().__init__(target_bps, lambda: 0)
        self._fixed_bps = target_bps

    @property
    def target_bps(self) -> int:
        return self._fixed_bps


class Receiver:
    """A receiving peer, whose reports stay in its outbox."""

    def __init__(self, own_bitrate_bps: int = 2_500_000) -> None:
        self.outbox = Outbox()
        self.assembler = PacketAssembler()
        self.counters = VideoReceiveCounters()
        self.feedback = FeedbackSender(
            self.outbox, FixedBudget(own_bitrate_bps), self.assembler, self.counters
        )

    def add_packet(self) -> None:
        """Assemble a complete packet without a report."""
        opening = OPENING.pack(self.assembler.packets, 0, PACKET_BYTES)
        self.assembler.add(FIRST | LAST, opening + bytes(PACKET_BYTES))

    def reports(self) -> list[Feedback]:
        """Take the reports from the outbox."""
        came = []
        while (message := self.outbox.take(0)) is not None:
            report = decode_control(message[HEADER.size :])
            assert isinstance(report, Feedback)
            came.append(report)
        return came


def test_each_packet_is_reported_at_once() -> None:
    receiver = Receiver()
    for number in range(1, 5):
        now_us = START_US + number * PICTURE_US
        receiver.add_packet()
        receiver.feedback.on_packet(now_us)
        receiver.counters.taken += 1
        [report] = receiver.reports()
        assert report == Feedback(number * PACKET_BYTES, number, number - 1, now_us)


def test_bytes_of_an_incomplete_packet_are_reported() -> None:
    receiver = Receiver()
    receiver.assembler.add(FIRST, OPENING.pack(0, 0, 1_000) + bytes(300))
    receiver.feedback.on_tick(START_US)
    assert receiver.reports() == [Feedback(300, 0, 0, 0)]


def test_times_of_the_newest_packet_and_byte_are_reported() -> None:
    receiver = Receiver()
    receiver.feedback.on_fragment(500, START_US, is_first=True)
    receiver.feedback.on_fragment(500, START_US + 1_000, is_first=False)
    receiver.add_packet()
    receiver.feedback.on_packet(START_US + 1_000)
    receiver.feedback.on_fragment(500, START_US + 40_000, is_first=True)
    receiver.feedback.on_fragment(500, START_US + 43_000, is_first=False)
    receiver.counters.taken = 1
    receiver.feedback.on_tick(START_US + 50_000)
    [report] = receiver.reports()  # the second replaced the first, which still waited
    assert report.arrived_us == START_US + 1_000
    assert (report.began_us, report.bytes_us) == (START_US + 40_000, START_US + 43_000)


def test_largest_train_since_the_last_report_is_reported() -> None:
    receiver = Receiver()
    trains = []
    for number in range(3):
        now_us = START_US + number * 100_000
        for fragment in range(2 + number):
            is_first = fragment == 0
            receiver.feedback.on_fragment(700, now_us + fragment * 500, is_first=is_first)
        receiver.add_packet()
        receiver.feedback.on_packet(now_us + 50_000)
        trains += [(report.train_bytes, report.train_us) for report in receiver.reports()]
    assert trains == [(700, 500), (1_400, 1_000), (2_100, 1_500)]


def test_new_bytes_are_reported_at_a_tick_before_their_packet_is_complete() -> None:
    receiver = Receiver()
    receiver.feedback.on_tick(START_US)
    receiver.assembler.add(FIRST, OPENING.pack(0, 0, 1_000) + bytes(300))
    receiver.feedback.on_fragment(300, START_US + 10_000, is_first=True)
    receiver.feedback.on_tick(START_US + 50_000)
    assert receiver.reports()[-1].video_bytes == 300


def test_there_are_4_reports_a_second_without_packets() -> None:
    receiver = Receiver()
    count = 0
    for now_us in range(START_US, START_US + 10_000_000, 50_000):
        receiver.feedback.on_tick(now_us)
        count += len(receiver.reports())
    assert count == 10_000_000 // SLOWEST_US


def test_decoded_packets_are_reported_at_the_next_tick() -> None:
    receiver = Receiver()
    receiver.add_packet()
    receiver.feedback.on_packet(START_US)
    assert [report.decoded for report in receiver.reports()] == [0]
    receiver.feedback.on_tick(START_US + 50_000)
    assert receiver.reports() == []
    receiver.counters.taken = 1
    receiver.feedback.on_tick(START_US + 100_000)
    assert [report.decoded for report in receiver.reports()] == [1]


def test_newer_report_replaces_a_waiting_one() -> None:
    receiver = Receiver()
    for number in range(1, 11):
        receiver.add_packet()
        receiver.feedback.on_packet(START_US + number * PICTURE_US)
    assert [report.video_packets for report in receiver.reports()] == [10]


def test_reports_at_our_low_rate_are_fewer_but_complete() -> None:
    receiver = Receiver(own_bitrate_bps=100_000)
    reports = []
    for now_us in range(START_US, START_US + 2_000_000, 1_000):
        if (now_us - START_US) % 33_000 == 0:
            receiver.add_packet()
            receiver.feedback.on_packet(now_us)
        if now_us % 50_000 == 0:
            receiver.feedback.on_tick(now_us)
        reports += receiver.reports()
    assert 7 <= len(reports) <= 9
    assert reports[-1].video_packets >= receiver.assembler.packets - 8


@pytest.fixture
def _frequent_thread_switches() -> Iterator[None]:
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    yield
    sys.setswitchinterval(before_s)


@pytest.mark.usefixtures("_frequent_thread_switches")
def test_counts_of_two_threads_never_go_back() -> None:
    receiver = Receiver()
    window = SendWindow()
    count = 1_000
    for _ in range(count):
        window.on_sent(PACKET_BYTES)
    clock = iter(range(START_US, START_US + 10**12, PICTURE_US))
    lock = threading.Lock()
    is_over = threading.Event()

    def now_us() -> int:
        with lock:
            return next(clock)

    def receive() -> None:
        for _ in range(count):
            receiver.add_packet()
            receiver.feedback.on_packet(now_us())
        is_over.set()

    def decode() -> None:
        while receiver.counters.taken < count:
            if receiver.counters.taken < receiver.assembler.packets:
                receiver.counters.taken += 1

    def tick() -> None:
        while not is_over.is_set():
            receiver.feedback.on_tick(now_us())

    threads = [threading.Thread(target=body, daemon=True) for body in (receive, decode, tick)]
    for thread in threads:
        thread.start()
    seen = 0
    while not is_over.is_set() or seen < count:
        for report in receiver.reports():
            window.on_feedback(report.video_bytes, report.video_packets, report.decoded)
            seen = report.video_packets
        if is_over.is_set() and seen < count:
            receiver.feedback.on_tick(now_us() + SLOWEST_US)
    for thread in threads:
        thread.join(DEADLINE_S)
    assert not any(thread.is_alive() for thread in threads)
    assert window.in_flight_packets == window.in_flight_bytes == 0
