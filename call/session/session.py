"""The call thread: from the start of the program to its end. It alone moves the state.

It takes events from its inbox until the next timer, one short step at a time, and never blocks on
anything else. What differs between a listener and a caller stands in `listen_session` and
`connect_session`.
"""

import logging
from abc import ABC, abstractmethod
from collections import deque
from contextlib import ExitStack

from call.inbox import (
    ControlCame,
    Established,
    Event,
    LineTyped,
    OutsideEvent,
    ThreadEnded,
)
from call.live.active_call import ActiveCall, Display
from call.outcome import Outcome, outcome_of_duration, outcome_of_user
from call.remote_peer import RemotePeer
from call.session.peer_recorder import PeerRecorder
from call.session.session_context import SessionContext
from core.call_statistics import CallStatistics
from core.exit_status import ExitStatus
from media.errors import MediaError
from net.protocol.control import CompareWords, Discovery
from net.protocol.reasons import Reason
from ui.line_commands import meaning
from ui.statistics_text import meter_text, overlay_lines, status_text
from ui.view import RemotePicture, RemoteSound, Stage, UserEvent, View

_log = logging.getLogger(__name__)

CALL_TICK_S = 0.05
IDLE_TICK_S = 0.25
MAX_EARLY_LINES = 16


class Session(ABC):
    """One run of the program, seen from the call thread."""

    def __init__(self, context: SessionContext) -> None:
        self.context = context
        self.stage = Stage.WAITING
        self.sentence = ""
        self.details: tuple[str, ...] = ()
        self.peer_name = ""
        self.call: ActiveCall | None = None
        self._recorder: PeerRecorder | None = None
        self._peer: RemotePeer | None = None
        self._words = ""
        self.is_quitting = False
        self._exit: Outcome | None = None
        self._call_count = 0
        self._overlay: tuple[str, ...] = ()
        self._notices: tuple[str, ...] = ()
        self._status = ""
        self._pictures_before = 0
        self._early_lines: deque[str] = deque(maxlen=MAX_EARLY_LINES)
        self._keeps_early_lines = True

    @property
    def exit_status(self) -> int:
        """What the program ends with."""
        return int(self._exit.exit_status) if self._exit is not None else int(ExitStatus.FAULT)

    def run(self) -> None:
        """Take events until the session is over. The body of the call thread."""
        try:
            self.begin()
            while self._exit is None:
                event = self.context.inbox.take(self._wait_s())
                if event is not None:
                    self._take(event)
                self._tick(self.context.now_us())
        finally:
            with ExitStack() as ends:  # In reverse order, each whatever becomes of the others.
                ends.callback(self.context.interface.close)
                ends.callback(self.close)
                ends.callback(self.context.own.stop)
                ends.callback(self.context.sound.stop)
                if self.call is not None:
                    ends.callback(self._end_call, self.call)
                ends.callback(self._release_links)

    def _wait_s(self) -> float:
        """How long nothing is due."""
        if self.call is None:
            return IDLE_TICK_S
        if self.call.is_ending:
            return CALL_TICK_S
        return min(CALL_TICK_S, (self.call.due_us - self.context.now_us()) / 1e6)

    # What differs between the two.

    @abstractmethod
    def begin(self) -> None:
        """Start listening or dialling."""

    @abstractmethod
    def close(self) -> None:
        """Stop listening or dialling."""

    @abstractmethod
    def on_user(self, event: UserEvent) -> None:
        """Take what the person did outside of a call."""

    @abstractmethod
    def on_event(self, event: OutsideEvent) -> None:
        """Take what happens before a call, or to the listen or dial thread."""

    @abstractmethod
    def on_call_over(self, outcome: Outcome) -> None:
        """Go on after a call."""

    @abstractmethod
    def on_idle_tick(self, now_us: int) -> None:
        """Look at the clock outside of a call."""

    def is_for_another(self, event: UserEvent) -> bool:
        """Whether a key or button was meant for what was on the screen just before."""
        return False

    # Common to both.

    def finish(self, outcome: Outcome) -> None:
        """End the session."""
        if self._exit is None:
            self._exit = outcome

    def interrupt(self) -> None:
        """End the session because the person wants to, without a call."""
        self.finish(outcome_of_user(in_call=False))

    def show(self) -> None:
        """Give the interface the present view."""
        remote = RemotePicture.EXPECTED
        remote_sound = RemoteSound.EXPECTED
        if self.call is not None:
            remote_sound = self.call.sound.remote
            remote = self.call.remote_picture
            pictures = self.call.receiving.counters.pictures
            if remote is not RemotePicture.EXPECTED:
                self._pictures_before = pictures
            elif pictures > self._pictures_before:
                remote = RemotePicture.SHOWN
        self.context.interface.show(
            View(
                self.stage,
                self.context.local_name,
                self.peer_name,
                self.sentence,
                self.details,
                remote,
                self.context.own.is_hidden,
                self._overlay,
                self._status,
                remote_sound,
                self.context.sound.is_muted,
                self.context.sound.has_microphone,
                self._notices,
            )
        )

    def move(self, stage: Stage, sentence: str, details: tuple[str, ...] = ()) -> None:
        """Go to another stage and show it."""
        self.stage, self.sentence, self.details = stage, sentence, details
        self.show()

    def _take(self, event: Event) -> None:
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
                if isinstance(event.control, Discovery) and self._recorder is not None:
                    self._recorder.take(event.control)
                    self._put_words_away()  # It knows us now.
                elif isinstance(event.control, CompareWords):
                    self._read_words()
                before = call.remote_picture, call.sound.remote
                call.on_control(event.control, event.came_us)
                if (call.remote_picture, call.sound.remote) != before:
                    self.show()
        elif isinstance(event, ThreadEnded) and event.call:
            if call is not None and call.number == event.call:
                call.on_thread_ended(event.name, event.error)
        else:
            self.on_event(event)

    def _on_user(self, event: UserEvent) -> None:
        if event is UserEvent.TOGGLE_OWN_PICTURE:
            self._toggle_own_picture()
        elif event is UserEvent.TOGGLE_MUTE:
            self._toggle_mute()
        elif event is UserEvent.CONFIRM_WORDS:
            self._confirm_words()
        elif self.call is None:
            self.on_user(event)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            self.is_quitting |= event is UserEvent.QUIT
            self.call.hang_up(outcome_of_user(in_call=True))

    def _toggle_own_picture(self) -> None:
        own = self.context.own
        if not own.has_source:
            return
        own.set_hidden(not own.is_hidden)
        if self.call is not None:
            self.call.set_hidden(own.is_hidden)
        self.show()

    def _toggle_mute(self) -> None:
        sound = self.context.sound
        if sound.has_microphone:
            sound.is_muted = not sound.is_muted
            self._notices = sound.notices(self.context.now_us())
            self.show()

    def _confirm_words(self) -> None:
        self._put_words_away()
        if self.call is None or self._recorder is None or not self._recorder.confirm():
            return
        _log.info("The words are the same on both screens, so this is %s", self.peer_name)
        self._words = f"{self._words.partition(':')[0]}: compared"
        self.move(Stage.CALL, f"In a call with {self.peer_name}")

    def _read_words(self) -> None:
        """Show the words because the other side needs them, where we do not."""
        if self._peer is None or self._peer.needs_words or self.details:
            return
        words = self._peer.words
        _log.info(
            "%s cannot know yet who you are. Read them these words: %s", self.peer_name, words
        )
        self.move(Stage.CALL, self.sentence, (f"Read these words to {self.peer_name}: {words}",))

    def _put_words_away(self) -> None:
        """Show no words any more that only the other side needed."""
        if self._peer is not None and not self._peer.needs_words and self.details:
            self.move(Stage.CALL, self.sentence)

    def _on_line(self, text: str) -> None:
        """Take a line of standard input, which stands for a key in the window."""
        event = meaning(text, self.stage)
        if event is not None:
            self._on_user(event)
        elif self.stage is Stage.WAITING and self._keeps_early_lines:
            self._early_lines.append(text)

    def answer_early(self) -> None:
        """Answer a ring with a line that a script had written before it."""
        if self._early_lines:
            line = self._early_lines.popleft()
            _log.info("The answer was written before it rang: %r", line)
            self._on_line(line)

    def _begin_call(self, event: Established) -> None:
        context = self.context
        if self._exit is not None or self.call is not None:
            event.link.release()
            return
        self._call_count += 1
        self._pictures_before = 0
        self._peer = event.peer
        self.peer_name = event.peer.called
        context.own.start()
        context.sound.start()
        context.pictures.take_shown_us()
        self.call = ActiveCall(
            self._call_count,
            event,
            self.peer_name,
            settings=context.settings.video,
            silence_timeout_s=context.settings.call.silence_timeout_s,
            own=context.own,
            own_sound=context.sound,
            display=Display(context.pictures.show, context.pictures.take_shown_us),
            on_second=self._on_second,
            threads=context.threads,
            inbox=context.inbox,
            now_us=context.now_us,
        )
        self._words = f"words    {event.peer.words}: {event.peer.proof}"
        self._recorder = PeerRecorder(
            event.peer, context.known, context.threads.start, self.call.tell, own=context.discovery
        )
        self.call.start()
        if event.peer.needs_words:
            self.call.tell(CompareWords())
        self._recorder.begin()
        if self.is_quitting:
            self.call.hang_up(outcome_of_user(in_call=True))
        _log.debug("call %d with %s", self._call_count, event.peer.address)
        details: tuple[str, ...] = ()
        if event.peer.needs_words:
            details = (f"Unverified: {event.peer.words} - the same on both screens? Press w",)
            _log.info(
                "Nobody has proven who %s is. Read these words to each other: %s."
                " If they are the same on both screens, press w, or type w and Enter",
                self.peer_name,
                event.peer.words,
            )
        self.move(Stage.CALL, f"In a call with {self.peer_name}", details)

    def _release_links(self) -> None:
        """Let go of a call that was accepted and not begun."""
        while (event := self.context.inbox.take(0)) is not None:
            if isinstance(event, Established):
                event.link.release()

    def _tick(self, now_us: int) -> None:
        call = self.call
        if call is None:
            self.on_idle_tick(now_us)
            return
        call.on_tick(now_us)
        duration_s = self.context.settings.call.duration_s
        if duration_s and now_us - call.started_us >= duration_s * 1e6:
            call.hang_up(outcome_of_duration(duration_s), Reason.DURATION_OVER)
        notices = self.context.sound.notices(now_us)
        if notices != self._notices:
            self._notices = notices
            self.show()
        if call.is_over:
            self._end_call(call)

    def _on_second(self, figures: CallStatistics) -> None:
        self._overlay = (*overlay_lines(figures), self._words)
        sound = self.context.sound
        self._status = status_text(figures, meter_text(sound.level_dbfs(), is_muted=sound.is_muted))
        if self.context.stats is not None:
            self.context.stats.write(figures)
        self.show()

    def _end_call(self, call: ActiveCall) -> None:
        call.finish()
        self.call = None
        self._recorder = None
        self._peer = None
        self._overlay, self._notices, self._status = (), (), ""
        self.context.own.stop()
        self.context.sound.stop()
        self._save_snapshot(call)
        outcome = call.outcome or Outcome(ExitStatus.FAULT, "The call ended without a reason")
        if self._exit is None:
            self.on_call_over(outcome)

    def _save_snapshot(self, call: ActiveCall) -> None:
        _, newest = call.receiving.newest.peek()
        if self.context.snapshot is None or newest is None:
            return
        # Only here: OpenCV takes 27 MB, and most calls do without it.
        from media.files.snapshot import save_snapshot

        try:
            save_snapshot(newest.picture, self.context.snapshot)
        except MediaError as error:
            _log.error("%s. %s.", error.sentence, error.next_step)
