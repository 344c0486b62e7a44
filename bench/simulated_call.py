"""A simulated call over one simulated link, to develop and test the rate control. Pure.

    pictures -> [room?] -> outbox -> SimulatedTcp -> receiver -> feedback -> SendBudget
    sound ----------------^ first

Real code decides: `SendBudget` with the send window and the rate control, `AudioLadder`,
`FeedbackInterval`, `TrainMeter` and the size of fragments.

Modelled: one direction of pictures and sound over TCP (CUBIC or BBR) with losses, delays and
queues; an outbox that gives sound precedence and drops it when it is old; a kernel that accepts a
segment's worth ahead of what is sent; an encoder whose pictures vary in size by 40 %; a receiver
with a clock of another offset, that decodes at once.
Not modelled: the opposite direction, except that its target is the same; reports that queue behind
other data or are retransmitted; the video ladder, so there are 30 pictures a second at any
target; keyframes after the first; the time that encoding takes.
"""

import random
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import msgspec

from bench.link_conditions import Profile
from bench.link_shaper import LinkShaper
from bench.simulated_bbr import BbrWindow
from bench.simulated_tcp import (
    Acknowledgement,
    CongestionControl,
    CubicWindow,
    SimulatedTcp,
    WireSegment,
)
from call.live.send_budget import SendBudget
from net.protocol.audio_ladder import AudioLadder
from net.protocol.control import Feedback
from net.protocol.feedback_interval import REPORT_WIRE_BYTES, FeedbackInterval
from net.protocol.fragments import fragment_bytes
from net.protocol.pacing import pause_us
from net.protocol.packet_train import TrainMeter

CEILING_BPS = 2_500_000
"""The program's usual bitrate setting."""
FRAME_US = 33_333
FIRST_FRAME_US = 1_000
KEYFRAME_FRAMES = 2
"""The first picture takes the bits of so many others: what rate control allows a keyframe."""
SIZE_SPREAD = 0.4
LEAST_PICTURE_BYTES = 60
TICK_US = 50_000
BLOCK_US = 10_000
AUDIO_BITRATE_BPS = 32_000
AUDIO_HEADER_BYTES = 40
VIDEO_HEADER_BYTES = 26
"""Of a message and its TLS record."""
MAX_AUDIO_AGE_US = 100_000
UNSENT_BYTES = 1_400
"""The bytes that the kernel accepts ahead of what it sends (TCP_NOTSENT_LOWAT)."""
RECEIVER_OFFSET_US = 7_000_000_000
"""How far the receiver's clock is ahead of ours."""


class Congestion(StrEnum):
    """The congestion control of TCP."""

    CUBIC = "cubic"
    BBR = "bbr"

    def start(self) -> CongestionControl:
        """Return its state for a new connection."""
        return BbrWindow() if self is Congestion.BBR else CubicWindow()


class ShownPicture(NamedTuple):
    """A picture that arrived completely: when, how long after its capture, and its bytes."""

    at_us: int
    latency_us: int
    size_bytes: int


class TargetSample(NamedTuple):
    """The state of the rate control and of the link at a tick.

    Attributes:
        queue_us: the queue delay that the rate control sees.
        link_queue_us: the time that the link needs for what really waits in its queue.
        allows_large: True while pictures may be large.
    """

    at_us: int
    target_bps: int
    queue_us: int
    link_queue_us: int
    allows_large: bool = False


class CallResult(msgspec.Struct):
    """The results of a simulated call so far.

    Attributes:
        duration_us: the simulated time.
        pictures: those that arrived, in order.
        skipped: pictures not encoded for lack of room.
        dropped_audio: packets of sound that waited too long.
        video_bytes: encoded bytes that arrived.
        targets: one sample a tick.
    """

    duration_us: int = 0
    pictures: list[ShownPicture] = msgspec.field(default_factory=list)
    skipped: int = 0
    dropped_audio: int = 0
    video_bytes: int = 0
    targets: list[TargetSample] = msgspec.field(default_factory=list)

    @property
    def pictures_hz(self) -> float:
        """The mean rate of pictures that arrived."""
        return len(self.pictures) * 1e6 / max(1, self.duration_us)

    @property
    def video_bps(self) -> float:
        """The mean bitrate of the pictures that arrived."""
        return self.video_bytes * 8e6 / max(1, self.duration_us)

    def video_bps_between(self, from_s: float, until_s: float) -> float:
        """Return the mean bitrate of the pictures that arrived in a span of time."""
        shown = (each for each in self.pictures if from_s * 1e6 <= each.at_us < until_s * 1e6)
        return sum(each.size_bytes for each in shown) * 8 / (until_s - from_s)

    @property
    def longest_gap_us(self) -> int:
        """The longest time between two pictures."""
        gaps = (later.at_us - earlier.at_us for earlier, later in pairwise(self.pictures))
        return max(gaps, default=0)

    def latencies_us(self, from_s: float = 0, until_s: float = float("inf")) -> list[int]:
        """Return the latencies of the pictures that arrived in a span of time."""
        return [
            each.latency_us for each in self.pictures if from_s * 1e6 <= each.at_us < until_s * 1e6
        ]

    def samples(self, from_s: float = 0, until_s: float = float("inf")) -> list[TargetSample]:
        """Return the samples of a span of time."""
        return [each for each in self.targets if from_s * 1e6 <= each.at_us < until_s * 1e6]

    def targets_bps(self, from_s: float = 0, until_s: float = float("inf")) -> list[int]:
        """Return the targets at the ticks of a span of time."""
        return [each.target_bps for each in self.samples(from_s, until_s)]


class _Message(NamedTuple):
    """A message on its way.

    Attributes:
        wire_bytes: with its headers.
        video_bytes: the part of a picture in it; 0 for sound.
        due_us: when it may leave.
        is_first: whether it begins a picture.
        completes: the number of the picture that it ends, if it does.
    """

    wire_bytes: int
    video_bytes: int = 0
    due_us: int = 0
    is_first: bool = False
    completes: int | None = None


class _Receiver:
    """The other peer: counts what arrives and reports it.

    Args:
        target_bps: returns the target of its own direction, which bounds its reports.
        send: sends a report.
    """

    def __init__(self, target_bps: Callable[[], int], send: Callable[[Feedback], None]) -> None:
        self.video_bytes = 0
        self.packets = 0
        self._target_bps = target_bps
        self._send = send
        self._interval = FeedbackInterval()
        self._train = TrainMeter()
        self._reported_bytes = 0
        self._arrived_us = self._began_us = self._bytes_us = 0

    def add(self, message: _Message, now_us: int) -> None:
        """Count a message with a part of a picture. Times here are on the receiver's clock."""
        self.video_bytes += message.video_bytes
        self._bytes_us = now_us
        if message.is_first:
            self._began_us = now_us
        self._train.add(message.video_bytes, now_us, is_first=message.is_first)
        if message.completes is not None:
            self.packets += 1
            self._arrived_us = now_us

    def report(self, now_us: int) -> None:
        """Send a report if one is due."""
        if self.video_bytes != self._reported_bytes:
            self._interval.on_packet()
        if not self._interval.is_due(now_us, self._target_bps()):
            return
        self._reported_bytes = self.video_bytes
        self._send(
            Feedback(
                self.video_bytes,
                self.packets,
                self.packets,
                self._arrived_us,
                self._began_us,
                self._bytes_us,
                *self._train.take_largest(),
            )
        )


class SimulatedCall:
    """One direction of a call.

    Args:
        seed: of losses, jitter and picture sizes.
        ceiling_bps: the bitrate setting.
        demand: returns the share of the target that pictures need at a time in microseconds.
        forge: changes each report before it is handled.
        tells_round_trip: whether the system tells the round trip of TCP's segments.
        congestion: of TCP.

    Attributes:
        result: what happened so far.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        seed: int = 1,
        ceiling_bps: int = CEILING_BPS,
        demand: Callable[[int], float] = lambda now_us: 1.0,
        forge: Callable[[Feedback], Feedback] = lambda feedback: feedback,
        tells_round_trip: bool = True,
        congestion: Congestion = Congestion.CUBIC,
    ) -> None:
        self.result = CallResult()
        self._now_us = 0
        self._forward = LinkShaper[WireSegment](profile.forward, seed=seed, now_us=0)
        backward = LinkShaper[Acknowledgement](profile.backward, seed=seed + 1, now_us=0)
        self._reports = LinkShaper[Feedback](profile.backward, seed=seed + 2, now_us=0)
        self._tcp = SimulatedTcp(self._forward, backward, congestion.start())
        self._budget = SendBudget(ceiling_bps, lambda: self._now_us)
        if tells_round_trip:
            delay_ms = profile.forward.steps[0].conditions.delay_ms
            self._budget.set_first_rtt(round(2000 * delay_ms))
        self._audio_ladder = AudioLadder(AUDIO_BITRATE_BPS)
        self._receiver = _Receiver(lambda: self._budget.target_bps, self._send_report)
        self._demand, self._forge = demand, forge
        self._tells_round_trip = tells_round_trip
        self._sizes = random.Random(seed)
        self._sent: list[tuple[int, int]] = []
        """When each picture was captured, and its bytes."""
        self._video: deque[_Message] = deque()
        self._audio: deque[tuple[int, _Message]] = deque()
        self._stream: deque[_Message] = deque()
        """Messages given to TCP and not yet received."""
        self._readable_bytes = 0
        self._frame_due_us = FIRST_FRAME_US
        self._audio_due_us = self._tick_due_us = self._timers_due_us = 0
        self._paced_until_us = 0

    def run_until(self, end_us: int) -> CallResult:
        """Simulate up to a time since the start of the call, and return what happened so far."""
        while self._now_us < end_us:
            due_us = min(self._tcp.next_due_us(), self._timers_due_us, self._reports.due_us)
            self._now_us = max(self._now_us, due_us)
            if self._now_us >= self._timers_due_us:
                self._run_timers()
            if self._now_us >= self._reports.moves_us:
                for _, feedback in self._reports.pop_due(self._now_us):
                    tcp_rtt_us = (self._tcp.smoothed_us or None) if self._tells_round_trip else None
                    self._budget.on_feedback(
                        self._forge(feedback), self._now_us, tcp_rtt_us=tcp_rtt_us
                    )
            self._pump()
            if (readable_bytes := self._tcp.advance(self._now_us)) > 0:
                self._readable_bytes += readable_bytes
                self._read()
            self._pump()
        self.result.duration_us = self._now_us
        return self.result

    def _run_timers(self) -> None:
        if self._now_us >= self._frame_due_us:
            self._frame_due_us += FRAME_US
            self._offer_picture()
        if self._now_us >= self._audio_due_us:
            self._audio_due_us += self._audio_ladder.rung.packet_blocks * BLOCK_US
            self._put_audio()
        if self._now_us >= self._tick_due_us:
            self._tick_due_us += TICK_US
            self._tick()
        self._timers_due_us = min(self._frame_due_us, self._audio_due_us, self._tick_due_us)
        if self._video and self._video[0].due_us > self._now_us:
            self._timers_due_us = min(self._timers_due_us, self._video[0].due_us)

    def _tick(self) -> None:
        self._receiver.report(self._now_us + RECEIVER_OFFSET_US)
        target_bps = self._budget.target_bps
        self._audio_ladder.on_tick(
            self._now_us, target_bps=target_bps, dropped=self.result.dropped_audio
        )
        conditions = self._forward.conditions_at(self._now_us)
        self._budget.set_base_rtt(round(2000 * conditions.delay_ms))
        queued_bits = self._forward.counters.queued_bytes * 8
        link_queue_us = queued_bits * 1_000_000 // conditions.rate_bps if conditions.rate_bps else 0
        self.result.targets.append(
            TargetSample(
                self._now_us,
                target_bps,
                self._budget.queue_us,
                link_queue_us,
                self._budget.allows_large_pictures,
            )
        )

    def _send_report(self, feedback: Feedback) -> None:
        self._reports.offer(feedback, REPORT_WIRE_BYTES, self._now_us)

    def _offer_picture(self) -> None:
        """Encode a picture if there is room."""
        if self._now_us < self._paced_until_us or not self._budget.has_room():
            self.result.skipped += 1
            return
        target_bps = self._budget.target_bps
        frames = self._sizes.uniform(1 - SIZE_SPREAD, 1 + SIZE_SPREAD) * self._demand(self._now_us)
        if not self._sent:
            frames = KEYFRAME_FRAMES
        size_bytes = max(LEAST_PICTURE_BYTES, int(target_bps * FRAME_US / 8e6 * frames))
        number = len(self._sent)
        self._sent.append((self._now_us, size_bytes))
        starts = range(0, size_bytes, fragment_bytes(target_bps))
        self._budget.on_queued(size_bytes, len(starts), self._now_us)
        self._paced_until_us = self._now_us
        for start in starts:
            part_bytes = min(starts.step, size_bytes - start)
            is_last = start == starts[-1]
            self._video.append(
                _Message(
                    part_bytes + VIDEO_HEADER_BYTES,
                    part_bytes,
                    self._paced_until_us,
                    is_first=start == 0,
                    completes=number if is_last else None,
                )
            )
            if self._budget.is_paced:
                self._paced_until_us += pause_us(part_bytes, target_bps)

    def _put_audio(self) -> None:
        rung = self._audio_ladder.rung
        payload_bytes = rung.bitrate_bps * rung.packet_blocks * BLOCK_US // 8_000_000
        self._audio.append((self._now_us, _Message(payload_bytes + AUDIO_HEADER_BYTES)))
        while self._now_us - self._audio[0][0] > MAX_AUDIO_AGE_US:
            self._audio.popleft()
            self.result.dropped_audio += 1

    def _pump(self) -> None:
        """Give TCP messages as long as it has little to send."""
        while self._tcp.unsent_bytes < UNSENT_BYTES:
            is_due = self._video and self._video[0].due_us <= self._now_us
            if not is_due and not self._audio:
                return
            if self._audio:
                message = self._audio.popleft()[1]
            else:
                message = self._video.popleft()
                self._budget.on_departed()
            self._stream.append(message)
            self._tcp.write(message.wire_bytes, self._now_us)

    def _read(self) -> None:
        """Receive the messages that are complete, and report if one completes a picture."""
        receiver = self._receiver
        packets = receiver.packets
        while self._stream and self._stream[0].wire_bytes <= self._readable_bytes:
            message = self._stream.popleft()
            self._readable_bytes -= message.wire_bytes
            if message.video_bytes:
                receiver.add(message, self._now_us + RECEIVER_OFFSET_US)
            if message.completes is not None:
                captured_us, size_bytes = self._sent[message.completes]
                shown = ShownPicture(self._now_us, self._now_us - captured_us, size_bytes)
                self.result.pictures.append(shown)
        self.result.video_bytes = receiver.video_bytes
        if receiver.packets != packets:
            receiver.report(self._now_us + RECEIVER_OFFSET_US)
