"""The session: what a listener and a caller have in common. Call thread; it alone moves the state.

It handles events from its inbox until the next timer, one short step at a time, and never blocks on
anything else. `listener_session` and `caller_session` hold what differs.
"""

import logging
from abc import ABC, abstractmethod
from collections import deque
from contextlib import ExitStack

from call.endings import ending_of_duration, ending_of_user
from call.inbox import ControlCame, Established, Event, LineTyped, OutsideEvent, ThreadEnded
from call.live.active_call import ActiveCall
from call.live.call_audio import CallAudio
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.session.peer_recorder import PeerRecorder
from call.session.session_context import SessionContext
from core import events
from core.call_statistics import CallStatistics
from core.exit_status import ExitStatus
from media.device_state import DeviceKind, DeviceProblem, DeviceState
from media.errors import MediaError
from net.protocol.control import CompareWords, Discovery
from net.protocol.reasons import Reason
from ui.line_commands import read_line
from ui.view import (
    CallTarget,
    EndCause,
    Ending,
    ListenerView,
    PeerView,
    RemotePicture,
    RemoteSound,
    Stage,
    UserEvent,
    View,
    VoiceNotice,
    WordsTask,
)
from ui.wording import log as wording
from ui.wording.endings import word_ending

_log = logging.getLogger(__name__)

CALL_TICK_S = 0.05
IDLE_TICK_S = 0.25
MAX_EARLY_LINES = 16


class Session(ABC):
    """One run of the program, seen from the call thread."""

    def __init__(self, context: SessionContext) -> None:
        self.context = context
        self.stage = Stage.WAITING
        self.peer: PeerView | None = None
        self.call: ActiveCall | None = None
        self.is_quitting = False
        self._exit: Ending | None = None
        self._recorder: PeerRecorder | None = None
        self._words_task = WordsTask.NONE
        self._call_count = 0
        self._figures: CallStatistics | None = None
        self._notices: tuple[DeviceProblem | VoiceNotice, ...] = ()
        self._pictures_before = 0
        self._has_first_picture = False
        self._devices: dict[DeviceKind, DeviceState] = {}
        self._early_lines: deque[str] = deque(maxlen=MAX_EARLY_LINES)
        self._keeps_early_lines = True

    @property
    def exit_status(self) -> ExitStatus:
        """What the program ends with."""
        return self._exit.exit_status if self._exit is not None else ExitStatus.FAULT

    def run(self) -> None:
        """Handle events until the session is over. The body of the call thread."""
        try:
            self.begin()
            while self._exit is None:
                event = self.context.inbox.take(self._wait_s())
                if event is not None:
                    self.handle(event)
                self._tick(self.context.now_us())
        finally:
            with ExitStack() as ends:  # In reverse order; each runs even if another fails.
                ends.callback(self.context.interface.close)
                ends.callback(self.close)
                ends.callback(self._hang_up_waiting_links)
                ends.callback(self._close_devices)
                if self.call is not None:
                    ends.callback(self._end_call, self.call)

    def _wait_s(self) -> float:
        """Return for how long nothing is due."""
        if self.call is None:
            return IDLE_TICK_S
        if self.call.is_ending:
            return CALL_TICK_S
        return min(CALL_TICK_S, (self.call.due_us - self.context.now_us()) / 1e6)

    # What differs between a listener and a caller.

    @abstractmethod
    def begin(self) -> None:
        """Start to listen or to dial."""

    @abstractmethod
    def close(self) -> None:
        """Stop listening or dialling."""

    @abstractmethod
    def on_user(self, event: UserEvent) -> None:
        """Handle what the person did outside of a call."""

    @abstractmethod
    def on_event(self, event: OutsideEvent) -> None:
        """Handle what happens before a call, or to the listen or dial thread."""

    @abstractmethod
    def on_call_over(self, ending: Ending) -> None:
        """Go on after a call."""

    @abstractmethod
    def on_idle_tick(self, now_us: int) -> None:
        """Do what is due outside of a call."""

    def is_for_another(self, event: UserEvent) -> bool:
        """Return whether a key was meant for what was on the screen just before."""
        return False

    @property
    def listener_view(self) -> ListenerView | None:
        """How we can be called; None for a caller."""
        return None

    @property
    def target(self) -> CallTarget | None:
        """What a caller typed; None for a listener."""
        return None

    @property
    def retry_s(self) -> int:
        """For how many seconds a caller waits after wrong codes, or 0."""
        return 0

    @property
    def ending(self) -> Ending | None:
        """How it ended, for a caller that shows it."""
        return None

    # Common to both.

    def finish(self, ending: Ending) -> None:
        """End the session."""
        if self._exit is None:
            self._exit = ending

    def interrupt(self) -> None:
        """End the session because the person wants to, without a call."""
        self.finish(ending_of_user(in_call=False))

    def report_ending(self, ending: Ending) -> None:
        """Log how a call, or the attempt to make one, ended, and report it as an event."""
        level = logging.INFO if ending.exit_status == ExitStatus.OK else logging.ERROR
        _log.log(level, "%s", word_ending(ending).line)
        self.report_ending_event(ending)

    def report_ending_event(self, ending: Ending) -> None:
        """Report how a call, or the attempt to make one, ended."""
        self.context.report(
            events.Ended(
                reason=ending.error or ending.cause.value,
                exit_status=ending.exit_status,
                sentence=word_ending(ending).line,
            )
        )

    def warn(self, key: str, sentence: str) -> None:
        """Warn the person; `key` names the kind of warning for other programs."""
        _log.warning("%s", sentence, extra={"key": key})

    def open_devices(self) -> None:
        """Open camera, microphone and loudspeaker, if they are not open yet."""
        self.context.local_video.start()
        self.context.local_audio.start()

    def move(self, stage: Stage) -> None:
        """Go to another stage and show it."""
        self.stage = stage
        self.show()

    def show(self) -> None:
        """Give the interface the present view."""
        context = self.context
        self.context.interface.show(
            View(
                self.stage,
                context.local_name,
                peer=self.peer,
                listener=self.listener_view,
                target=self.target,
                retry_s=self.retry_s,
                ending=self.ending,
                words_task=self._words_task,
                remote_picture=self._remote_picture(),
                remote_sound=(
                    RemoteSound.EXPECTED if self.call is None else self.call.sound.remote
                ),
                is_camera_off=context.local_video.is_hidden,
                is_muted=context.local_audio.is_muted,
                has_microphone=context.local_audio.has_microphone,
                notices=self._notices,
                figures=self._figures,
                microphone_dbfs=context.local_audio.level_dbfs(),
            )
        )

    def _remote_picture(self) -> RemotePicture:
        if self.call is None:
            return RemotePicture.EXPECTED
        pictures = self.call.video.received.pictures
        if self.call.video.remote is not RemotePicture.EXPECTED:
            self._pictures_before = pictures
        elif pictures > self._pictures_before:
            return RemotePicture.SHOWN
        return self.call.video.remote

    def _close_devices(self) -> None:
        self.context.local_video.stop()
        self.context.local_audio.stop()

    def handle(self, event: Event) -> None:
        """Handle one event, of whatever kind."""
        call = self.call
        if isinstance(event, UserEvent):
            if not self.is_for_another(event):
                self._on_user(event)
        elif isinstance(event, LineTyped):
            self._on_line(event.text)
        elif isinstance(event, Established):
            self._begin_call(event)
        elif isinstance(event, ControlCame):
            if call is not None and call.number == event.call:
                self._on_control(call, event)
        elif isinstance(event, ThreadEnded) and event.call:
            if call is not None and call.number == event.call:
                call.on_thread_ended(event.name, event.error)
        else:
            self.on_event(event)

    def _on_control(self, call: ActiveCall, event: ControlCame) -> None:
        if isinstance(event.control, Discovery) and self._recorder is not None:
            self._recorder.update(event.control)
            if self._words_task is WordsTask.READ_ALOUD:  # The other peer knows us now.
                self._set_words_task(WordsTask.NONE)
        elif isinstance(event.control, CompareWords):
            self._read_words()
        before = call.video.remote, call.sound.remote
        call.on_control(event.control, event.came_us)
        if (call.video.remote, call.sound.remote) != before:
            self.context.report(
                events.RemoteState(picture=call.video.remote.value, sound=call.sound.remote.value)
            )
            self.show()

    def _on_user(self, event: UserEvent) -> None:
        if event is UserEvent.TOGGLE_CAMERA:
            self._toggle_camera()
        elif event is UserEvent.TOGGLE_MUTE:
            self._toggle_mute()
        elif event is UserEvent.CONFIRM_WORDS:
            self._confirm_words()
        elif self.call is None:
            self.on_user(event)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            self.is_quitting |= event is UserEvent.QUIT
            self.call.hang_up(ending_of_user(in_call=True))

    def _toggle_camera(self) -> None:
        video = self.context.local_video
        if not video.has_source:
            return
        video.set_hidden(not video.is_hidden)
        if self.call is not None:
            self.call.set_hidden(video.is_hidden)
        self.show()

    def _toggle_mute(self) -> None:
        audio = self.context.local_audio
        if audio.has_microphone:
            audio.is_muted = not audio.is_muted
            self._notices = audio.notices(self.context.now_us())
            self.show()

    def _confirm_words(self) -> None:
        if self._words_task is WordsTask.READ_ALOUD:
            self._set_words_task(WordsTask.NONE)
        elif self._recorder is not None and self._recorder.confirm() and self.peer is not None:
            _log.info("%s", wording.words_match(self.peer))
            self._set_words_task(WordsTask.COMPARED)

    def _read_words(self) -> None:
        """Show the words that only the other user needs."""
        if self.peer is None or self._words_task is not WordsTask.NONE:
            return
        if self.context.has_window:
            _log.info("%s", wording.read_words(self.peer))
        self._set_words_task(WordsTask.READ_ALOUD)

    def _set_words_task(self, task: WordsTask) -> None:
        self._words_task = task
        if self.peer is not None:
            self.context.report(events.Words(task=task.value, words=self.peer.words))
        self.show()

    def _on_line(self, text: str) -> None:
        """Handle a line of standard input, which stands for a key in the window."""
        event = read_line(text, self.stage)
        if event is not None:
            self._on_user(event)
        elif self.stage is Stage.WAITING and self._keeps_early_lines:
            self._early_lines.append(text)

    def answer_early(self) -> None:
        """Answer a ring with a line that a script wrote before it."""
        if self._early_lines:
            line = self._early_lines.popleft()
            _log.info("%s", wording.answered_early(line))
            self._on_line(line)

    def _begin_call(self, event: Established) -> None:
        context = self.context
        if self._exit is not None or self.call is not None:
            event.link.hang_up()
            return
        self._call_count += 1
        self._pictures_before = 0
        self._has_first_picture = False
        peer = self.peer = event.peer.view
        self.call = self._make_call(event)
        self._recorder = PeerRecorder(
            event.peer,
            context.known,
            context.threads.start,
            self.call.send,
            context.report,
            own=context.discovery,
        )
        self.call.start()
        context.report(
            events.Accepted(peer=peer.display_name, trust=peer.trust.value, address=peer.address)
        )
        if event.peer.needs_words:
            self.call.send(CompareWords())
        self._recorder.begin()
        if self.is_quitting:
            self.call.hang_up(ending_of_user(in_call=True))
        _log.debug("call %d with %s", self._call_count, peer.address)
        self._words_task = WordsTask.NONE
        self.move(Stage.CALL)
        if event.peer.needs_words:
            if context.has_window:  # A terminal shows the view, which says the same.
                _log.info("%s", wording.compare_words(peer))
            self._set_words_task(WordsTask.COMPARE)

    def _make_call(self, event: Established) -> ActiveCall:
        """Return the call of a link, which it owns from now on."""
        context = self.context
        try:
            self.open_devices()
            context.display.take_shown_us()
            return ActiveCall(
                event,
                video=CallVideo(
                    context.local_video,
                    event.link,
                    event.peer.hello.can_decode,
                    context.now_us,
                    settings=context.settings.video,
                    display=context.display,
                    clock=event.clock,
                ),
                sound=CallAudio(
                    context.local_audio,
                    event.link,
                    event.peer.hello.can_hear,
                    context.now_us,
                    to_local_us=event.clock.to_local_us,
                ),
                threads=CallThreads(self._call_count, context.threads, context.inbox),
                silence_timeout_s=context.settings.call.silence_timeout_s,
                on_second=self._on_second,
                now_us=context.now_us,
            )
        except BaseException:
            event.link.hang_up(Reason.PROGRAM_FAULT)
            raise

    def _hang_up_waiting_links(self) -> None:
        """Say bye to a call that was accepted and has not begun.

        A link that is established after this finds the inbox closed, and its thread says bye.
        """
        for event in self.context.inbox.close():
            if isinstance(event, Established):
                event.link.hang_up()

    def _tick(self, now_us: int) -> None:
        call = self.call
        self._report_devices()
        if call is None:
            self.on_idle_tick(now_us)
            return
        call.on_tick(now_us)
        self._report_first_picture(call)
        duration_s = self.context.settings.call.duration_s
        if duration_s and now_us - call.started_us >= duration_s * 1e6:
            call.hang_up(ending_of_duration(duration_s), Reason.DURATION_OVER)
        notices = self.context.local_audio.notices(now_us)
        if notices != self._notices:
            self._notices = notices
            self.show()
        if call.is_over:
            self._end_call(call)

    def _report_devices(self) -> None:
        """Report each device whose state has changed."""
        camera = self.context.local_video.device_state
        states = {
            state.kind: state
            for state in ((camera,) if camera is not None else ())
            + self.context.local_audio.device_states
        }
        for kind, before in self._devices.items():
            if kind not in states:
                self.context.report(events.Device(which=kind, state="closed", name=before.name))
        for kind, state in states.items():
            if self._devices.get(kind) != state:
                how = "open" if state.is_open else "missing"
                self.context.report(events.Device(which=kind, state=how, name=state.name))
        self._devices = states

    def _report_first_picture(self, call: ActiveCall) -> None:
        decoded_us = call.video.received.first_decoded_us
        if decoded_us is not None and not self._has_first_picture:
            self._has_first_picture = True
            after_ms = round((decoded_us - call.started_us) / 1000, 1)
            self.context.report(events.FirstPicture(after_ms=after_ms))

    def _on_second(self, figures: CallStatistics) -> None:
        self._figures = figures
        if self.context.statistics is not None:
            self.context.statistics.write(figures)
        self.show()

    def _end_call(self, call: ActiveCall) -> None:
        call.finish()
        self._report_first_picture(call)
        self.call = None
        self._recorder = None
        self._words_task = WordsTask.NONE
        self._figures, self._notices = None, ()
        self._close_devices()
        self._save_snapshot(call)
        ending = call.ending or Ending(
            EndCause.FAULT, ExitStatus.FAULT, fault="the call ended without a reason"
        )
        if self._exit is None:
            self.on_call_over(ending)

    def _save_snapshot(self, call: ActiveCall) -> None:
        _, newest = call.video.newest.peek()
        if self.context.snapshot is None or newest is None:
            return
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.snapshot import save_snapshot

        try:
            save_snapshot(newest.picture, self.context.snapshot)
        except MediaError as error:
            _log.error("%s. %s.", error.sentence, error.next_step)
