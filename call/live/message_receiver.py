"""Message receiver: dispatches every message. Receive thread; it never decodes and never waits.

AUDIO    -> AudioPacketQueue
VIDEO    -> PacketAssembler -> VideoPacketQueue
CONTROL  -> ping, feedback, formats and keyframe requests are handled here
         -> the rest goes to the call thread, which alone moves the state
others   -> skipped and counted
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from call.inbox import ControlCame, Inbox
from call.live.call_audio import CallAudio
from call.live.feedback_sender import FeedbackSender
from call.live.send_budget import SendBudget
from call.live.video_packet_queue import VideoPacketQueue
from call.live.video_receiver import VideoFormats
from net.errors import ProtocolError
from net.link.link import Link
from net.protocol.control import (
    AudioFormat,
    Feedback,
    KeyframeRequest,
    Ping,
    Pong,
    VideoFormat,
    decode_control,
    encode_control,
)
from net.protocol.fragments import PacketAssembler
from net.protocol.framing import Message, MessageType
from net.protocol.states import Direction, Role, State, next_state

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class MessageCounters:
    """Written by the receive thread alone.

    Attributes:
        heard_us: when the last message came.
        unknown: messages and control tags of a later version, which were skipped.
    """

    heard_us: int
    unknown: int = 0


class MessageReceiver:
    """One call's messages from the other side."""

    def __init__(
        self,
        number: int,
        link: Link,
        role: Role,
        now_us: Callable[[], int],
        *,
        assembler: PacketAssembler,
        packets: VideoPacketQueue,
        formats: VideoFormats,
        gate: SendBudget,
        feedback: FeedbackSender,
        sound: CallAudio,
        inbox: Inbox,
    ) -> None:
        self.counters = MessageCounters(now_us())
        self._number = number
        self._link = link
        self._role = role
        self._now_us = now_us
        self._assembler = assembler
        self._packets = packets
        self._formats = formats
        self._gate = gate
        self._feedback = feedback
        self._sound = sound
        self._inbox = inbox

    def run(self) -> None:
        """Read to the end of the stream. The body of the receive thread.

        Raises:
            LinkLost, ProtocolError: why the stream ended, if not at its end.
        """
        while self._link.receive(self._take):
            pass

    def _take(self, message: Message) -> None:
        now_us = self._now_us()
        self.counters.heard_us = now_us
        if message.type == MessageType.VIDEO:
            packet = self._assembler.add(message.flags, message.payload)
            if packet is not None:
                self._packets.put(packet)
                self._feedback.on_packet(now_us)
        elif message.type == MessageType.AUDIO:
            self._sound.take_packet(message.payload, now_us)
        elif message.type == MessageType.CONTROL:
            self._take_control(message.payload, now_us)
        else:
            self._count_unknown(f"type {message.type}")

    def _take_control(self, payload: bytes, now_us: int) -> None:
        control = decode_control(payload)
        if control is None:
            self._count_unknown("control tag")
            return
        next_state(self._role, State.CALL, Direction.IN, control)
        if isinstance(control, Ping):
            pong = Pong(control.sent_us, now_us, self._now_us())
            self._link.outbox.put_control(encode_control(pong), replaces="pong")
        elif isinstance(control, Feedback):
            self._gate.on_feedback(control)
        elif isinstance(control, VideoFormat):
            self._formats.add(control)
        elif isinstance(control, AudioFormat):
            self._sound.take_format(control)
        elif isinstance(control, KeyframeRequest):
            self._gate.request_keyframe()
        elif not self._inbox.post(ControlCame(self._number, control, now_us)):
            raise ProtocolError("the other side sends more messages than can be handled")

    def _count_unknown(self, what: str) -> None:
        self.counters.unknown += 1
        if self.counters.unknown == 1:
            _log.debug("a message that this version does not know was skipped: %s", what)
