"""Feedback sender: reports to the other peer which of its pictures have arrived. Two threads.

The receive thread reports each complete packet, the call thread at each of its ticks; a lock keeps
the counts from going back.
"""

from threading import Lock

from call.live.send_budget import SendBudget
from call.live.video_receiver import VideoReceiveCounters
from net.link.outbox import Outbox
from net.protocol.control import Feedback, encode_control
from net.protocol.feedback_interval import FeedbackInterval
from net.protocol.fragments import PacketAssembler
from net.protocol.packet_train import TrainMeter


class FeedbackSender:
    """Sends the reports of one call."""

    def __init__(
        self,
        outbox: Outbox,
        budget: SendBudget,
        assembler: PacketAssembler,
        received: VideoReceiveCounters,
    ) -> None:
        self._lock = Lock()
        self._outbox = outbox
        self._budget = budget
        self._assembler = assembler
        self._received = received
        self._interval = FeedbackInterval()
        self._reported_taken = 0
        self._arrived_us = 0
        self._began_us = 0
        self._bytes_us = 0
        self._train = TrainMeter()
        self._reported_bytes = 0

    def on_fragment(self, size_bytes: int, now_us: int, *, is_first: bool) -> None:
        """Note the size and the time of a fragment for the next report."""
        with self._lock:
            self._bytes_us = now_us
            if is_first:
                self._began_us = now_us
            self._train.add(size_bytes, now_us, is_first=is_first)

    def on_packet(self, now_us: int) -> None:
        """Report a complete packet: at once if the interval allows it, else at a later tick."""
        with self._lock:
            self._arrived_us = now_us
            self._interval.on_packet()
            self._report(now_us)

    def on_tick(self, now_us: int) -> None:
        """Send a report if one is due."""
        with self._lock:
            if (
                self._received.taken != self._reported_taken
                or self._assembler.received_bytes != self._reported_bytes
            ):
                self._interval.on_packet()
            self._report(now_us)

    def _report(self, now_us: int) -> None:
        if not self._interval.is_due(now_us, self._budget.target_bps):
            return
        # Read in this order: a packet counts as complete before the decoder can take it.
        taken = self._received.taken
        packets = self._assembler.packets
        self._reported_bytes = self._assembler.received_bytes
        feedback = Feedback(
            self._reported_bytes,
            packets,
            taken,
            self._arrived_us,
            self._began_us,
            self._bytes_us,
            *self._train.take_largest(),
        )
        self._reported_taken = taken
        self._outbox.put_control(encode_control(feedback), replaces="feedback")
