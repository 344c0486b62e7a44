"""Listener session: wait, ring, one call, and wait again. Call thread only."""

import logging

from msgspec.structs import replace

from call.endings import ending_of_error
from call.inbox import (
    Established,
    InputEnded,
    OutsideEvent,
    ResumeAsked,
    RingGone,
    RingLoss,
    Rung,
    ThreadEnded,
    WrongCode,
)
from call.session.listener_parts import ListenerParts
from call.session.missed_calls import MISSED, add_missed
from call.session.session import Session
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from core import events
from net.errors import LinkLost
from net.protocol.reasons import Reason
from ui.actions import UserAction
from ui.view import Availability, Ending, ListenerView, Stage, UserEvent, WrongCodes
from ui.wording import log as wording

_log = logging.getLogger(__name__)

SWAP_US = 1_000_000
"""To a user, a ring that follows another this soon looks like the same ring."""
NOTICE_US = 700_000
"""The time that a user needs to notice that another caller rings."""
ADDRESS_CHECK_US = 5_000_000
"""Between two checks for new addresses, since a listener may start before the network is up."""


class ListenerSession(Session):
    """One run of `peer.py listen`."""

    def __init__(self, context: SessionContext, parts: ListenerParts) -> None:
        super().__init__(context)
        self._listener = parts.listener
        self._announcer = parts.announcer
        self._admission = parts.admission
        self._view = parts.view
        self._find_addresses = parts.find_addresses
        self._addresses_due_us = context.now_us() + ADDRESS_CHECK_US
        self._is_once = parts.is_once
        self.lines.keeps_early = parts.keeps_early_lines
        self._ring: Rung | None = None
        self._rang_us = 0
        self._ring_gone_us = -SWAP_US
        self._is_accepting = False
        self._last_ending: Ending | None = None

    @property
    def listener_view(self) -> ListenerView:
        """The code, the addresses, and whether calls are taken."""
        return self._view

    @property
    def ending(self) -> Ending | None:
        """The end of the last call, while the listener waits for the next one."""
        return self._last_ending if self.stage is Stage.WAITING else None

    def begin(self) -> None:
        """Start to listen and to announce."""
        inbox = self.context.inbox
        self.context.threads.start(
            "listen",
            self._listener.run,
            lambda error: inbox.post(ThreadEnded("listen", error)),
        )
        if self._announcer is not None:
            self.context.threads.start("announce", self._announcer.run, self._on_announcer_end)
        self._report_addresses()
        self.wait()

    def _on_announcer_end(self, error: BaseException | None) -> None:
        if error is not None:
            self.warn("announce", wording.not_found_by_code(str(error)))

    def close(self) -> None:
        """Stop listening, and refuse a ring that nobody has answered."""
        if self._announcer is not None:
            self._announcer.close()
        if self._ring is not None:
            self._listener.reject(self._ring.caller, Reason.PROGRAM_ENDED)
        self.context.stop_ringing()
        self._listener.close()

    def release_devices(self) -> None:
        """Close the devices, since nobody rings any more."""
        self.context.close_devices()

    def wait(self) -> None:
        """Wait for the next call."""
        self.peer = None
        self._report_waiting()
        self.move(Stage.WAITING)

    def _report_waiting(self) -> None:
        self.context.report(events.Waiting(availability=self._view.availability.value))

    def _set_view(self, view: ListenerView) -> None:
        before, self._view = self._view.availability, view
        if self._view.availability is not before:
            self._report_waiting()
        if self.stage is Stage.WAITING:
            self.show()

    def _report_addresses(self) -> None:
        addresses = (self._view.address, *self._view.other_addresses)
        self.context.report(events.Listening(addresses=addresses, code=self._view.code))

    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event of the listen thread, or the end of standard input."""
        if isinstance(event, Rung):
            self._on_rung(event)
        elif isinstance(event, RingGone):
            self._on_ring_gone(event)
        elif isinstance(event, ResumeAsked):
            self._on_resume_asked(event)
        elif isinstance(event, WrongCode):
            self._on_wrong_code(event)
        elif isinstance(event, InputEnded):
            self._set_view(replace(self._view, can_ask=self.context.has_window))
            if not self._view.can_ask and self._ring is not None:
                self._refuse(Reason.NOBODY_TO_ASK)
        elif isinstance(event, ThreadEnded):
            error = event.error or RuntimeError("the listen thread ended")
            ending = ending_of_error(error, after_accept=False)
            self.report_ending(ending)
            if self.call is not None:
                self.call.live.hang_up(ending)
            self.finish(ending)

    @property
    def is_busy(self) -> bool:
        """True during a call, and while somebody rings."""
        return self.call is not None or self._ring is not None

    def _on_rung(self, ring: Rung) -> None:
        peer = ring.peer.view
        self._replace_held_call(ring)
        if self.is_busy:
            self._listener.reject(ring.caller, Reason.BUSY)
            self._report_rejected(ring, Reason.BUSY)
            return
        self._ring, self._rang_us = ring, self.context.now_us()
        self.peer = peer
        self.context.report(
            events.Ringing(peer=peer.display_name, trust=peer.trust.value, address=peer.address)
        )
        if self.context.settings.listen.accept:
            _log.info("%s", wording.accepted_automatically(peer))
            self.context.open_devices()
            self._accept()
        elif not self._view.can_ask and not self.lines.has_early:
            _log.info("%s", wording.declined_for_nobody(peer))
            self._refuse(Reason.NOBODY_TO_ASK)
        else:
            self.context.open_devices()
            self.context.start_ringing(peer)
            if self.context.has_window:  # A terminal shows the view, which says the same.
                _log.info("%s", wording.rings(peer))
            self.move(Stage.INCOMING)
            self.lines.answer_early(self.stage)

    def _replace_held_call(self, ring: Rung) -> None:
        """End a call that has lost its link, if the same peer calls again."""
        if self.call is None or self._is_once or not self.call.live.is_reconnecting:
            return
        if ring.peer.fingerprint == self.call.fingerprint:
            name = self.call.peer.display_name
            self.call.live.lose(LinkLost(f"{name} calls again: the call before is over"))
            audio = self.context.local_audio
            is_muted = audio.is_muted
            self.end_call(self.call)
            audio.is_muted = is_muted  # To the user it is one call, which must not be heard now.

    def _on_resume_asked(self, event: ResumeAsked) -> None:
        """Let a new link take over only from one that is dead or silent."""
        refusal: str = Reason.NO_SUCH_CALL
        if self._admission.bye_reason(event.call_id) is not None:
            # Hung up since it asked: it asks again, and hears our bye.
            refusal = Reason.LINK_ALIVE
        elif self.call is not None and self.call.live.has_id(event.call_id):
            refusal = self.call.live.answer_resume(event.generation, self.context.now_us())
        if refusal:
            self._listener.reject(event.caller, refusal)
        else:
            self._listener.accept(event.caller)

    def follow_link(self, call: SessionCall) -> None:
        """Tell the listen thread which call may be resumed, and which peer may replace it.

        A caller that has not heard our bye hears it when it asks to continue the call, so only a
        program that ends waits for that.
        """
        live = call.live
        self._admission.present_call = live.identity
        if live.identity is not None and live.end.bye_reason is not None:
            self._admission.note_hung_up(live.identity, live.end.bye_reason)
        if live.end.is_bye_stuck and not (self._is_once or self.is_quitting):
            live.end_by_bye("")
        is_replaceable = live.is_reconnecting and not self._is_once
        self._admission.held_for = call.fingerprint if is_replaceable else b""

    def _on_ring_gone(self, event: RingGone) -> None:
        if self._ring is None or self._ring.caller != event.caller:
            return
        name = self._ring.peer.display_name
        _log.info("%s", wording.ring_gone(name, is_silent=event.loss is RingLoss.SILENT))
        self.context.report(events.RingGone(peer=name, reason=event.loss))
        self._ring_gone_us = self.context.now_us()
        if not self._is_accepting:
            self._set_view(add_missed(self._view, name))
        self._end_ring()

    def on_user(self, event: UserAction) -> None:
        """Handle an action of the user while waiting or ringing."""
        if self._ring is None:
            self._on_user_waiting(event)
        elif event is UserEvent.ACCEPT:
            self._accept()
        elif event is UserEvent.DECLINE:
            self._decline(self._ring)
        elif event is UserEvent.HANG_UP:
            self.is_hanging_up = self._is_accepting
            self._decline(self._ring)
        elif event is UserEvent.QUIT:
            if self._is_accepting:
                self.is_quitting = True  # The call that comes is hung up at once, with a bye.
            else:
                self.interrupt()

    def _decline(self, ring: Rung) -> None:
        if not self._is_accepting:
            _log.info("%s", wording.declined(ring.peer.display_name))
        self._refuse(Reason.DECLINED)

    def _on_user_waiting(self, event: UserAction) -> None:
        if event is UserEvent.QUIT:
            self.interrupt()
        elif event is UserEvent.HANG_UP:
            # Meant for a ring that has just ended: it declines, and does not end the program.
            if self.context.now_us() - self._ring_gone_us >= NOTICE_US:
                self.interrupt()
        elif event is UserEvent.TOGGLE_DO_NOT_DISTURB:
            self._toggle_do_not_disturb()
        elif (
            event is UserEvent.ALLOW_CODES and self._view.availability is Availability.CODES_BLOCKED
        ):
            _log.info("%s", wording.codes_allowed())
            self._admission.may_guess_again = True
            self._set_view(replace(self._view, availability=self._availability(), wrong_codes=None))

    def is_for_previous_ring(self, event: UserAction) -> bool:
        """Return whether the user accepted the ring before this one."""
        if self._ring is None or event is not UserEvent.ACCEPT:
            return False
        has_changed_hands = self._rang_us - self._ring_gone_us < SWAP_US
        is_early = self.context.now_us() - self._rang_us < NOTICE_US
        if has_changed_hands and is_early:
            _log.info("%s", wording.answered_another(self._ring.peer.display_name))
        return has_changed_hands and is_early

    def _toggle_do_not_disturb(self) -> None:
        self._admission.do_not_disturb = not self._admission.do_not_disturb
        if not self._admission.do_not_disturb:
            _log.info("%s", wording.calls_allowed())
        elif self.context.has_window:  # A terminal shows the view, which says the same.
            _log.info("%s", wording.do_not_disturb())
        if self._view.availability is not Availability.CODES_BLOCKED:
            self._set_view(replace(self._view, availability=self._availability()))

    def _availability(self) -> Availability:
        """Return the availability while codes are not blocked."""
        if self._admission.do_not_disturb:
            return Availability.DO_NOT_DISTURB
        return Availability.AVAILABLE

    def _on_wrong_code(self, event: WrongCode) -> None:
        self.warn(
            "wrong_code",
            wording.wrong_code(
                event.name, event.address, event.total, was_completed=event.was_completed
            ),
        )
        wrong_codes = WrongCodes(event.total, event.address) if self.context.has_window else None
        if event.is_last and self._view.availability is not Availability.CODES_BLOCKED:
            self.warn("codes_blocked", wording.codes_blocked(can_ask=self._view.can_ask))
            blocked = Availability.CODES_BLOCKED
            self._set_view(replace(self._view, availability=blocked, wrong_codes=wrong_codes))
        elif wrong_codes is not None:  # A terminal shows the warning.
            self._set_view(replace(self._view, wrong_codes=wrong_codes))

    def idle_wait_s(self) -> float:
        """Return the time until the next timer: while nobody rings, that of the addresses."""
        if self._ring is not None:
            return super().idle_wait_s()
        return (self._addresses_due_us - self.context.now_us()) / 1e6

    def on_idle_tick(self, now_us: int) -> None:
        """End a ring that nobody answers, or check for new addresses."""
        timeout_us = self.context.settings.listen.ring_timeout_s * 1e6
        if self._ring is None:
            self._check_addresses(now_us)
        elif not self._is_accepting and now_us - self._rang_us > timeout_us:
            _log.info("%s", wording.not_answered(self._ring.peer.display_name))
            self._ring_gone_us = now_us
            self._refuse(Reason.NO_ANSWER)

    def _check_addresses(self, now_us: int) -> None:
        if now_us < self._addresses_due_us:
            return
        self._addresses_due_us = now_us + ADDRESS_CHECK_US
        address, *others = self._find_addresses()
        if (address, tuple(others)) != (self._view.address, self._view.other_addresses):
            self._set_view(replace(self._view, address=address, other_addresses=tuple(others)))
            self._report_addresses()

    def _accept(self) -> None:
        if self._ring is not None and not self._is_accepting:
            self._is_accepting = True
            self.context.stop_ringing()
            self._listener.accept(self._ring.caller)

    def _refuse(self, reason: Reason) -> None:
        if self._ring is None or self._is_accepting:
            return
        self._listener.reject(self._ring.caller, reason)
        self._report_rejected(self._ring, reason)
        self._end_ring()

    def _report_rejected(self, ring: Rung, reason: Reason) -> None:
        peer = ring.peer.view
        if reason in MISSED:
            self._set_view(add_missed(self._view, peer.display_name))
        self.context.report(
            events.Rejected(reason=reason, peer=peer.display_name, address=peer.address)
        )

    def begin_call(self, event: Established) -> None:
        """Begin a call; who called before it is past."""
        self._view = replace(self._view, missed=())
        super().begin_call(event)

    def _end_ring(self) -> None:
        self._ring = None
        self._is_accepting = self.is_hanging_up = False
        self.context.stop_ringing()
        self.release_devices()
        if self.is_quitting:
            self.interrupt()
        self.wait()

    def on_call_over(self, ending: Ending) -> None:
        """Wait for the next call, or end with this one."""
        self._admission.present_call = None
        self._admission.held_for = b""
        self._ring = None
        self._is_accepting = self.is_hanging_up = False
        self.report_ending(ending)
        if self._is_once or self.is_quitting:
            self.finish(ending)
            return
        if self._view.availability is not Availability.CODES_BLOCKED:
            self._set_view(replace(self._view, wrong_codes=None))
        self._listener.end_call()
        self.after_call(ending)

    def after_call(self, ending: Ending) -> None:
        """Wait for the next call."""
        self._last_ending = ending
        self.wait()
