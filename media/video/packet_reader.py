"""A packet reader: takes packets out of FFmpeg as they come. One thread, while it is open.

FFmpeg does not say whether a packet lies ready, and cannot be interrupted. So this thread is always
inside FFmpeg, and what has come waits in a list, from the newest keyframe on: decoding anything
older would be wasted.

    FFmpeg --> reader's thread --> waiting packets --> capture thread, which decodes them
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Event
from typing import TypeAlias

import av
import msgspec
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from core.threads import Threads
from media.video.arrival_pace import ArrivalPace

_MAX_PACKETS = 600
"""Ten seconds at 60 Hz. A list that is full is dropped, up to the next keyframe."""
_MAX_BYTES = 32 * 1024 * 1024
_US_PER_S = 1_000_000

VideoPacket: TypeAlias = "av.Packet[VideoStream]"


class ArrivedPacket(msgspec.Struct, frozen=True):
    """A packet, and when it came.

    Attributes:
        came_us: on this machine's clock.
        wait_us: how long a newer packet may still be on its way; 0 if this one is live.
    """

    packet: VideoPacket
    came_us: int
    wait_us: int


class WaitingPackets:
    """The packets that have come and are not decoded yet, from a keyframe on. Any thread."""

    def __init__(self) -> None:
        self.dropped = 0
        """Packets that will not be decoded."""
        self._changed = Condition()
        self._packets: deque[ArrivedPacket] = deque()
        self._held_bytes = 0
        self._needs_keyframe = False
        self._is_over = False
        self._error: BaseException | None = None

    @property
    def is_over(self) -> bool:
        """True once the last packet has been taken, and no more will come."""
        with self._changed:
            return self._is_over and not self._packets

    @property
    def error(self) -> BaseException | None:
        """The error that ended the stream; None if it has not ended, or ended by itself."""
        return self._error

    def put(self, arrived: ArrivedPacket) -> None:
        """Add a packet. A keyframe takes the place of all that wait."""
        with self._changed:
            packet = arrived.packet
            if packet.is_keyframe:
                self._drop_all()
                self._needs_keyframe = False
            elif len(self._packets) >= _MAX_PACKETS or self._held_bytes + packet.size > _MAX_BYTES:
                self._drop_all()
                self._needs_keyframe = True
            if self._needs_keyframe:
                self.dropped += 1
                return
            self._packets.append(arrived)
            self._held_bytes += packet.size
            self._changed.notify_all()

    def take(self, wait_us: int) -> ArrivedPacket | None:
        """Return the oldest packet, or None if none comes in time, or none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._packets or self._is_over, wait_us / _US_PER_S)
            if not self._packets:
                return None
            arrived = self._packets.popleft()
            self._held_bytes -= arrived.packet.size
            return arrived

    def skip_if_behind(self, decoded: ArrivedPacket, limit_us: int) -> None:
        """Skip to the next keyframe if the newest packet came so long after the one decoded."""
        with self._changed:
            if self._packets and self._packets[-1].came_us - decoded.came_us > limit_us:
                self._drop_all()
                self._needs_keyframe = True

    def end(self, error: BaseException | None = None) -> None:
        """Let `take` return None once it has returned the rest. Keeps the first call's error."""
        with self._changed:
            if not self._is_over:
                self._is_over = True
                # Its traceback holds the reader, and the reader this list.
                self._error = None if error is None else error.with_traceback(None)
                self._changed.notify_all()

    def _drop_all(self) -> None:
        self.dropped += len(self._packets)
        self._packets.clear()
        self._held_bytes = 0


class PacketReader:
    """Reads one stream of a container that is open.

    Args:
        release: closes the container; called once this thread has left it and `close` was called.
        now_us: this machine's monotonic clock.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        release: Callable[[], None],
        now_us: Callable[[], int],
    ) -> None:
        self.waiting = WaitingPackets()
        self._container = container
        self._stream = stream
        self._release = release
        self._now_us = now_us
        self._closed = Event()
        self._threads = Threads()

    def start(self) -> None:
        """Start the thread. Raises MemoryError."""
        self._threads.start("camera packets", self._run, self._leave)

    def close(self) -> None:
        """Let the thread end, within FFmpeg's time limit for one packet. Any thread."""
        self._closed.set()
        self.waiting.end()

    def _run(self) -> None:
        try:
            self._read()
        except (FFmpegError, OSError, MemoryError) as error:  # their text has the password
            self.waiting.end(error)

    def _leave(self, error: BaseException | None) -> None:
        self.waiting.end(error)
        self._closed.wait()
        self._release()

    def _read(self) -> None:
        pace = ArrivalPace()
        for packet in self._container.demux(self._stream):
            came_us = self._now_us()
            if packet.size == 0 or self._closed.is_set():
                return
            wait_us = pace.wait_us(_media_us(packet), came_us)
            self.waiting.put(ArrivedPacket(packet, came_us, wait_us))


def _media_us(packet: VideoPacket) -> int | None:
    time = packet.pts if packet.dts is None else packet.dts
    return None if time is None else int(time * packet.time_base * _US_PER_S)
