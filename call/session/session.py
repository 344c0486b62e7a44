"""Session: the part of a run that a listener and a caller share. Call thread only.

It takes events from its inbox, handles each in one short step, and blocks on nothing else, except
for the end of a call's threads. `listener_session` and `caller_session` hold the rest. Only the
call thread changes the state.
"""

import logging
from abc import ABC, abstractmethod
from contextlib import ExitStack

from call.endings import ending_of_error, ending_of_user
from call.inbox import (
    ControlCame,
    DevicesListed,
    Established,
    Event,
    LineTyped,
    LinkResumed,
    NoticePosted,
    OfDial,
    OutsideEvent,
    RemoteHungUp,
    ReportWritten,
    ScreenGone,
    ScreensListed,
    StillTaken,
    ThreadEnded,
)
from call.session.call_notices import CallNotices
from call.session.call_reports import CallReports
from call.session.device_choices import DeviceChoices
from call.session.device_reporter import DeviceReporter
from call.session.own_media import OwnMedia
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from call.session.session_sharing import SessionSharing
from call.session.session_view import view_session
from call.session.typed_lines import TypedLines
from core import events
from core.exit_status import ExitStatus
from ui.actions import ChooseName, Dial, UserAction
from ui.lobby_view import LobbyView
from ui.view import CallTarget, Ending, ListenerView, PeerView, Stage, UserEvent
from ui.wording import log as wording
from ui.wording.endings import word_ending
from ui.wording.quality import word_call

_log = logging.getLogger(__name__)

CALL_TICK_S = 0.05
IDLE_TICK_S = 0.25


class Session(ABC):
    """One run of the program, seen from the call thread."""

    def __init__(self, context: SessionContext) -> None:
        self.context = context
        self.local_name = context.local_name
        self.stage = Stage.WAITING
        self.peer: PeerView | None = None
        self.call: SessionCall | None = None
        self.is_quitting = False
        self._screen_gone: ScreenGone | None = None
        self.sharing = SessionSharing(has_window=context.has_window, on_change=self.show)
        self.call_notices = CallNotices(self.show)
        self.reports = CallReports(context.threads, context.inbox.post, self.call_notices.tell)
        self.is_hanging_up = False
        """True if the user hung up a call between its accept and its start."""
        self._exit: Ending | None = None
        self._call_count = 0
        self._devices = DeviceReporter(context.report)
        self.choices = DeviceChoices(context)
        self.own = OwnMedia(context, self.choices)
        self.lines = TypedLines(
            has_window=context.has_window, act=self._on_user, reply=context.reply
        )

    @property
    def exit_status(self) -> ExitStatus:
        """The exit status of the program."""
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
                ends.callback(self.choices.close)
                ends.callback(self._hang_up_waiting_links)
                ends.callback(self.context.close_devices)
                if self.call is not None:
                    ends.callback(self.end_call, self.call)

    def _wait_s(self) -> float:
        """Return the time until the next timer, in seconds."""
        if self.call is None:
            return self.idle_wait_s()
        if self.call.live.is_ending:
            return CALL_TICK_S
        return min(CALL_TICK_S, (self.call.live.due_us - self.context.now_us()) / 1e6)

    @abstractmethod
    def begin(self) -> None:
        """Start to listen or to dial."""

    @abstractmethod
    def close(self) -> None:
        """Stop listening or dialling."""

    @abstractmethod
    def on_user(self, event: UserAction) -> None:
        """Handle an action of the user while there is no call."""

    @abstractmethod
    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event before a call, or the end of the listen or dial thread."""

    @abstractmethod
    def on_call_over(self, ending: Ending) -> None:
        """Continue after a call."""

    def idle_wait_s(self) -> float:
        """Return the time until the next timer while there is no call, in seconds."""
        return IDLE_TICK_S

    @abstractmethod
    def on_idle_tick(self, now_us: int) -> None:
        """Handle the timers that run while there is no call."""

    @abstractmethod
    def follow_link(self, call: SessionCall) -> None:
        """Follow the state of the call's link; called at every tick of a call."""

    def is_for_previous_ring(self, event: UserAction) -> bool:
        """Return whether the user meant the caller who rang before this one."""
        return False

    @property
    def listener_view(self) -> ListenerView | None:
        """The listener's code, addresses and availability; None for a caller."""
        return None

    @property
    def target(self) -> CallTarget | None:
        """The name, code or address that a caller typed; None for a listener."""
        return None

    @property
    def retry_s(self) -> int:
        """The seconds for which a caller waits after wrong codes; 0 if it does not wait."""
        return 0

    @property
    def ending(self) -> Ending | None:
        """The end of a call while it is shown; otherwise None."""
        return None

    @property
    def can_call_again(self) -> bool:
        """True while the peer of a call that has ended can be called again."""
        return False

    @property
    def lobby(self) -> LobbyView | None:
        """The people whom the user can call; None outside of a lobby."""
        return None

    @property
    def dial_number(self) -> int:
        """The number of the present dial; 0 without one."""
        return 0

    def finish(self, ending: Ending) -> None:
        """End the session."""
        if self._exit is None:
            self._exit = ending

    def interrupt(self) -> None:
        """End the session without a call, because the user asked for it."""
        self.finish(self.user_ending(in_call=False))

    def user_ending(self, *, in_call: bool) -> Ending:
        """Return the ending if the user ends it now, or has lost the screen."""
        if self._screen_gone is not None:
            return ending_of_error(self._screen_gone.error, after_accept=in_call)
        return ending_of_user(in_call=in_call)

    def report_ending(self, ending: Ending) -> None:
        """Log the end of a call, or of the attempt to make one, and report it as an event."""
        level = logging.INFO if ending.exit_status == ExitStatus.OK else logging.ERROR
        call = word_call(ending)
        _log.log(level, "%s%s", word_ending(ending).line, f" {call}." if call else "")
        self.report_ending_event(ending)

    def report_ending_event(self, ending: Ending) -> None:
        """Report the end of a call, or of the attempt to make one, as an event."""
        self.context.report(
            events.Ended(
                reason=ending.error or ending.cause.value,
                exit_status=ending.exit_status,
                sentence=word_ending(ending).line,
            )
        )

    def warn(self, key: str, sentence: str) -> None:
        """Warn the user; `key` names the kind of warning for other programs."""
        _log.warning("%s", sentence, extra={"key": key})

    def move(self, stage: Stage) -> None:
        """Enter a stage and show it."""
        self.stage = stage
        self.show()

    def show(self) -> None:
        """Give the interface the present view."""
        self.context.interface.show(view_session(self))

    def handle(self, event: Event) -> None:
        """Handle one event of any kind."""
        call = self.call
        if isinstance(event, OfDial):
            self._on_dial(event)
        elif isinstance(event, UserAction):
            if not self.is_for_previous_ring(event):
                self._on_user(event)
        elif isinstance(event, LineTyped):
            self.lines.read(event.text, self.stage)
        elif isinstance(event, Established):
            self.begin_call(event)
        elif isinstance(event, LinkResumed):
            self._move_call(event)
        elif isinstance(event, RemoteHungUp):
            if call is not None and call.live.has_id(event.call_id):
                call.live.end_by_bye(event.reason)
        elif isinstance(event, ControlCame):
            if call is not None and call.live.owns(event.call, event.link):
                call.on_control(event)
        elif isinstance(event, DevicesListed):
            self.choices.on_listed(event)
        elif isinstance(event, ReportWritten):
            self.reports.on_written(event)
        elif isinstance(event, ScreensListed):
            self.choices.screens.on_listed(event)
        elif isinstance(event, NoticePosted):
            self.call_notices.tell(event.kind, path=event.path, detail=event.detail)
        elif isinstance(event, ScreenGone):
            self._on_screen_gone(event)
        elif isinstance(event, StillTaken):
            if call is not None and call.live.owns(event.call, 0):
                call.offer_still(event)
        elif isinstance(event, ThreadEnded) and event.call:
            if call is not None and call.live.owns(event.call, event.link):
                call.live.on_thread_ended(event.name, event.error)
        else:
            self.on_event(event)

    def _on_user(self, event: UserAction) -> None:
        if self.choices.handle(event, is_in_call=self.call is not None):
            self.show()
        elif isinstance(event, Dial | ChooseName) and self.call is None:
            self.on_user(event)
        elif not isinstance(event, UserEvent):
            self.sharing.on_action(event)
        elif event is UserEvent.TOGGLE_CAMERA:
            self._toggle_camera()
        elif event is UserEvent.TOGGLE_MUTE:
            if self.own.toggle_mute():
                self.show()
        elif event is UserEvent.CONFIRM_WORDS:
            if self.call is not None:
                self.call.confirm_words()
        elif event is UserEvent.SHOW_REPORT:
            self.reports.write()
        elif self.call is None:
            self.on_user(event)
        elif event is UserEvent.TOGGLE_RECORDING:
            self.call.recording.toggle()
        elif event is UserEvent.TAKE_SNAPSHOT:
            self.call.take_snapshot()
        elif event is UserEvent.SEND_STILL:
            self.call.take_still()
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            self.is_quitting |= event is UserEvent.QUIT
            self.call.live.hang_up(self.user_ending(in_call=True))

    def _on_screen_gone(self, event: ScreenGone) -> None:
        """End the call, if any, and the program, as the close button does."""
        self._screen_gone = event
        if self.call is None:
            self.warn("screen_lost", word_ending(self.user_ending(in_call=False)).line)
        self._on_user(UserEvent.QUIT)

    def _on_dial(self, event: OfDial) -> None:
        """Handle an event of the present dial; hang up a call that an earlier one has made."""
        if event.number == self.dial_number:
            self.handle(event.event)
        elif isinstance(event.event, Established):
            event.event.link.hang_up()

    def _toggle_camera(self) -> None:
        if self.own.toggle_camera():
            if self.call is not None:
                self.call.live.set_hidden(self.context.local_video.is_hidden)
            self.show()

    def begin_call(self, event: Established) -> None:
        """Begin a call, unless there is one or the session is over."""
        if self._exit is not None or self.call is not None:
            event.link.hang_up()
            return
        self._call_count += 1
        self.call_notices.begin(event.peer.view.display_name)
        call = SessionCall(
            self._call_count,
            event,
            self.context,
            self.show,
            notify=self.sharing.notify,
            tell=self.call_notices.tell,
        )
        self.call, self.peer = call, call.peer
        self.sharing.begin(call.sharing, call.peer.display_name)
        call.start()
        if self.is_quitting or self.is_hanging_up:
            call.live.hang_up(self.user_ending(in_call=True))
        if self.context.has_window:  # A terminal shows the view, which says the same.
            _log.info("%s", wording.in_call(call.peer))
        self.move(Stage.CALL)
        call.show_words()

    def _move_call(self, event: LinkResumed) -> None:
        """Continue the call on another link, unless that comes too late."""
        call = self.call
        live = None if call is None else call.live
        if call is None or live is None or not live.has_id(event.call_id):
            event.link.hang_up()
        elif live.is_ending:
            event.link.hang_up(live.end.bye_reason or "")
            live.end_by_bye("")
        elif event.generation > live.generation:
            call.move_to(event)
        else:  # No bye, which would end the call.
            event.link.release()

    def _hang_up_waiting_links(self) -> None:
        """Say bye to a call that was accepted and has not begun.

        A link that is established after this finds the inbox closed, and its thread says bye.
        """
        for waiting in self.context.inbox.close():
            event = waiting.event if isinstance(waiting, OfDial) else waiting
            if isinstance(event, Established | LinkResumed):
                event.link.hang_up()

    def _tick(self, now_us: int) -> None:
        self._devices.update(self.context.device_states)
        if self.choices.on_tick(now_us, is_in_call=self.call is not None):
            self.show()
        if self.call is None:
            self.on_idle_tick(now_us)
            return
        self.call.on_tick(now_us)
        self.follow_link(self.call)
        if self.own.update_notices(now_us):
            self.show()
        if self.call.live.is_over:
            self.end_call(self.call)

    def end_call(self, call: SessionCall) -> None:
        """End the threads of a call, and continue after it."""
        ending = call.finish()
        self.call = None
        self.sharing.end()
        self.reports.keep(call.history)
        self.own.end_call()
        if self._exit is None:
            self.on_call_over(ending)
