"""Video sender: the newest picture to the outbox, whenever there is room for it. Encode thread.

    captured --> Mailbox --> [room?] --> encode --> fragments --> Outbox

It waits for room first and takes the newest picture then, so that no picture is older than it must
be. A still or a placeholder is sent again five times a second. On a link that is too small for
pictures, they pause.
"""

from collections.abc import Callable

import msgspec
from msgspec import field
from msgspec.structs import replace

from call.live.processor_limit import ProcessorLimit
from call.live.send_budget import SendBudget
from core.mailbox import Mailbox
from media.frame import Content, Frame, FrameKind
from media.packet import VideoPacket
from media.video.encoder import VideoEncoder
from net.link.link import Link
from net.protocol.control import VideoFormat, encode_control
from net.protocol.fragments import fragment_bytes, split_packet, together_bytes
from net.protocol.pacing import pause_us
from net.protocol.picture_pause import PicturePause
from net.protocol.video_ladder import Rung, VideoLadder

REPEAT_INTERVAL_S = 0.2


class VideoSendCounters(msgspec.Struct):
    """Written by the encode thread alone.

    Attributes:
        encode_us: the encoding time of each picture; the statistics empty the list.
    """

    pictures: int = 0
    skipped: int = 0
    payload_bytes: int = 0
    width_px: int = 0
    height_px: int = 0
    encode_us: list[int] = field(default_factory=list)


class VideoSender:
    """Sends the local pictures of one call.

    Args:
        frames: the pictures of the source.
        codec: the codec that both ends agreed on.
        first_sequence: the number of the first packet.
    """

    def __init__(
        self,
        frames: Mailbox[Frame],
        link: Link,
        budget: SendBudget,
        now_us: Callable[[], int],
        *,
        codec: str,
        encoder: VideoEncoder,
        ladder: VideoLadder,
        first_sequence: int = 0,
    ) -> None:
        self.counters = VideoSendCounters()
        self.on_packet: Callable[[VideoPacket, str, tuple[int, int]], None] | None = None
        """Called by the encode thread with each packet that it sends, its codec and its size."""
        self._frames = frames
        self._link = link
        self._budget = budget
        self._now_us = now_us
        self._codec = codec
        self._encoder = encoder
        self._ladder = ladder
        self._frame_rate_hz = ladder.frame_rate_hz
        self._due_us = 0
        self.processor = ProcessorLimit()
        self.pause = PicturePause()
        self._seen = 0
        self._sequence = first_sequence
        self._announced: tuple[tuple[int, int], bool] | None = None
        """The size in pixels, and whether the range is full."""

    @property
    def next_sequence(self) -> int:
        """The number of the next packet."""
        return self._sequence

    def run(self) -> None:
        """Send pictures until the budget is closed. The body of the encode thread."""
        repeated: Frame | None = None
        while not self._budget.is_closed:
            self.pause.update(
                self._budget.in_flight_packets, self._budget.target_bps, self._now_us()
            )
            if not self._budget.has_room():
                self._wait_for_room()
                continue
            number, frame = self._frames.wait_newer(self._seen, REPEAT_INTERVAL_S)
            if frame is not None:
                self._seen = number
                repeated = frame if frame.kind is not FrameKind.LIVE else None
            elif repeated is None:
                continue
            if repeated is not None:
                frame = replace(repeated, captured_us=self._now_us())
            if frame is None or not self._budget.allows_pictures():
                continue
            if not self.pause.allows_picture(self._now_us()):
                self.counters.skipped += 1
                continue
            rung = self._ladder.choose(
                self.target_bps,
                self._now_us(),
                steps_down=self.processor.steps,
                keeps_detail=frame.content is Content.DETAIL,
            )
            if self._is_early(frame, rung):
                self.counters.skipped += 1
            else:
                self._send(frame, rung)

    @property
    def target_bps(self) -> int:
        """The bitrate that the encoder aims at now."""
        return self.pause.limit_bps(self._budget.target_bps)

    def _is_early(self, frame: Frame, rung: Rung) -> bool:
        """Return whether the rung's frame rate leaves this picture out."""
        if rung.frame_rate_hz >= self._frame_rate_hz:
            return False
        interval_us = 1_000_000 // rung.frame_rate_hz
        if frame.captured_us < self._due_us - interval_us // 4:
            return True
        self._due_us = max(self._due_us, frame.captured_us) + interval_us
        return False

    def _wait_for_room(self) -> None:
        """Wait for room, and count the pictures that were overwritten meanwhile."""
        self._budget.wait_room(REPEAT_INTERVAL_S)
        if self._budget.is_hidden:
            # A picture from before the camera was turned off is not sent later.
            self._seen = self._frames.peek()[0]
            return
        self._count_overwritten()

    def _count_overwritten(self) -> None:
        overwritten = self._frames.peek()[0] - self._seen - 1
        if overwritten > 0:
            self.counters.skipped += overwritten
            self._seen += overwritten

    def _send(self, frame: Frame, rung: Rung) -> None:
        began_us = self._now_us()
        target_bps = self.target_bps
        encoded = self._encoder.encode(
            frame,
            # The encoder divides by the frame rate of the setting.
            target_bps * self._frame_rate_hz // rung.frame_rate_hz,
            rung.box_px,
            refines=self.processor.refines,
            allows_large=self._budget.allows_large_pictures,
            keyframe=self._budget.take_keyframe_request(began_us),
        )
        self._announce(self._encoder.size_px, is_full_range=self._encoder.is_full_range)
        packet = VideoPacket(
            self._sequence, frame.captured_us, encoded.is_keyframe, encoded.payload
        )
        fragments = list(split_packet(packet, fragment_bytes(target_bps)))
        self._budget.on_queued(len(encoded.payload), len(fragments), self._now_us())
        # Before the fragments leave: pauses between them are no work.
        ended_us = self._now_us()
        self.pause.on_sent(ended_us)
        self._put(fragments, target_bps)
        if self.on_packet is not None:
            self.on_packet(packet, self._codec, self._encoder.size_px)
        self._sequence += 1
        self.counters.pictures += 1
        self.counters.payload_bytes += len(encoded.payload)
        self.processor.on_encoded(
            ended_us - began_us,
            1_000_000 // rung.frame_rate_hz,
            ended_us,
            encoded.quantizer,
        )
        self.counters.encode_us.append(ended_us - began_us)

    def _put(self, fragments: list[bytes], target_bps: int) -> None:
        """Queue the fragments of a picture; on the smallest links, block until all have left."""
        if not self._budget.is_paced:
            self._link.outbox.put_video(
                fragments,
                together_bytes=together_bytes(self._budget.link_bps),
                shares_segments=self._budget.shares_segments,
            )
            return
        for fragment in fragments:
            self._link.outbox.put_video([fragment])
            self._budget.wait_pause(pause_us(len(fragment), target_bps) / 1e6)
        self._count_overwritten()

    def _announce(self, size_px: tuple[int, int], *, is_full_range: bool) -> None:
        """Announce another size or range; the other peer then opens another decoder."""
        if (size_px, is_full_range) == self._announced:
            return
        self._announced = size_px, is_full_range
        self.counters.width_px, self.counters.height_px = size_px
        self._link.outbox.put_control(
            encode_control(VideoFormat(self._codec, *size_px, self._sequence))
        )
