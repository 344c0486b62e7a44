"""One call, from accept to its end: its threads and what they share. Driven by the call thread.

The first reason to end it wins. A bye is answered by a bye; then this end says nothing more, reads
for at most a second, and closes.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Thread

from call.endings import ending_of_bye, ending_of_error
from call.inbox import Established, Inbox, ThreadEnded
from call.live.call_audio import CallAudio
from call.live.feedback_sender import FeedbackSender
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.live.message_receiver import MessageReceiver
from call.live.send_budget import SendBudget
from call.live.statistics_collector import StatisticsCollector
from call.live.video_packet_queue import VideoPacketQueue
from call.live.video_receiver import DecodedPicture, VideoFormats, VideoReceiver
from call.live.video_sender import VideoSender
from core.call_statistics import CallState, CallStatistics
from core.priority import prefer_this_thread
from core.threads import Threads
from media.video.encoder import VideoEncoder
from media.video.settings import VideoSettings
from net.errors import LinkLost, NetError
from net.link.link import Link
from net.protocol.control import (
    Bye,
    Control,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    SoundState,
    encode_control,
)
from net.protocol.fragments import PacketAssembler
from net.protocol.negotiation import negotiate_video
from net.protocol.rate_control import TICK_US as RATE_TICK_US
from net.protocol.reasons import Reason
from net.protocol.states import Direction, State, next_state
from ui.view import Ending, RemotePicture

_log = logging.getLogger(__name__)

END_LIMIT_US = 1_000_000
"""For the other side's bye and the rest of the stream."""
SECOND_US = 1_000_000
PING_INTERVAL_US = 1_000_000
FIRST_PINGS = 8
"""One with each tick at first, so that the clock is known from the first pictures on."""
JOIN_S = 0.5
SOUND_THREADS = ("microphone", "speaker", "send", "receive")
"""What sound passes through on its way."""


@dataclass(frozen=True, slots=True)
class Display:
    """Where decoded pictures go, and where their painting is told from.

    Attributes:
        show: given each picture to show; called by the decode thread.
        take_shown_us: the latencies of those painted since the last time.
    """

    show: Callable[[DecodedPicture], None]
    take_shown_us: Callable[[], list[int]]


class ActiveCall:
    """A call that was accepted.

    Args:
        number: of the call, to tell its events from those of the one before.
        peer_name: as people here know it; the statistics have what it calls itself.
        on_second: given the figures of each second, and those of the call's end last.
    """

    def __init__(
        self,
        number: int,
        established: Established,
        peer_name: str,
        *,
        settings: VideoSettings,
        silence_timeout_s: float,
        own: LocalVideo,
        own_sound: LocalAudio,
        display: Display,
        on_second: Callable[[CallStatistics], None],
        threads: Threads,
        inbox: Inbox,
        now_us: Callable[[], int],
    ) -> None:
        self.number = number
        self.peer_name = peer_name
        self.started_us = established.accepted_us
        self.ending: Ending | None = None
        self.remote_picture = RemotePicture.EXPECTED
        self._role = established.role
        self._state = State.CALL
        self._ends_us: int | None = None
        self._silence_us = int(silence_timeout_s * 1e6)
        self._own = own
        self._threads = threads
        self._inbox = inbox
        self._now_us = now_us
        self._clock = established.clock
        self._link: Link = established.link
        self._on_second = on_second
        self._second_us = self.started_us + SECOND_US
        self._pings = 0
        self._pinged_us = 0
        self._rated_us = 0
        self._running: list[Thread] = []
        self._send_thread: Thread | None = None

        self._gate = SendBudget(settings.bitrate_bps)
        self._gate.set_hidden(own.is_hidden)
        self._packets = VideoPacketQueue()
        self._formats = VideoFormats()
        self._assembler = PacketAssembler()
        self.receiving = VideoReceiver(
            self._packets,
            self._formats,
            now_us,
            to_local_us=self._clock.to_local_us,
            # Not by way of this object: a circle would keep the codecs' memory after the call.
            ask_keyframe=partial(self._link.outbox.put_control, encode_control(KeyframeRequest())),
            show=display.show,
        )
        self._feedback = FeedbackSender(
            self._link.outbox, self._gate, self._assembler, self.receiving.counters
        )
        self.sound = CallAudio(
            own_sound,
            self._link,
            established.peer.hello.can_hear,
            now_us,
            to_local_us=self._clock.to_local_us,
        )
        self._messages = MessageReceiver(
            number,
            self._link,
            self._role,
            now_us,
            assembler=self._assembler,
            packets=self._packets,
            formats=self._formats,
            gate=self._gate,
            feedback=self._feedback,
            sound=self.sound,
            inbox=inbox,
        )
        agreed = negotiate_video(
            settings.codec,
            (settings.width_px, settings.height_px),
            established.peer.hello.can_decode,
        )
        self._sending: VideoSender | None = None
        codec: str | None = None
        if agreed is not None and own.has_source:
            codec, largest_px = agreed
            encoder = VideoEncoder(codec, largest_px, settings.frame_rate_hz, settings.bitrate_bps)
            self._sending = VideoSender(
                own.frames, self._link, self._gate, now_us, codec=codec, encoder=encoder
            )
        self._collector = StatisticsCollector(
            established.peer.name,
            self.started_us,
            codec=codec,
            budget=self._gate,
            clock=self._clock,
            sent=self._sending.counters if self._sending is not None else None,
            received=self.receiving.counters,
            assembler=self._assembler,
            sound=self.sound,
            take_shown_us=display.take_shown_us,
        )

    def start(self) -> None:
        """Start the threads of the call."""
        self._tell_picture_state()
        self._send_thread = self._start("send", self._run_send)
        if self._sending is not None:
            self._start("encode", self._sending.run)
        self._start("decode", self.receiving.run)
        for name, body in self.sound.threads():
            self._start(name, body)
        self._start("receive", self._messages.run)

    def _start(self, name: str, body: Callable[[], None]) -> Thread:
        def run() -> None:
            if name in SOUND_THREADS:
                prefer_this_thread()
            body()

        def on_end(error: BaseException | None) -> None:
            self._inbox.post(ThreadEnded(name, error, self.number))

        thread = self._threads.start(name, run, on_end)
        self._running.append(thread)
        return thread

    def _run_send(self) -> None:
        while self._link.send_next(0.5):
            pass
        self._link.end_sending()

    # The call thread from here on.

    @property
    def is_ending(self) -> bool:
        """Whether the end has begun."""
        return self._state is not State.CALL

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be waited for any more."""
        return self._state is State.ENDED

    @property
    def due_us(self) -> int:
        """When the next second is to be measured."""
        return self._second_us

    def on_tick(self, now_us: int) -> None:
        """Do what the time asks for; called about 20 times a second."""
        if self._state is State.ENDING:
            if self._ends_us is not None and now_us >= self._ends_us:
                self._state = State.ENDED
            return
        if now_us - self._messages.counters.heard_us > self._silence_us:
            seconds = self._silence_us / 1e6
            self._fail(
                LinkLost(
                    f"{self.peer_name} has not been heard for {seconds:g} s: the call is lost",
                    "check the network and the other computer, and call again",
                )
            )
            return
        if self._pings < FIRST_PINGS or now_us - self._pinged_us >= PING_INTERVAL_US:
            self._pings += 1
            self._pinged_us = now_us
            self._clock.note_ping(now_us)
            self._send(Ping(now_us))
        if now_us >= self._second_us:
            self._second_us += SECOND_US
            self._measure_second(now_us)
        if now_us - self._rated_us >= RATE_TICK_US:
            self._rated_us = now_us
            counters = self._sending.counters if self._sending is not None else None
            self._gate.on_tick(
                now_us,
                base_rtt_us=self._clock.base_rtt_us,
                sent=counters.pictures if counters else 0,
                skipped=counters.skipped if counters else 0,
            )
        self.sound.on_tick(now_us, self._gate.target_bps)
        try:
            self._feedback.on_tick(now_us)
        except LinkLost as error:
            self._fail(error)

    def on_control(self, control: Control, came_us: int) -> None:
        """Take a control message that the receive thread left to us."""
        if self._state is State.ENDED:
            return
        was_ending = self.is_ending
        self._state = next_state(self._role, self._state, Direction.IN, control)
        if isinstance(control, Pong):
            self._clock.on_pong(control.sent_us, control.received_us, control.replied_us, came_us)
        elif isinstance(control, PictureState):
            self._take_picture_state(control.state)
        elif isinstance(control, SoundState):
            self.sound.take_state(control.state)
        elif isinstance(control, Bye) and not was_ending:
            self._decide(ending_of_bye(control.reason, self.peer_name))
            self._send(Bye())
            self._wind_down()

    def on_thread_ended(self, name: str, error: BaseException | None) -> None:
        """Take the end of one of the call's threads; any but an expected one ends the call."""
        is_lost = isinstance(error, LinkLost) or (name == "receive" and error is None)
        if is_lost and self.is_ending:
            self._state = State.ENDED
        elif is_lost:
            _log.debug("the link ended: %s", error or "end of stream")
            self._fail(
                LinkLost(
                    f"The connection to {self.peer_name} ended without a goodbye",
                    "the other program or its network has failed; call again",
                )
            )
        elif isinstance(error, NetError):
            self._fail(error)
        elif error is not None:
            self.hang_up(ending_of_error(error, after_accept=True), Reason.PROGRAM_FAULT)

    def hang_up(self, ending: Ending, reason: str = "") -> None:
        """Say bye, with a reason where there is one, and end within a second."""
        if self.is_ending:
            return
        self._decide(ending)
        self._state = next_state(self._role, self._state, Direction.OUT, Bye(reason))
        self._send(Bye(reason))
        self._wind_down()

    def set_hidden(self, is_hidden: bool) -> None:
        """Hide our picture or show it again, and tell the other side."""
        self._gate.set_hidden(is_hidden)
        if not is_hidden:
            self._gate.request_keyframe()
        self._tell_picture_state()

    def tell(self, control: Control) -> None:
        """Send a control message of the session's."""
        self._send(control)

    def finish(self) -> None:
        """Close everything, wait for the threads, and report the last figures."""
        ended_us = self._now_us()
        self._finish_sending()
        self._state = State.ENDED
        self._gate.close()
        self._packets.close()
        self.sound.close()
        self._own.frames.close()
        self._link.close()
        if not self._threads.join(JOIN_S, self._running):
            self._link.release()
        self._on_second(self._collector.collect(ended_us, CallState.ENDED))

    def _finish_sending(self) -> None:
        """Send a bye that is still due: the call may end by a fault, before or after `hang_up`."""
        if self._state is State.CALL:
            self._send(Bye(Reason.PROGRAM_FAULT))
            self._link.outbox.finish()
        if self._state is State.ENDED:
            return
        if self._send_thread is not None:
            self._threads.join(JOIN_S, [self._send_thread])
        else:
            self._link.hang_up(Reason.PROGRAM_FAULT)

    def _measure_second(self, now_us: int) -> None:
        figures = self._collector.collect(now_us, CallState.CALL)
        self.receiving.hold_us = self.sound.keep_in_step(figures)
        self._on_second(figures)

    def _decide(self, ending: Ending) -> None:
        if self.ending is None:
            self.ending = ending

    def _fail(self, error: BaseException) -> None:
        if self.is_ending:
            self._state = State.ENDED
            return
        self._decide(ending_of_error(error, after_accept=True))
        self._state = State.ENDED

    def _wind_down(self) -> None:
        self._state = State.ENDING
        self._ends_us = self._now_us() + END_LIMIT_US
        self._gate.close()
        self._packets.close()
        self.sound.close()
        self._link.outbox.finish()

    def _send(self, control: Control) -> None:
        try:
            self._link.outbox.put_control(encode_control(control))
        except LinkLost as error:
            self._inbox.post(ThreadEnded("send", error, self.number))

    def _tell_picture_state(self) -> None:
        state = self._own.state if self._sending is not None else "none"
        self._send(PictureState(state))

    def _take_picture_state(self, state: str) -> None:
        if state == "sent":
            self.remote_picture = RemotePicture.EXPECTED
        elif state == "hidden":
            self.remote_picture = RemotePicture.HIDDEN
        else:
            self.remote_picture = RemotePicture.NONE
