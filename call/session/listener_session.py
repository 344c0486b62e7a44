"""A listener's session: waits, rings, and waits again after each call."""

import logging

from call.inbox import InputEnded, OutsideEvent, RingGone, Rung, ThreadEnded, WrongCode
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from call.outcome import Outcome, outcome_of
from call.session.session import Session
from call.session.session_context import SessionContext
from core.exit_status import ExitStatus
from net.protocol.reasons import Reason
from ui.view import Stage, UserEvent

_log = logging.getLogger(__name__)

SWAP_US = 1_000_000
"""A ring that comes so soon after another one has gone looks like it to a person."""
NOTICE_US = 700_000
"""What a person takes to see that it is somebody else."""


class ListenerSession(Session):
    """One run of `peer.py listen`.

    Args:
        listening, announcing: not started yet.
        details: what to show while waiting: addresses, and the line to type on the other computer.
        is_once: end after one call, with its status.
        can_ask: whether there is somebody to ask, in the window or at standard input.
    """

    def __init__(
        self,
        context: SessionContext,
        listening: Listener,
        announcing: Announcer | None,
        *,
        admission: AdmissionPolicy,
        sentence: str,
        details: tuple[str, ...],
        is_once: bool,
        can_ask: bool,
        keeps_early_lines: bool,
    ) -> None:
        super().__init__(context)
        self._listener = listening
        self._announcer = announcing
        self._admission = admission
        self._news: tuple[str, ...] = ()
        """Of wrong codes, since the last call."""
        self._asks_for_codes = False
        self._waiting_sentence = sentence
        self._waiting_details = details
        self._is_once = is_once
        self._can_ask = can_ask
        self._keeps_early_lines = keeps_early_lines
        self._ring: Rung | None = None
        self._rang_us = 0
        self._ring_gone_us = -SWAP_US
        self._is_accepting = False

    def begin(self) -> None:
        inbox = self.context.inbox
        self.context.threads.start(
            "listen",
            self._listener.run,
            lambda error: inbox.post(ThreadEnded("listen", error)),
        )
        if self._announcer is not None:
            self.context.threads.start("announce", self._announcer.run, self._on_announce_end)
        self._wait()

    def _on_announce_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("this computer is not found by its code any more: %s", error)

    def close(self) -> None:
        if self._announcer is not None:
            self._announcer.close()
        if self._ring is not None:
            self._listener.reject(self._ring.caller, Reason.PROGRAM_ENDED)
        self._listener.close()

    def _wait(self) -> None:
        self.peer_name = ""
        if self._asks_for_codes:
            sentence = "Somebody may be guessing the code: no code is taken now"
            how = "c takes codes again" if self._can_ask else "start anew to take codes again"
            details: tuple[str, ...] = (*self._news, how)
        elif self._admission.is_quiet:
            sentence, details = "Do not disturb: nobody can call", ("d lets calls in again",)
        else:
            sentence, details = self._waiting_sentence, (*self._waiting_details, *self._news)
        self.move(Stage.WAITING, sentence, details)

    def on_event(self, event: OutsideEvent) -> None:
        if isinstance(event, Rung):
            self._on_rung(event)
        elif isinstance(event, RingGone):
            self._on_ring_gone(event)
        elif isinstance(event, WrongCode):
            self._on_wrong_code(event)
        elif isinstance(event, InputEnded):
            self._can_ask = self.context.has_window
            if not self._can_ask and self._ring is not None:
                self._refuse(Reason.NOBODY_TO_ASK)
        elif isinstance(event, ThreadEnded):
            error = event.error or RuntimeError("the listen thread ended")
            outcome = outcome_of(error, after_accept=False)
            _log.error("%s", outcome.text)
            if self.call is not None:
                self.call.hang_up(outcome)
            self.finish(outcome)

    def _on_rung(self, ring: Rung) -> None:
        if self.call is not None or self._ring is not None:
            self._listener.reject(ring.caller, Reason.BUSY)
            return
        name = ring.peer.called
        self._ring, self._rang_us = ring, self.context.now_us()
        self.peer_name = name
        if self.context.settings.listen.accept:
            _log.info("%s calls from %s: accepted by itself", name, ring.peer.address)
            self.context.own.start()
            self.context.sound.start()
            self._accept()
        elif not self._can_ask and not self._early_lines:
            _log.info(
                "%s calls from %s: declined, for there is nobody to ask", name, ring.peer.address
            )
            self._refuse(Reason.NOBODY_TO_ASK)
        else:
            self.context.own.start()
            self.context.sound.start()
            self.move(
                Stage.RUNG,
                f"{name} calls",
                (f"from {ring.peer.address}; {ring.peer.proof}",),
            )
            self.answer_early()

    def _on_ring_gone(self, event: RingGone) -> None:
        if self._ring is None or self._ring.caller != event.caller:
            return
        _log.info("%s %s before the call was accepted", self.peer_name, event.sentence)
        self._ring_gone_us = self.context.now_us()
        self._end_ring()

    def on_user(self, event: UserEvent) -> None:
        if self._ring is None:
            if event in (UserEvent.HANG_UP, UserEvent.QUIT):
                self.interrupt()
            elif event is UserEvent.TOGGLE_QUIET:
                self._toggle_quiet()
            elif event is UserEvent.TAKE_CODES and self._asks_for_codes:
                _log.info("Codes are taken again")
                self._asks_for_codes = False
                self._admission.may_guess_again = True
                self._news = ()
                self._wait()
        elif event is UserEvent.ACCEPT:
            self._accept()
        elif event is UserEvent.DECLINE:
            if not self._is_accepting:
                _log.info("You declined the call of %s", self.peer_name)
            self._refuse(Reason.DECLINED)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            if self._is_accepting:
                self.is_quitting = True  # The call that comes is hung up at once, with a bye.
            else:
                self.interrupt()

    def is_for_another(self, event: UserEvent) -> bool:
        has_changed_hands = self._rang_us - self._ring_gone_us < SWAP_US
        is_early = self.context.now_us() - self._rang_us < NOTICE_US
        if self._ring is None or event is not UserEvent.ACCEPT:
            return False
        if has_changed_hands and is_early:
            _log.info("That was for the one before: now it is %s who calls", self.peer_name)
        return has_changed_hands and is_early

    def _toggle_quiet(self) -> None:
        self._admission.is_quiet = not self._admission.is_quiet
        if not self._admission.is_quiet:
            _log.info("Calls come in again")
        elif self.context.has_window:  # A terminal shows what follows.
            _log.info("Do not disturb: nobody can call")
        self._wait()

    def _on_wrong_code(self, event: WrongCode) -> None:
        what = "gave a wrong code" if event.was_completed else "left before the code was checked"
        _log.warning("%s (%s) %s: %d so far", event.name, event.address, what, event.total)
        if self.context.has_window:  # A terminal shows the line above.
            codes = "wrong code" if event.total == 1 else "wrong codes"
            self._news = (f"{event.total} {codes} so far, the last one from {event.address}",)
        if event.is_last and not self._asks_for_codes:
            self._asks_for_codes = True
            until = "you press c, or type c and Enter" if self._can_ask else "this is started anew"
            _log.warning(
                "Somebody may be guessing the code: no code is taken until %s;"
                " those whom you know can call",
                until,
            )
        if self.stage is Stage.WAITING:
            self._wait()

    def on_idle_tick(self, now_us: int) -> None:
        timeout_us = self.context.settings.listen.ring_timeout_s * 1e6
        if (
            self._ring is not None
            and not self._is_accepting
            and now_us - self._rang_us > timeout_us
        ):
            _log.info("%s was not answered", self.peer_name)
            self._refuse(Reason.NO_ANSWER)

    def _accept(self) -> None:
        if self._ring is not None and not self._is_accepting:
            self._is_accepting = True
            self._listener.accept(self._ring.caller)

    def _refuse(self, reason: str) -> None:
        if self._ring is None or self._is_accepting:
            return
        self._listener.reject(self._ring.caller, reason)
        self._end_ring()

    def _end_ring(self) -> None:
        self._ring = None
        self._is_accepting = False
        self.context.own.stop()
        self.context.sound.stop()
        if self.is_quitting:
            self.interrupt()
        self._wait()

    def on_call_over(self, outcome: Outcome) -> None:
        self._ring = None
        self._is_accepting = False
        level = logging.INFO if outcome.exit_status == ExitStatus.OK else logging.ERROR
        _log.log(level, "%s", outcome.text)
        if self._is_once or self.is_quitting:
            self.finish(outcome)
            return
        self._news = ()
        self._listener.set_free()
        self._wait()
