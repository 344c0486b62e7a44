"""What waits to be sent, highest priority first. Any thread puts, the send thread takes.

    control    never dropped, but that a newer feedback or pong takes the place of one that waits;
               256 KiB of it waiting means that nobody reads: the link is lost
    audio      older than 100 ms is dropped when something newer comes, and counted
    video      never dropped: the encoder is not asked while there is no room

So nothing here grows without bound, and nobody who puts ever waits.
"""

from collections import deque
from collections.abc import Iterable
from threading import Condition

from net.errors import LinkLost
from net.protocol.framing import MessageType, encode_message

MAX_CONTROL_BYTES = 256 * 1024
MAX_AUDIO_AGE_US = 100_000
"""Sound that has waited longer would have to be caught up with on the other side."""


class Outbox:
    """The messages of one link on their way to the send thread.

    Attributes:
        dropped_audio: how many messages of sound were too old.
    """

    def __init__(self) -> None:
        self.dropped_audio = 0
        self._condition = Condition()
        self._control: deque[bytes | str] = deque()
        self._control_bytes = 0
        self._replaceable: dict[str, bytes] = {}
        """What stands in `_control` by its kind."""
        self._audio: deque[tuple[int, bytes]] = deque()
        """When each was put, and the message."""
        self._video: deque[bytes] = deque()
        self._is_woken = False
        self._is_finishing = False
        self._is_closed = False

    def put_control(self, payload: bytes, *, replaces: str | None = None) -> None:
        """Queue a control message.

        Args:
            replaces: a kind of which only the newest matters; it takes the place in the queue of
                the one that waits, so that it keeps nothing else back.

        Raises:
            LinkLost: more control waits than a reader who is there would leave.
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
        """Queue one message of sound, and drop those that have waited for too long."""
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            while self._audio and now_us - self._audio[0][0] > MAX_AUDIO_AGE_US:
                self._audio.popleft()
                self.dropped_audio += 1
            self._audio.append((now_us, message))
            self._condition.notify()

    def forget_audio(self) -> None:
        """Send nothing of what waits: the person muted the microphone."""
        with self._condition:
            self._audio.clear()

    def put_video(self, pieces: Iterable[bytes]) -> None:
        """Queue the messages of one packet, in their order."""
        with self._condition:
            if self._is_closed or self._is_finishing:
                return
            self._video.extend(pieces)
            self._condition.notify()

    def take(self, timeout_s: float) -> bytes | None:
        """Return the next message to send, or None when there is none within `timeout_s`.

        Also returns None, at once, after `wake`, and when it is finished or closed.
        """
        with self._condition:
            self._condition.wait_for(self._has_something, timeout_s)
            self._is_woken = False
            if self._is_closed:
                return None
            if self._control:
                message = self._control.popleft()
                if isinstance(message, str):
                    return self._replaceable.pop(message)
                self._control_bytes -= len(message)
                return message
            if self._audio:
                return self._audio.popleft()[1]
            if self._video:
                return self._video.popleft()
            return None

    def _has_something(self) -> bool:
        return bool(
            self._is_woken
            or self._is_finishing
            or self._is_closed
            or self._control
            or self._audio
            or self._video
        )

    def wake(self) -> None:
        """Let `take` return: TLS itself has something to send."""
        with self._condition:
            self._is_woken = True
            self._condition.notify()

    def finish(self) -> None:
        """Send the control that waits, nothing else, and take nothing more."""
        with self._condition:
            self._is_finishing = True
            self._audio.clear()
            self._video.clear()
            self._condition.notify()

    def close(self) -> None:
        """Send nothing more."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()

    @property
    def is_done(self) -> bool:
        """Whether nothing will come out any more."""
        with self._condition:
            return self._is_closed or (self._is_finishing and not self._control)
