"""One call, from accept to its end. Driven by the call thread.

The call outlives its link: while `LinkWatch` allows it, it waits for another one. `CallLink` and
its `CallVideo` are made anew for each link; the sound, the clock and the figures go on.

`CallEnd` holds why it ends, and how far its end is.
"""

import logging
import secrets
from collections.abc import Callable
from typing import TypeAlias

from call.endings import ending_of_bye, ending_of_error
from call.inbox import Established
from call.live.call_audio import CallAudio
from call.live.call_end import CallEnd
from call.live.call_files import CallFiles
from call.live.call_link import CallLink, LeftLinks
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.live.link_watch import PING_INTERVAL_US, LinkWatch, explain_loss
from call.live.lip_sync import LipSync
from call.live.ping_schedule import PingSchedule
from call.live.statistics_collector import StatisticsCollector
from call.settings import CallSettings
from core.call_statistics import CallState, CallStatistics
from net.errors import LinkLost, NetError, ProtocolError
from net.link.link import Link
from net.protocol.control import Bye, Control, PictureState, Ping, Pong, ResumeShare, SoundState
from net.protocol.reasons import Reason
from net.protocol.resume import FIRST_GENERATION, CallIdentity, derive_identity
from net.protocol.states import Role
from ui.view import Ending

_log = logging.getLogger(__name__)

SECOND_US = 1_000_000
JOIN_S = 0.5

MakeVideo: TypeAlias = Callable[[Link, CallVideo | None], CallVideo]
"""Returns the pictures of the call on a link, which continue those of the link before."""


class ActiveCall:
    """A call that was accepted. It owns its links and everything it is given.

    Args:
        make_video: makes the pictures of each link.
        settings: how long the other peer may be silent before the call is lost, and whether TCP is
            controlled by BBR on each link, where the system permits.
        on_second: given the figures of each second, and those of the call's end last.
    Attributes:
        identity: names the call on another link; None while, or if, it cannot be resumed.
        reconnects: links after the first.
        end: why the call ends, and how far its end is.
    """

    def __init__(
        self,
        established: Established,
        *,
        make_video: MakeVideo,
        sound: CallAudio,
        files: CallFiles,
        threads: CallThreads,
        settings: CallSettings,
        on_second: Callable[[CallStatistics], None],
        now_us: Callable[[], int],
    ) -> None:
        self.number = threads.number
        self.started_us = established.accepted_us
        self.sound = sound
        self.files = files
        self.identity: CallIdentity | None = None
        self.reconnects = 0
        self.end = CallEnd(established.role)
        self._role = established.role
        self._peer_name = established.peer.display_name
        self._session_digest = established.session_digest
        self._share = secrets.token_bytes(32)
        self._threads = threads
        self._now_us = now_us
        self._clock = established.clock
        self._make_video = make_video
        self._prefers_bbr = settings.congestion_control == "auto"
        self._link = self._new_link(established.link, FIRST_GENERATION, None)
        self._watch = LinkWatch(int(settings.silence_timeout_s * 1e6), self._link.heard_us)
        self._left_links = LeftLinks()
        self._on_second = on_second
        self._second_us = self.started_us + SECOND_US
        self._told_picture = PictureState("")
        self._pings = PingSchedule(now_us())
        self._lip_sync = LipSync()
        self._collector = StatisticsCollector(
            established.peer.name,
            self.started_us,
            clock=self._clock,
            video=self.video,
            sound=sound,
        )

    def _new_link(self, link: Link, generation: int, former: CallVideo | None) -> CallLink:
        if self._prefers_bbr:
            link.prefer_bbr()
        return CallLink(
            link,
            generation,
            self._role,
            self._now_us,
            video=self._make_video(link, former),
            sound=self.sound,
            files=self.files,
            threads=self._threads,
        )

    def start(self) -> None:
        """Start the threads of the call."""
        self.send(ResumeShare(self._share))
        self._send_picture_state()
        for name, body in (*self.sound.threads(), *self.files.threads()):
            self._threads.start(name, body)
        self._link.start()

    # The call thread from here on.

    @property
    def video(self) -> CallVideo:
        """The pictures of the call on its present link."""
        return self._link.video

    @property
    def generation(self) -> int:
        """The generation of the present link."""
        return self._link.generation

    def owns(self, number: int, generation: int) -> bool:
        """Return whether an event is of this call, on its present link or, with 0, on any link."""
        return number == self.number and generation in (0, self.generation)

    @property
    def lost_us(self) -> int | None:
        """When the present link was found lost; None while it carries messages, and at the end."""
        return None if self.is_ending else self._watch.lost_us

    @property
    def is_reconnecting(self) -> bool:
        """True while the call waits for another link, or for this one to come back."""
        return self.lost_us is not None

    @property
    def is_link_lost(self) -> bool:
        """True while the present link is lost, at the end of the call too."""
        return self._watch.lost_us is not None

    @property
    def is_ending(self) -> bool:
        """True once the end has begun."""
        return self.end.has_begun

    @property
    def is_over(self) -> bool:
        """True once there is nothing left to wait for."""
        return self.end.is_over

    @property
    def due_us(self) -> int:
        """The time of the next measurement."""
        return self._second_us

    def on_tick(self, now_us: int) -> None:
        """Check the time limits, ping, measure and report; about 20 times a second."""
        if self.is_ending and not self.is_over:
            if self.end.is_time_over(now_us):
                self.end.finish()
            elif now_us - self._heard_us > PING_INTERVAL_US:
                self.end.note_stuck_bye(self._now_us(), can_resume=self._watch.can_resume)
            return
        self._left_links.release()
        was_lost = self.is_reconnecting
        self._watch.on_tick(now_us, self._heard_us)
        if was_lost and not self.is_reconnecting:
            # The old link is back; what made its sound late is over.
            self.sound.move_to(self._link.link)
        loss = self._watch.loss(now_us)
        if loss is not None:
            self._fail(explain_loss(loss, self._peer_name, self._watch.silence_limit_us))
            return
        if self._pings.is_due(now_us, can_resume=self._watch.can_resume):
            self._clock.note_ping(now_us)
            self.send(Ping(now_us))
        if self.video.picture_state != self._told_picture and not self.is_reconnecting:
            self._send_picture_state()
        if now_us >= self._second_us:
            self._second_us += SECOND_US
            self._measure_second(now_us)
        try:
            self.video.on_tick(now_us)
        except LinkLost:
            self._watch.break_link()
        if not self.is_reconnecting:
            self.sound.on_tick(now_us, self.video.target_bps)
            self.sound.set_playout_floor(max(self._lip_sync.floor_ms, self.video.picture_span_ms))

    @property
    def _heard_us(self) -> int:
        """When the other peer was last heard, on a link that carries messages both ways."""
        return self._pings.heard_us(self._link.heard_us, can_resume=self._watch.can_resume)

    # Another link.

    def has_id(self, call_id: bytes) -> bool:
        """Return whether this call can be resumed under that id."""
        return self.identity is not None and self.identity.call_id == call_id

    def answer_resume(self, generation: int, now_us: int) -> str:
        """Return why a link of this generation may not take over, or "". Callee only."""
        if self.is_ending:
            return Reason.NO_SUCH_CALL
        if generation <= self.generation:
            return Reason.OLD_GENERATION
        return "" if self._watch.take_over(now_us, self._heard_us) else Reason.LINK_ALIVE

    def move_to(self, link: Link, generation: int) -> None:
        """Continue the call on another link, from a clean slate and a keyframe on."""
        self.reconnects += 1
        former = self._link
        self._left_links.leave(former)
        self._clock.restart()
        self._link = self._new_link(link, generation, former.video)
        self._collector.video = self.video
        now_us = self._now_us()
        self._pings = PingSchedule(now_us)
        self._watch.restart(now_us)
        self.sound.move_to(link)
        self._send_picture_state()
        self._link.start()

    def give_up_link(self, now_us: int) -> None:
        """Break off the present link if we do not hear it, although the other peer does."""
        if not self.is_ending and self._watch.is_deaf(now_us):
            self._watch.break_link()
            self._link.break_off()

    def lose(self, error: NetError) -> None:
        """End the call, because no other link will come."""
        self._fail(error)

    # Messages and ends.

    def on_control(self, control: Control, came_us: int) -> None:
        """Handle a control message that the receive thread passed on."""
        if self.is_over:
            return
        was_ending = self.is_ending
        self.end.on_message(control)
        if isinstance(control, Pong):
            self._pings.answered_us = came_us
            self._clock.on_pong(control.sent_us, control.received_us, control.replied_us, came_us)
        elif isinstance(control, PictureState):
            self.video.on_state(control)
        elif isinstance(control, SoundState):
            self.sound.on_state(control.state)
        elif isinstance(control, ResumeShare):
            self._identify(control.share)
        elif isinstance(control, Bye) and not was_ending:
            self.end.decide(ending_of_bye(control.reason, self._peer_name))
            self.send(Bye())
            self._wind_down()

    def _identify(self, share: bytes) -> None:
        """Derive the identity of the call from both shares."""
        if self.identity is not None:
            self._fail(ProtocolError("The other side sent a second share of the call's identity"))
            return
        is_caller = self._role is Role.CALLER
        caller_share, callee_share = (self._share, share) if is_caller else (share, self._share)
        self.identity = derive_identity(caller_share, callee_share, self._session_digest)
        self._watch.can_resume = True

    def on_thread_ended(self, name: str, error: BaseException | None) -> None:
        """Handle the end of one of the call's threads; an unexpected one ends the call."""
        if name == "redial":
            if error is not None and not self.is_ending:
                self._fail(error)
            return
        is_lost = isinstance(error, LinkLost) or (name == "receive" and error is None)
        if is_lost and self.is_ending:
            self.end.note_stuck_bye(self._now_us(), can_resume=self._watch.can_resume)
            if not self.end.is_bye_stuck:
                self.end.finish()
        elif is_lost:
            _log.debug("the link ended: %s", error or "end of stream")
            if self._link.has_network_failed:
                self._watch.break_link()
            else:
                self._watch.end(self._now_us())
        elif isinstance(error, NetError):
            self._fail(error)
        elif error is not None:
            self.hang_up(ending_of_error(error, after_accept=True), Reason.PROGRAM_FAULT)

    def hang_up(self, ending: Ending, reason: str = "") -> None:
        """Send a bye, with a reason if there is one, and end within a second."""
        if self.is_ending:
            return
        self.send(self.end.hang_up(ending, reason))
        self._wind_down()

    def end_by_bye(self, reason: str) -> None:
        """End the call at once: the other peer said bye on another link, or heard ours there."""
        self.end.decide(ending_of_bye(reason, self._peer_name))
        self.end.finish()

    def set_hidden(self, is_hidden: bool) -> None:
        """Hide our picture or show it again, and tell the other peer."""
        self.video.set_hidden(is_hidden)
        self._send_picture_state()

    def send(self, control: Control) -> None:
        """Send a control message."""
        self._link.send(control)

    def finish(self) -> None:
        """Close everything, wait for the threads, and report the last figures."""
        ended_us = self._now_us()
        self._finish_sending()
        self.end.finish()
        self.video.close()
        self.sound.close()
        self.files.close()
        self._link.break_off()
        self._threads.join(JOIN_S)
        self._link.release()
        self._left_links.release()
        self._on_second(self._collector.collect(ended_us, CallState.ENDED, self.reconnects))

    def _send_picture_state(self) -> None:
        self._told_picture = self.video.picture_state
        self.send(self._told_picture)

    def _finish_sending(self) -> None:
        """Send a bye that is still due: the call may end by a fault, before or after `hang_up`."""
        if not self.is_ending:
            self.send(Bye(Reason.PROGRAM_FAULT))
            self._link.finish_sending()
        # The other peer's bye and the end of its stream may come together.
        if self.is_over and not self.end.owes_bye:
            return
        if self._threads.has_started("send"):
            self._threads.join(JOIN_S, "send")
        else:
            self._link.hang_up(Reason.PROGRAM_FAULT)

    def _measure_second(self, now_us: int) -> None:
        state = CallState.RECONNECTING if self.is_reconnecting else CallState.CALL
        figures = self._collector.collect(now_us, state, self.reconnects)
        self._lip_sync.on_second(figures)
        self.video.set_hold(self._lip_sync.hold_ms)
        self._on_second(figures)

    def _fail(self, error: BaseException) -> None:
        if not self.is_ending:
            self.end.decide(ending_of_error(error, after_accept=True))
        self.end.finish()

    def _wind_down(self) -> None:
        self.end.wind_down(self._now_us())
        self.video.close()
        self.sound.close()
        self.files.close()
        self._link.finish_sending()
