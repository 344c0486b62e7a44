"""One call, from accept to its end. Driven by the call thread.

The first reason to end it wins. A bye is answered by a bye; then this end sends nothing more, reads
for at most a second, and closes.
"""

import logging
from collections.abc import Callable

from call.endings import ending_of_bye, ending_of_error
from call.inbox import Established
from call.live.call_audio import CallAudio
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.live.lip_sync import LipSync
from call.live.message_receiver import MessageReceiver
from call.live.statistics_collector import StatisticsCollector
from core.call_statistics import CallState, CallStatistics
from net.errors import LinkLost, NetError
from net.protocol.control import (
    Bye,
    Control,
    PictureState,
    Ping,
    Pong,
    SoundState,
    encode_control,
)
from net.protocol.reasons import Reason
from net.protocol.states import Direction, State, next_state
from ui.view import Ending

_log = logging.getLogger(__name__)

END_LIMIT_US = 1_000_000
"""For the other peer's bye and the rest of the stream."""
SECOND_US = 1_000_000
PING_INTERVAL_US = 1_000_000
FIRST_PINGS = 8
"""These go out at every tick, so that the other clock is known from the first picture on."""
JOIN_S = 0.5


class ActiveCall:
    """A call that was accepted. It owns the link and everything it is given.

    Args:
        silence_timeout_s: how long the other peer may be silent before the call is lost.
        on_second: given the figures of each second, and those of the call's end last.
    """

    def __init__(
        self,
        established: Established,
        *,
        video: CallVideo,
        sound: CallAudio,
        threads: CallThreads,
        silence_timeout_s: float,
        on_second: Callable[[CallStatistics], None],
        now_us: Callable[[], int],
    ) -> None:
        self.number = threads.number
        self.started_us = established.accepted_us
        self.video = video
        self.sound = sound
        self.ending: Ending | None = None
        self._role = established.role
        self._peer_name = established.peer.display_name
        self._state = State.CALL
        self._ends_us: int | None = None
        self._silence_us = int(silence_timeout_s * 1e6)
        self._threads = threads
        self._now_us = now_us
        self._clock = established.clock
        self._link = established.link
        self._on_second = on_second
        self._second_us = self.started_us + SECOND_US
        self._pings = 0
        self._pinged_us = 0
        self._lip_sync = LipSync()
        self._messages = MessageReceiver(
            self._link,
            self._role,
            now_us,
            video=video,
            sound=sound,
            post_control=threads.post_control,
        )
        self._collector = StatisticsCollector(
            established.peer.name, self.started_us, clock=self._clock, video=video, sound=sound
        )

    def start(self) -> None:
        """Start the threads of the call."""
        self._send_picture_state()
        self._threads.start("send", self._run_send)
        for name, body in self.video.threads():
            self._threads.start(name, body)
        for name, body in self.sound.threads():
            self._threads.start(name, body)
        self._threads.start("receive", self._messages.run)

    def _run_send(self) -> None:
        while self._link.send_next(0.5):
            pass
        self._link.end_sending()

    # The call thread from here on.

    @property
    def is_ending(self) -> bool:
        """True once the end has begun."""
        return self._state is not State.CALL

    @property
    def is_over(self) -> bool:
        """True once there is nothing left to wait for."""
        return self._state is State.ENDED

    @property
    def due_us(self) -> int:
        """The time of the next measurement."""
        return self._second_us

    def on_tick(self, now_us: int) -> None:
        """Check the time limits, ping, measure and report; about 20 times a second."""
        if self._state is State.ENDING:
            if self._ends_us is not None and now_us >= self._ends_us:
                self._state = State.ENDED
            return
        if now_us - self._messages.counters.heard_us > self._silence_us:
            seconds = self._silence_us / 1e6
            self._fail(
                LinkLost(
                    f"{self._peer_name} has not been heard for {seconds:g} s: the call is lost",
                    "check the network and the other computer, and call again",
                )
            )
            return
        if self._pings < FIRST_PINGS or now_us - self._pinged_us >= PING_INTERVAL_US:
            self._pings += 1
            self._pinged_us = now_us
            self._clock.note_ping(now_us)
            self.send(Ping(now_us))
        if now_us >= self._second_us:
            self._second_us += SECOND_US
            self._measure_second(now_us)
        try:
            self.video.on_tick(now_us)
        except LinkLost as error:
            self._fail(error)
        self.sound.on_tick(now_us, self.video.target_bps)

    def on_control(self, control: Control, came_us: int) -> None:
        """Handle a control message that the receive thread passed on."""
        if self._state is State.ENDED:
            return
        was_ending = self.is_ending
        self._state = next_state(self._role, self._state, Direction.IN, control)
        if isinstance(control, Pong):
            self._clock.on_pong(control.sent_us, control.received_us, control.replied_us, came_us)
        elif isinstance(control, PictureState):
            self.video.on_state(control.state)
        elif isinstance(control, SoundState):
            self.sound.on_state(control.state)
        elif isinstance(control, Bye) and not was_ending:
            self._decide(ending_of_bye(control.reason, self._peer_name))
            self.send(Bye())
            self._wind_down()

    def on_thread_ended(self, name: str, error: BaseException | None) -> None:
        """Handle the end of one of the call's threads; an unexpected one ends the call."""
        is_lost = isinstance(error, LinkLost) or (name == "receive" and error is None)
        if is_lost and self.is_ending:
            self._state = State.ENDED
        elif is_lost:
            _log.debug("the link ended: %s", error or "end of stream")
            self._fail(
                LinkLost(
                    f"The connection to {self._peer_name} ended without a goodbye",
                    "the other program or its network has failed; call again",
                )
            )
        elif isinstance(error, NetError):
            self._fail(error)
        elif error is not None:
            self.hang_up(ending_of_error(error, after_accept=True), Reason.PROGRAM_FAULT)

    def hang_up(self, ending: Ending, reason: str = "") -> None:
        """Send a bye, with a reason if there is one, and end within a second."""
        if self.is_ending:
            return
        self._decide(ending)
        self._state = next_state(self._role, self._state, Direction.OUT, Bye(reason))
        self.send(Bye(reason))
        self._wind_down()

    def set_hidden(self, is_hidden: bool) -> None:
        """Hide our picture or show it again, and tell the other peer."""
        self.video.set_hidden(is_hidden)
        self._send_picture_state()

    def send(self, control: Control) -> None:
        """Send a control message."""
        try:
            self._link.outbox.put_control(encode_control(control))
        except LinkLost as error:
            self._threads.post_end("send", error)

    def finish(self) -> None:
        """Close everything, wait for the threads, and report the last figures."""
        ended_us = self._now_us()
        self._finish_sending()
        self._state = State.ENDED
        self.video.close()
        self.sound.close()
        self._link.close()
        if self._threads.join(JOIN_S):
            self._link.release()
        self._on_second(self._collector.collect(ended_us, CallState.ENDED))

    def _send_picture_state(self) -> None:
        self.send(PictureState(self.video.state))

    def _finish_sending(self) -> None:
        """Send a bye that is still due: the call may end by a fault, before or after `hang_up`."""
        if self._state is State.CALL:
            self.send(Bye(Reason.PROGRAM_FAULT))
            self._link.outbox.finish()
        if self._state is State.ENDED:
            return
        if self._threads.has_started("send"):
            self._threads.join(JOIN_S, "send")
        else:
            self._link.hang_up(Reason.PROGRAM_FAULT)

    def _measure_second(self, now_us: int) -> None:
        figures = self._collector.collect(now_us, CallState.CALL)
        self._lip_sync.on_second(figures)
        self.video.set_hold(self._lip_sync.hold_ms)
        self.sound.set_playout_floor(self._lip_sync.floor_ms)
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
        self.video.close()
        self.sound.close()
        self._link.outbox.finish()
