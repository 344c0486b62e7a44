"""Video receiver: packets to pictures, and the newest picture to the window. Decode thread.

    VideoPacketQueue --> decode --> Mailbox (for snapshots) --> BGRA in window size --> Mailbox

Where sound is much later than pictures, as over a loudspeaker that takes its time, decoded pictures
are held back before they are shown.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from av import VideoFrame

from call.live.video_packet_queue import VideoPacketQueue
from core.mailbox import Mailbox
from media.errors import CodecError
from media.packet import VideoPacket
from media.video.codecs import DECODED_CODECS, LARGEST_DECODED_PX
from media.video.decoder import CodecDecoder, open_decoder
from net.errors import ProtocolError
from net.protocol.control import VideoFormat

_log = logging.getLogger(__name__)

TAKE_S = 0.25
KEYFRAME_PAUSE_US = 1_000_000
"""One request outstanding, at most one a second."""
KEPT_FORMATS = 64
"""More than packets can wait, so that each that waits has its format."""
MAX_HELD = 32
"""Half a second at 60 a second; of more the oldest is not shown."""


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A picture of the other side: its time on our clock, where that is known."""

    picture: VideoFrame
    captured_us: int | None
    decoded_us: int


@dataclass(slots=True)
class VideoReceiveCounters:
    """Written by the decode thread alone; statistics takes the lists away each second.

    Attributes:
        taken: packets that left the inbox, decoded or discarded.
        first_decoded_us: when the first picture was decoded.
        decoded_at_us: when each picture was decoded.
        latency_us: from captured to decoded, of those whose time is known.
        decode_us: how long each took.
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
    """What the other side said its pictures are: the receive thread adds, decode asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._formats: list[VideoFormat] = []

    def add(self, announced: VideoFormat) -> None:
        """Note what holds from a packet on.

        Raises:
            ProtocolError: it is not what we said we decode, or it goes back in time.
        """
        largest = LARGEST_DECODED_PX
        if announced.codec not in DECODED_CODECS:
            raise ProtocolError("the other side announced a codec that was not agreed on")
        if announced.width_px > largest[0] or announced.height_px > largest[1]:
            raise ProtocolError("the other side announced a larger picture than was agreed on")
        with self._lock:
            if self._formats and announced.from_sequence < self._formats[-1].from_sequence:
                raise ProtocolError("the other side announced a picture format out of order")
            self._formats = [*self._formats[1 - KEPT_FORMATS :], announced]

    def of(self, sequence: int) -> VideoFormat:
        """Return what holds for a packet.

        Raises:
            ProtocolError: nothing was announced for it.
        """
        with self._lock:
            for announced in reversed(self._formats):
                if announced.from_sequence <= sequence:
                    return announced
        raise ProtocolError("a picture came before its format")


class VideoReceiver:
    """One call's pictures of the other side.

    Args:
        to_local_us: the other side's clock to ours; None while unknown.
        ask_keyframe: sends the request.
        show: given each decoded picture that no newer one waits behind.

    Attributes:
        hold_us: for how long each is held back before it is shown; any thread may set it.
    """

    def __init__(
        self,
        inbox: VideoPacketQueue,
        formats: VideoFormats,
        now_us: Callable[[], int],
        *,
        to_local_us: Callable[[int, int], int | None],
        ask_keyframe: Callable[[], None],
        show: Callable[[DecodedPicture], None],
    ) -> None:
        self.counters = VideoReceiveCounters()
        self.newest: Mailbox[DecodedPicture] = Mailbox()
        self.hold_us = 0
        self._held: deque[DecodedPicture] = deque(maxlen=MAX_HELD)
        self._inbox = inbox
        self._formats = formats
        self._now_us = now_us
        self._to_local_us = to_local_us
        self._ask_keyframe = ask_keyframe
        self._show = show
        self._decoder: CodecDecoder | None = None
        self._format: VideoFormat | None = None
        self._needs_keyframe = True
        self._asked_us: int | None = None

    def run(self) -> None:
        """Decode until the inbox is closed. The body of the decode thread.

        Raises:
            ProtocolError: a picture came that was not announced.
        """
        while not self._inbox.is_closed:
            packet, discarded = self._inbox.take(self._wait_s())
            self._show_held()
            if discarded:
                self.counters.taken += discarded
                self._needs_keyframe = True
            if packet is not None:
                self._decode(packet)
                self.counters.taken += 1
            if self._needs_keyframe and (packet is not None or discarded):
                self._ask()

    def _wait_s(self) -> float:
        if not self._held:
            return TAKE_S
        due_us = self._held[0].decoded_us + self.hold_us
        return max(0.0, min(TAKE_S, (due_us - self._now_us()) / 1e6))

    def _show_held(self) -> None:
        """Show the newest of the held pictures that are due."""
        due: DecodedPicture | None = None
        now_us = self._now_us()
        while self._held and self._held[0].decoded_us + self.hold_us <= now_us:
            due = self._held.popleft()
        if due is not None:
            self._show(due)

    def _decode(self, packet: VideoPacket) -> None:
        announced = self._formats.of(packet.sequence)
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
            # A fresh one for the keyframe: what a bad picture left in this one is unknown.
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
        elif self._inbox.is_empty:
            self._show(decoded)

    def _ask(self) -> None:
        now_us = self._now_us()
        if self._asked_us is None or now_us - self._asked_us >= KEYFRAME_PAUSE_US:
            self._asked_us = now_us
            self._ask_keyframe()
