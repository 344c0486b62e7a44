"""Message receiver: dispatches every message. Receive thread; it never decodes and never waits.

AUDIO    -> CallAudio
VIDEO    -> CallVideo
FILE     -> CallFiles
CONTROL  -> ping, feedback, formats, keyframe requests and progress of files are handled here
         -> the rest goes to the call thread, which alone moves the state
others   -> skipped and counted
"""

import logging
from collections.abc import Callable

import msgspec

from call.live.call_audio import CallAudio
from call.live.call_files import CallFiles
from call.live.call_video import CallVideo
from net.errors import ProtocolError
from net.link.link import Link
from net.protocol.control import (
    AudioFormat,
    Control,
    Feedback,
    KeyframeRequest,
    Ping,
    Pong,
    VideoFormat,
    decode_control,
    encode_control,
)
from net.protocol.file_messages import FileProgress
from net.protocol.framing import Message, MessageType
from net.protocol.states import Direction, Role, State, next_state

_log = logging.getLogger(__name__)


class MessageCounters(msgspec.Struct):
    """Written by the receive thread alone.

    Attributes:
        heard_us: the time of the last message.
        unknown: messages and control tags of a later version, which were skipped.
    """

    heard_us: int
    unknown: int = 0


class MessageReceiver:
    """Receives the messages of one call.

    Args:
        post_control: passes a message on to the call thread; returns False if there is no room.
    """

    def __init__(
        self,
        link: Link,
        role: Role,
        now_us: Callable[[], int],
        *,
        video: CallVideo,
        sound: CallAudio,
        files: CallFiles,
        post_control: Callable[[Control, int], bool],
    ) -> None:
        self.counters = MessageCounters(now_us())
        self._link = link
        self._role = role
        self._now_us = now_us
        self._video = video
        self._sound = sound
        self._files = files
        self._post_control = post_control

    def run(self) -> None:
        """Read to the end of the stream. The body of the receive thread.

        Raises:
            LinkLost, ProtocolError: the reason, if the stream broke off.
        """
        while self._link.receive(self._handle):
            pass

    def _handle(self, message: Message) -> None:
        now_us = self._now_us()
        self.counters.heard_us = now_us
        if message.type == MessageType.VIDEO:
            self._video.add_fragment(message.flags, message.payload, now_us)
        elif message.type == MessageType.AUDIO:
            self._sound.add_packet(message.payload, now_us)
        elif message.type == MessageType.CONTROL:
            self._handle_control(message.payload, now_us)
        elif message.type == MessageType.FILE:
            self._files.add_part(message.payload, self._link.outbox)
        else:
            self._count_unknown(f"type {message.type}")

    def _handle_control(self, payload: bytes, now_us: int) -> None:
        control = decode_control(payload)
        if control is None:
            self._count_unknown("control tag")
            return
        next_state(self._role, State.CALL, Direction.IN, control)
        if isinstance(control, Ping):
            pong = Pong(control.sent_us, now_us, self._now_us())
            self._link.outbox.put_control(encode_control(pong), replaces="pong")
        elif isinstance(control, Feedback):
            self._video.on_feedback(control, now_us)
        elif isinstance(control, VideoFormat):
            self._video.add_format(control)
        elif isinstance(control, AudioFormat):
            self._sound.add_format(control)
        elif isinstance(control, KeyframeRequest):
            self._video.on_keyframe_request()
        elif isinstance(control, FileProgress):
            self._files.on_progress(control, now_us)
        elif not self._post_control(control, now_us):
            raise ProtocolError("the other side sends more messages than can be handled")

    def _count_unknown(self, what: str) -> None:
        self.counters.unknown += 1
        if self.counters.unknown == 1:
            _log.debug("a message that this version does not know was skipped: %s", what)
