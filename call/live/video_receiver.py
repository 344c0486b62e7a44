"""Video receiver: packets to pictures, and the newest picture to the window. Decode thread.

    VideoPacketQueue --> decode --> Mailbox (for snapshots) --> BGRA in window size --> Mailbox

If sound is much later than pictures, as over a slow loudspeaker, decoded pictures are held back
before they are shown.
"""

import logging
from collections import deque
from collections.abc import Callable

import msgspec
from av import VideoFrame
from msgspec import field

from call.live.format_timeline import FormatTimeline
from call.live.video_packet_queue import VideoPacketQueue
from core.mailbox import Mailbox
from media.errors import CodecError
from media.packet import VideoPacket
from media.video.decoder import CodecDecoder, open_decoder
from media.video.picture_size import LARGEST_DECODED_PX
from media.video.settings import DECODED_CODECS
from net.errors import ProtocolError
from net.protocol.control import VideoFormat

_log = logging.getLogger(__name__)

TAKE_S = 0.25
KEYFRAME_PAUSE_US = 1_000_000
"""The least time between two keyframe requests."""
KEPT_FORMATS = 64
"""More than packets can wait, so that each waiting packet has its format."""
MAX_HELD = 32
"""Half a second at 60 pictures a second; beyond it the oldest is dropped."""


class DecodedPicture(msgspec.Struct, frozen=True):
    """A decoded picture of the other peer.

    Attributes:
        captured_us: the time of capture on our clock; None while the other clock is unknown.
    """

    picture: VideoFrame
    captured_us: int | None
    decoded_us: int


class VideoReceiveCounters(msgspec.Struct):
    """Written by the decode thread alone; the statistics empty the lists.

    Attributes:
        taken: packets that left the queue, decoded or discarded.
        first_decoded_us: the time at which the first picture was decoded.
        refused: pictures that did not decode.
        decoded_at_us: the time at which each picture was decoded.
        latency_us: from captured to decoded, for pictures whose time of capture is known.
        decode_us: the decoding time of each picture.
    """

    taken: int = 0
    pictures: int = 0
    first_decoded_us: int | None = None
    refused: int = 0
    codec: str | None = None
    width_px: int = 0
    height_px: int = 0
    decoded_at_us: list[int] = field(default_factory=list)
    latency_us: list[int] = field(default_factory=list)
    decode_us: list[int] = field(default_factory=list)


class VideoFormats:
    """The video formats that the other peer announced. Receive thread adds, decode thread asks."""

    def __init__(self) -> None:
        self._timeline: FormatTimeline[VideoFormat] = FormatTimeline("video", KEPT_FORMATS)

    def add(self, announced: VideoFormat) -> None:
        """Store a format.

        Raises:
            ProtocolError: we did not offer to decode it, or it is out of order.
        """
        largest = LARGEST_DECODED_PX
        if announced.codec not in DECODED_CODECS:
            raise ProtocolError("the other side announced a codec that was not agreed on")
        if announced.width_px > largest[0] or announced.height_px > largest[1]:
            raise ProtocolError("the other side announced a larger picture than was agreed on")
        self._timeline.add(announced.from_sequence, announced)

    def find(self, sequence: int) -> VideoFormat:
        """Return the format of a packet.

        Raises:
            ProtocolError: none was announced for it.
        """
        return self._timeline.find(sequence)


class VideoReceiver:
    """Decodes the pictures of one call.

    Args:
        to_local_us: converts a time of the other peer's clock to ours; None while unknown.
        request_keyframe: sends a keyframe request.
        show: shows a decoded picture; skipped if a newer packet already waits.

    Attributes:
        newest: the newest decoded picture, shown or not.
        hold_us: the delay of each picture before it is shown; any thread may set it.
    """

    def __init__(
        self,
        queue: VideoPacketQueue,
        formats: VideoFormats,
        now_us: Callable[[], int],
        *,
        to_local_us: Callable[[int, int], int | None],
        request_keyframe: Callable[[], None],
        show: Callable[[DecodedPicture], None],
    ) -> None:
        self.counters = VideoReceiveCounters()
        self.newest: Mailbox[DecodedPicture] = Mailbox()
        self.hold_us = 0
        self._held: deque[DecodedPicture] = deque(maxlen=MAX_HELD)
        self._queue = queue
        self._formats = formats
        self._now_us = now_us
        self._to_local_us = to_local_us
        self._send_keyframe_request = request_keyframe
        self._show = show
        self._decoder: CodecDecoder | None = None
        self._format: VideoFormat | None = None
        self._needs_keyframe = True
        self._requested_us: int | None = None

    def run(self) -> None:
        """Decode until the queue is closed. The body of the decode thread.

        Raises:
            ProtocolError: a picture came without its format.
        """
        while not self._queue.is_closed:
            packet, discarded = self._queue.take(self._wait_s())
            self._show_held()
            if discarded:
                self.counters.taken += discarded
                self._needs_keyframe = True
            if packet is not None:
                self._decode(packet)
                self.counters.taken += 1
            if self._needs_keyframe and (packet is not None or discarded):
                self._request_keyframe()

    def _wait_s(self) -> float:
        if not self._held:
            return TAKE_S
        due_us = self._held[0].decoded_us + self.hold_us
        return max(0.0, min(TAKE_S, (due_us - self._now_us()) / 1e6))

    def _show_held(self) -> None:
        """Show the newest held picture that is due."""
        due: DecodedPicture | None = None
        now_us = self._now_us()
        while self._held and self._held[0].decoded_us + self.hold_us <= now_us:
            due = self._held.popleft()
        if due is not None:
            self._show(due)

    def _decode(self, packet: VideoPacket) -> None:
        announced = self._formats.find(packet.sequence)
        if self._decoder is None or announced != self._format:
            self._decoder = open_decoder(announced.codec, (announced.width_px, announced.height_px))
            self._format = announced
            self._needs_keyframe = True
            self.counters.codec = announced.codec
            self.counters.width_px = announced.width_px
            self.counters.height_px = announced.height_px
        if self._needs_keyframe and not packet.is_keyframe:
            return
        began_us = self._now_us()
        try:
            picture = self._decoder.decode(packet.payload)
        except CodecError as error:
            self.counters.refused += 1
            self._needs_keyframe = True
            # The keyframe gets a new decoder: a bad picture may have left this one in any state.
            self._decoder = None
            _log.debug("a picture was refused: %s", error.sentence)
            return
        self._needs_keyframe = False
        decoded_us = self._now_us()
        captured_us = self._to_local_us(packet.captured_us, decoded_us)
        counters = self.counters
        if not counters.pictures:
            counters.first_decoded_us = decoded_us
        counters.pictures += 1
        counters.decode_us.append(decoded_us - began_us)
        counters.decoded_at_us.append(decoded_us)
        if captured_us is not None:
            counters.latency_us.append(decoded_us - captured_us)
        decoded = DecodedPicture(picture, captured_us, decoded_us)
        self.newest.put(decoded)
        if self.hold_us or self._held:
            self._held.append(decoded)
        elif self._queue.is_empty:
            self._show(decoded)

    def _request_keyframe(self) -> None:
        now_us = self._now_us()
        if self._requested_us is None or now_us - self._requested_us >= KEYFRAME_PAUSE_US:
            self._requested_us = now_us
            self._send_keyframe_request()
