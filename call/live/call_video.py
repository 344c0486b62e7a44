"""Call video: the pictures of a call on one of its links, both ways.

What counts from the start of a link is new for each: the send budget, the assembler, the
feedback, the queue, both codecs. Sequences, figures and the newest picture continue.

The call thread builds and ticks it; the receive thread hands over messages; two threads, `encode`
and `decode`, do the work. A call without a picture to send has an `encode` thread too, since a
camera can be chosen later; without a common codec it has none.
"""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec.structs import replace

from call.live.feedback_sender import FeedbackSender
from call.live.local_video import LocalVideo
from call.live.packet_tap import PacketTap
from call.live.send_budget import SendBudget
from call.live.video_display import VideoDisplay
from call.live.video_packet_queue import VideoPacketQueue
from call.live.video_receiver import (
    DecodedPicture,
    VideoFormats,
    VideoReceiveCounters,
    VideoReceiver,
)
from call.live.video_sender import VideoSendCounters, VideoSender
from core.call_statistics import LimitedBy
from core.mailbox import Mailbox
from media.packet import VideoPacket
from media.recording.tracks import Track
from media.video.encoder import VideoEncoder
from media.video.settings import VideoSettings
from net.link.link import Link
from net.link.tcp_info import Segments
from net.protocol.clock_sync import ClockSync
from net.protocol.control import (
    Decodable,
    Feedback,
    KeyframeRequest,
    PictureState,
    VideoFormat,
    encode_control,
)
from net.protocol.fragments import FIRST, PacketAssembler
from net.protocol.large_pictures import LARGE_PICTURES
from net.protocol.negotiation import negotiate_video
from net.protocol.picture_pause import PicturePause
from net.protocol.picture_span import PictureSpan
from net.protocol.video_ladder import VideoLadder
from ui.view import RemotePicture

USED_SHARE = 0.8
"""A picture that needs a smaller share of the target is not limited by the setting."""

_REMOTE = {"sent": RemotePicture.EXPECTED, "hidden": RemotePicture.HIDDEN}


class CallVideo:
    """The pictures of a call on one link.

    Args:
        can_decode: the pictures that the other peer decodes.
        clock: converts the other peer's times to ours.
        former: those of the call's link before, which these continue.

    Attributes:
        remote: the pictures that the other peer says it sends.
        is_remote_screen: True while they show a screen.
        sent: the counters of our own pictures; all 0 where we send none.
        received: the counters of the other peer's pictures.
        hold_ms: how long each picture is held back before it is shown.
    """

    def __init__(
        self,
        own: LocalVideo,
        link: Link,
        can_decode: list[Decodable],
        now_us: Callable[[], int],
        *,
        settings: VideoSettings,
        display: VideoDisplay,
        clock: ClockSync,
        former: "CallVideo | None" = None,
    ) -> None:
        self.remote = RemotePicture.EXPECTED
        self.is_remote_screen = False
        self.hold_ms = 0.0
        self._own = own
        self._link = link
        self._clock = clock
        self._display = display
        self._budget = SendBudget(settings.bitrate_bps, now_us)
        self._is_unsent = own.state != "sent"
        self._budget.set_hidden(self._is_unsent)
        if (round_trip := link.read_round_trip()) is not None:
            self._budget.set_first_rtt(round_trip.shortest_us)
        self._queue = VideoPacketQueue()
        self._formats = VideoFormats()
        self._assembler = PacketAssembler()
        self._span = PictureSpan()
        self._receiver = VideoReceiver(
            self._queue,
            self._formats,
            now_us,
            to_local_us=clock.to_local_us,
            # Not a method of this object: a circle would keep the codecs' memory after the call.
            request_keyframe=partial(link.outbox.put_control, encode_control(KeyframeRequest())),
            show=display.show,
        )
        self._received_before = 0
        if former is not None:
            self.remote = former.remote
            self.is_remote_screen = former.is_remote_screen
            self.set_hold(former.hold_ms)
            self._received_before = former.received_bytes
            self._receiver.newest = former.newest
            # What the other peer is told counts from the start of this link.
            self._receiver.counters = replace(former.received, taken=0)
        self.received: VideoReceiveCounters = self._receiver.counters
        self._feedback = FeedbackSender(
            link.outbox, self._budget, self._assembler, self._receiver.counters
        )
        agreed = negotiate_video(
            settings.codec, (settings.width_px, settings.height_px), can_decode
        )
        self._sender: VideoSender | None = None
        self._codec: str | None = None
        self.sent = VideoSendCounters()
        if agreed is not None:
            self._codec, largest_px, allows_full_range = agreed
            encoder = VideoEncoder(
                self._codec,
                settings.frame_rate_hz,
                settings.bitrate_bps,
                large_pictures=LARGE_PICTURES,
                allows_full_range=allows_full_range,
            )
            link.outbox.on_video_departed = self._budget.on_departed
            self._sender = VideoSender(
                own.frames,
                link,
                self._budget,
                now_us,
                codec=self._codec,
                encoder=encoder,
                ladder=VideoLadder(largest_px, settings.frame_rate_hz),
                first_sequence=0 if former is None else former.next_sequence,
            )
            if former is not None:
                self._sender.counters = replace(former.sent)
                self._sender.pause = former.pause.on_another_link()
            self.sent = self._sender.counters
        self._tap: PacketTap | None = None

    def tap_into(self, tap: PacketTap) -> None:
        """Pass the packets of both directions to this tap too. Before the threads start."""
        self._tap = tap
        if self._sender is not None:
            self._sender.on_packet = partial(tap.put_picture, Track.OWN_PICTURE)

    def threads(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name and the body of each thread to start."""
        if self._sender is not None:
            yield "encode", self._sender.run
        yield "decode", self._receiver.run

    # Receive thread.

    def add_fragment(self, flags: int, payload: bytes, now_us: int) -> None:
        """Store a VIDEO message; queue the packet that it completes, and report it.

        Raises:
            ProtocolError: it is malformed, or comes before its format.
            LinkLost: the report cannot be sent.
        """
        # First, so that no report tells of these bytes with the times of the last ones.
        is_first = bool(flags & FIRST)
        self._feedback.on_fragment(len(payload), now_us, is_first=is_first)
        packet = self._assembler.add(flags, payload)
        self._span.on_fragment(len(payload), now_us, is_first=is_first, is_last=packet is not None)
        if packet is not None:
            self._queue.put(packet)
            self._feedback.on_packet(now_us)
            self._record(packet)

    def _record(self, packet: VideoPacket) -> None:
        if self._tap is None or self._tap.recorder is None:
            return
        form = self._formats.find(packet.sequence)
        self._tap.put_picture(
            Track.REMOTE_PICTURE, packet, form.codec, (form.width_px, form.height_px)
        )

    def add_format(self, announced: VideoFormat) -> None:
        """Store an announced format.

        Raises:
            ProtocolError: it was not agreed on.
        """
        self._formats.add(announced)

    def on_feedback(self, feedback: Feedback, now_us: int) -> None:
        """Handle a report on our own pictures.

        Raises:
            ProtocolError: its counts are impossible.
        """
        round_trip = self._link.read_round_trip()
        tcp_rtt_us = None if round_trip is None else round_trip.smoothed_us
        self._budget.on_feedback(feedback, now_us, tcp_rtt_us=tcp_rtt_us)

    def on_keyframe_request(self) -> None:
        """Encode a keyframe next."""
        self._budget.request_keyframe()

    # Call thread.

    @property
    def state(self) -> str:
        """Our picture state on the wire: `sent`, `none` or `hidden`."""
        return self._own.state if self._sender is not None else "none"

    @property
    def codec(self) -> str | None:
        """The codec of our own pictures; None where we send none."""
        return self._codec if self._own.has_source else None

    @property
    def picture_state(self) -> PictureState:
        """The state of our pictures, as the other peer learns it."""
        is_screen = self.state == "sent" and self._own.is_screen
        return PictureState(self.state, self.is_paused, is_screen)

    @property
    def is_paused(self) -> bool:
        """True while the link is too small for our pictures, and sound goes alone."""
        return self.pause.is_on

    def on_state(self, told: PictureState) -> None:
        """Handle the other peer's picture state."""
        self.remote = _REMOTE.get(told.state, RemotePicture.NONE)
        self.is_remote_screen = told.is_screen
        if told.is_paused and self.remote is RemotePicture.EXPECTED:
            self.remote = RemotePicture.PAUSED

    def set_hidden(self, is_hidden: bool) -> None:
        """Stop sending pictures, or send them again, from a keyframe on."""
        self._is_unsent = is_hidden
        self._budget.set_hidden(is_hidden)
        if not is_hidden:
            self._budget.request_keyframe()

    def occupied_us(self, now_us: int) -> int:
        """Return how long our last picture still occupies the link. Any thread."""
        return self._budget.occupied_us(now_us)

    def set_hold(self, hold_ms: float) -> None:
        """Hold each picture back before it is shown, so that it is in step with late sound."""
        self.hold_ms = hold_ms
        self._receiver.hold_us = int(hold_ms * 1000)

    def on_tick(self, now_us: int) -> None:
        """Update the target bitrate and send a report if one is due; about 20 times a second.

        Raises:
            LinkLost: the report cannot be sent.
        """
        if self._clock.base_rtt_us is not None:
            self._budget.set_base_rtt(self._clock.base_rtt_us)
        is_unsent = self._own.state != "sent"
        if is_unsent is not self._is_unsent:
            self.set_hidden(is_unsent)
        self._feedback.on_tick(now_us)

    def leave_link(self) -> None:
        """End both threads soon, because the call continues on another link."""
        self._budget.close()
        self._queue.close()

    def close(self) -> None:
        """End both threads soon, because the call is over."""
        self.leave_link()
        self._own.frames.close()

    # For the session, for statistics, and for the next link.

    @property
    def pause(self) -> PicturePause:
        """The pauses of our pictures; one that is not on where we send none."""
        return PicturePause() if self._sender is None else self._sender.pause

    @property
    def next_sequence(self) -> int:
        """The number of our next packet."""
        return 0 if self._sender is None else self._sender.next_sequence

    @property
    def newest(self) -> Mailbox[DecodedPicture]:
        """The newest decoded picture, shown or not."""
        return self._receiver.newest

    @property
    def picture_span_ms(self) -> float:
        """How long a picture of the other peer may occupy the link."""
        return self._span.longest_us / 1000

    @property
    def target_bps(self) -> int:
        """The bitrate that the encoder aims at now."""
        return self._budget.target_bps if self._sender is None else self._sender.target_bps

    @property
    def queue_delay_ms(self) -> float | None:
        """How long our pictures queue on their way; None where we send none."""
        return self._budget.queue_us / 1000 if self.codec is not None else None

    def limited_by(self, used_bps: float) -> LimitedBy:
        """Return what holds our pictures down.

        Args:
            used_bps: the rate at which they are sent.
        """
        if self._sender is None or self._is_unsent:
            return LimitedBy.NONE
        if self._sender.pause.is_on:
            return LimitedBy.LINK
        if self._sender.processor.steps:
            return LimitedBy.PROCESSOR
        if self._budget.is_decoder_behind:
            return LimitedBy.REMOTE
        if self._budget.is_below_setting:
            return LimitedBy.LINK
        is_used = used_bps > USED_SHARE * self._budget.target_bps
        return LimitedBy.SETTING if is_used else LimitedBy.NONE

    @property
    def segments(self) -> Segments | None:
        """The segments that TCP has sent on this link; None if the system tells none."""
        return self._link.read_segments()

    @property
    def received_bytes(self) -> int:
        """Encoded bytes received since accept, incomplete packets included."""
        return self._received_before + self._assembler.received_bytes

    def take_shown_us(self) -> list[int]:
        """Return the latency of each picture painted since the last call."""
        return self._display.take_shown_us()
