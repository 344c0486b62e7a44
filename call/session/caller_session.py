"""A caller's session: one attempt, one call, and why it ended."""

import logging

from call.inbox import OutsideEvent, Reached, Refused, ThreadEnded, ToldToWait
from call.outcome import Outcome, outcome_of, outcome_of_reject
from call.outgoing.dialer import Dialer
from call.session.session import Session
from call.session.session_context import SessionContext
from core.exit_status import ExitStatus
from ui.view import Stage, UserEvent

_log = logging.getLogger(__name__)

END_SHOWN_US = 3_000_000


class CallerSession(Session):
    """One run of `peer.py connect`.

    Args:
        dialling: not started yet.
        target: what the person typed, for people.
        hint: what is wrong with the spelling of the code, or nothing.
    """

    def __init__(
        self,
        context: SessionContext,
        dialling: Dialer,
        target: str,
        *,
        hint: str,
    ) -> None:
        super().__init__(context)
        self._dialer = dialling
        self._target = target
        self._hint = hint
        self._outcome: Outcome | None = None
        self._ended_us = 0

    def begin(self) -> None:
        inbox = self.context.inbox
        self.context.own.start()
        self.context.sound.start()
        _log.info("Calling %s", self._target)
        self.move(Stage.DIALLING, f"Calling {self._target}")
        self.context.threads.start(
            "dial",
            self._dialer.run,
            lambda error: inbox.post(ThreadEnded("dial", error)),
        )

    def close(self) -> None:
        self._dialer.cancel()

    def on_event(self, event: OutsideEvent) -> None:
        if isinstance(event, Reached):
            self.peer_name = event.peer.called
            details: tuple[str, ...] = (f"{self.peer_name}: {event.peer.proof}",)
            if not self.context.has_window:
                details += ("q and Enter gives up",)
            self.move(Stage.RINGING, f"{self.peer_name} is being asked", details)
        elif isinstance(event, ToldToWait):
            who = event.peer_name or self._target
            sentence = f"There were wrong codes: {who} takes the next one in {event.wait_s} s"
            _log.info("%s, and is called again then", sentence)
            self.move(Stage.DIALLING, sentence, ("and is called again then",))
        elif isinstance(event, Refused):
            who = event.peer_name or self._target
            self._end(outcome_of_reject(event.reason, who, event.wait_s, self._hint))
        elif isinstance(event, ThreadEnded) and event.error is not None:
            self._end(outcome_of(event.error, after_accept=False))

    def on_user(self, event: UserEvent) -> None:
        if self._outcome is not None:
            self.finish(self._outcome)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            _log.info("You gave up before the call was accepted")
            self.interrupt()

    def on_idle_tick(self, now_us: int) -> None:
        if self._outcome is not None and now_us - self._ended_us >= END_SHOWN_US:
            self.finish(self._outcome)

    def on_call_over(self, outcome: Outcome) -> None:
        self._end(outcome)

    def _end(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._ended_us = self.context.now_us()
        level = logging.INFO if outcome.exit_status == ExitStatus.OK else logging.ERROR
        _log.log(level, "%s", outcome.text)
        if not self.context.has_window or self.is_quitting:
            self.finish(outcome)
        self.move(Stage.ENDED, outcome.sentence, (outcome.next_step,) if outcome.next_step else ())
