"""The queue of messages to send, highest priority first. Any thread puts; the send thread takes.

    control    never dropped, except that a newer feedback or pong replaces a waiting one; if more
               than 256 KiB wait, the peer has stopped reading, and the link is lost
    audio      messages older than 100 ms are dropped, and counted, when a newer one is put
    video      never dropped; the send window keeps the encoder from sending too much. On a fast
               link, the fragments after a packet's first leave as one message of TLS
    file       sent only while nothing else waits; never dropped, and put only as far as the
               sender's window has room

So the queue is bounded, and no thread waits to put.
"""

from collections import deque
from collections.abc import Callable, Iterable
from threading import Condition

from net.errors import LinkLost
from net.protocol.fragments import is_first_fragment
from net.protocol.framing import MessageType, encode_message

MAX_CONTROL_BYTES = 256 * 1024
MAX_AUDIO_AGE_US = 100_000
"""Older sound would only add to the peer's latency."""
SEGMENT_BYTES = 1_380
"""With the record of TLS, messages of so many bytes fit a TCP segment of an Ethernet."""
SOUND_WAIT_S = 0.065
"""The longest wait of a fragment for the next sound: a packet of 60 ms, and 5 ms."""


class Outbox:
    """The messages that wait for the send thread of one link.

    Attributes:
        dropped_audio: audio messages dropped because they were too old.
        on_video_departed: called by the send thread with the number of video messages that it
            takes.
        on_file_departed: called by the send thread with each part of a file that it takes.
    """

    def __init__(self) -> None:
        self.dropped_audio = 0
        self.on_video_departed: Callable[[int], None] | None = None
        self.on_file_departed: Callable[[bytes], None] | None = None
        self._condition = Condition()
        self._control: deque[bytes | str] = deque()
        self._control_bytes = 0
        self._replaceable: dict[str, bytes] = {}
        """The waiting message of each kind in `_control`, by kind."""
        self._audio: deque[tuple[int, bytes]] = deque()
        """The time at which each message was put, and the message."""
        self._video: deque[bytes] = deque()
        self._file: deque[bytes] = deque()
        self._together_bytes = 0
        self._shares_segments = False
        self._expects_sound = False
        self._is_woken = False
        self._is_finishing = False
        self._is_closed = False

    def put_control(self, payload: bytes, *, replaces: str | None = None) -> None:
        """Queue a control message.

        Args:
            replaces: a kind of which only the newest message matters. The message replaces a
                waiting one of its kind in its place in the queue, so that it delays no other.

        Raises:
            LinkLost: more than `MAX_CONTROL_BYTES` wait, so the peer has stopped reading.
        """
        message = encode_message(MessageType.CONTROL, payload)
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            if replaces is not None:
                if replaces not in self._replaceable:
                    self._control.append(replaces)
                self._replaceable[replaces] = message
            else:
                if self._control_bytes + len(message) > MAX_CONTROL_BYTES:
                    raise LinkLost("The other side has stopped reading")
                self._control.append(message)
                self._control_bytes += len(message)
            self._condition.notify()

    def put_audio(self, message: bytes, now_us: int) -> None:
        """Queue an audio message, and drop the ones that have waited too long."""
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            while self._audio and now_us - self._audio[0][0] > MAX_AUDIO_AGE_US:
                self._audio.popleft()
                self.dropped_audio += 1
            self._audio.append((now_us, message))
            self._condition.notify()

    def clear_audio(self) -> None:
        """Discard the waiting audio, because the user has muted the microphone."""
        with self._condition:
            self._audio.clear()

    def put_video(
        self,
        fragments: Iterable[bytes],
        *,
        together_bytes: int = 0,
        shares_segments: bool = False,
    ) -> None:
        """Queue the messages of one video packet, in order.

        Args:
            together_bytes: how many bytes of messages may leave as one, from now on.
            shares_segments: whether a fragment leaves with a sound packet, from now on.
        """
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            self._video.extend(fragments)
            self._together_bytes = together_bytes
            self._shares_segments = shares_segments
            self._condition.notify()

    def put_file(self, message: bytes) -> None:
        """Queue a part of a file."""
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            self._file.append(message)
            self._condition.notify()

    def clear_file(self) -> None:
        """Discard the waiting parts, because their transfer has ended."""
        with self._condition:
            self._file.clear()

    def take(self, timeout_s: float) -> bytes | None:
        """Wait for at most `timeout_s`; remove and return the next message or messages, or None.

        Returns None at once after `wake`, and once the outbox is done.
        """
        with self._condition:
            self._condition.wait_for(self._has_something, timeout_s)
            if self._waits_for_sound():
                self._expects_sound = self._condition.wait_for(
                    lambda: not self._waits_for_sound(), SOUND_WAIT_S
                )
            self._is_woken = False
            if self._is_closed:
                return None
            if self._control:
                message = self._control.popleft()
                if isinstance(message, str):
                    return self._replaceable.pop(message)
                self._control_bytes -= len(message)
                return message
            sound = self._audio.popleft()[1] if self._audio else b""
            if sound:
                self._expects_sound = self._shares_segments
            if sound and not self._has_room_beside(sound):
                return sound
            if not self._video:
                part = self._file.popleft() if self._file else None
                messages = []
            else:
                part = None
                messages = [self._video.popleft()] if sound else self._take_video()
        # Not under the lock: the observers have their own.
        if part is not None:
            observer = self.on_file_departed  # Another thread may take it away.
            if observer is not None:
                observer(part)
        if not messages:
            return part
        if self.on_video_departed is not None:
            self.on_video_departed(len(messages))
        return b"".join((sound, *messages))

    def _waits_for_sound(self) -> bool:
        """Return whether a fragment alone waits for the next sound packet, to share its segment."""
        return (
            self._shares_segments
            and self._expects_sound
            and len(self._video) == 1
            and not (self._control or self._audio)
            and not (self._is_woken or self._is_finishing or self._is_closed)
        )

    def _has_room_beside(self, sound: bytes) -> bool:
        """Return whether the next fragment leaves in the segment of this sound packet."""
        return (
            self._shares_segments
            and bool(self._video)
            and len(sound) + len(self._video[0]) <= SEGMENT_BYTES
        )

    def _take_video(self) -> list[bytes]:
        """Remove the next fragment, or several after the first of a packet.

        The first goes alone: from its arrival to the last one's, the receiver measures the link.
        """
        messages = [self._video.popleft()]
        left_bytes = self._together_bytes - len(messages[0])
        if is_first_fragment(messages[0]):
            return messages
        while (
            self._video
            and len(self._video[0]) <= left_bytes
            and not is_first_fragment(self._video[0])
        ):
            left_bytes -= len(self._video[0])
            messages.append(self._video.popleft())
        return messages

    def _has_something(self) -> bool:
        return bool(
            self._is_woken
            or self._is_finishing
            or self._is_closed
            or self._control
            or self._audio
            or self._video
            or self._file
        )

    def wake(self) -> None:
        """End the present or next `take`, because TLS has something to send."""
        with self._condition:
            self._is_woken = True
            self._condition.notify()

    def finish(self) -> None:
        """Send only the waiting control messages, and ignore later ones."""
        with self._condition:
            self._is_finishing = True
            self._audio.clear()
            self._video.clear()
            self._file.clear()
            self._condition.notify()

    def close(self) -> None:
        """Send nothing more, not even the waiting messages."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()

    @property
    def is_done(self) -> bool:
        """True once `take` returns no more messages."""
        with self._condition:
            return self._is_closed or (self._is_finishing and not self._control)
