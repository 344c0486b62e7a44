"""Video sender: the newest picture to the outbox, whenever there is room for it. Encode thread.

    captured --> Mailbox --> [room?] --> encode --> fragments --> Outbox

It waits for room first and takes the newest picture then, so that no picture is older than it must
be. A still or a placeholder is sent again five times a second.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from call.live.send_budget import SendBudget
from core.mailbox import Mailbox
from media.frame import Frame, FrameKind
from media.packet import VideoPacket
from media.video.encoder import VideoEncoder
from net.link.link import Link
from net.protocol.control import VideoFormat, encode_control
from net.protocol.fragments import fragment_bytes, split_packet

REPEAT_INTERVAL_S = 0.2


@dataclass(slots=True)
class VideoSendCounters:
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
        first_sequence: int = 0,
    ) -> None:
        self.counters = VideoSendCounters()
        self._frames = frames
        self._link = link
        self._budget = budget
        self._now_us = now_us
        self._codec = codec
        self._encoder = encoder
        self._seen = 0
        self._sequence = first_sequence
        self._size_px = (0, 0)

    @property
    def next_sequence(self) -> int:
        """The number of the next packet."""
        return self._sequence

    def run(self) -> None:
        """Send pictures until the budget is closed. The body of the encode thread."""
        repeated: Frame | None = None
        while not self._budget.is_closed:
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
                frame = dataclasses.replace(repeated, captured_us=self._now_us())
            if frame is not None and self._budget.allows_pictures():
                self._send(frame)

    def _wait_for_room(self) -> None:
        """Wait for room, and count the pictures that were overwritten meanwhile."""
        self._budget.wait_room(REPEAT_INTERVAL_S)
        if self._budget.is_hidden:
            # A picture from before the camera was turned off is not sent later.
            self._seen = self._frames.peek()[0]
            return
        overwritten = self._frames.peek()[0] - self._seen - 1
        if overwritten > 0:
            self.counters.skipped += overwritten
            self._seen += overwritten

    def _send(self, frame: Frame) -> None:
        began_us = self._now_us()
        target_bps = self._budget.target_bps
        encoded = self._encoder.encode(
            frame, target_bps, keyframe=self._budget.take_keyframe_request(began_us)
        )
        if self._encoder.size_px != self._size_px:
            self._announce(self._encoder.size_px)
        packet = VideoPacket(
            self._sequence, frame.captured_us, encoded.is_keyframe, encoded.payload
        )
        self._budget.on_sent(len(encoded.payload))
        self._link.outbox.put_video(split_packet(packet, fragment_bytes(target_bps)))
        self._sequence += 1
        self.counters.pictures += 1
        self.counters.payload_bytes += len(encoded.payload)
        self.counters.encode_us.append(self._now_us() - began_us)

    def _announce(self, size_px: tuple[int, int]) -> None:
        self._size_px = size_px
        self.counters.width_px, self.counters.height_px = size_px
        self._link.outbox.put_control(
            encode_control(VideoFormat(self._codec, *size_px, self._sequence))
        )
