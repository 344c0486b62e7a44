"""The command `connect`: builds a caller, then dials. Main thread.

    early parts --> media and interface --> session and dialer --> App

Dialling first, while codecs and the window are loaded, was tried: the ring came after 0.35 of the
time with a window and 0.7 without one. But a listener that answers at once then sends up to a
second of sound and pictures that nobody takes yet, and the start of the call was distorted.
`bench/first_second.py` measures it.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from call.inbox import DialInbox, NumberedInbox
from call.outgoing.call_attempt import CallAttempt
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.dialer import Dialer
from call.outgoing.resolver import Candidate, Resolver, resolver_for
from call.settings import Settings
from cli.early_parts import EarlyParts, build_early_parts, open_known_peers
from cli.options import RunOptions
from core.clock import now_us
from core.exit_status import ExitStatus
from core.wake_up import WakeUp
from ui.window.screen_probe import ScreenProbe

if TYPE_CHECKING:
    from call.session.outgoing_call import PreparedDial


def run_connect(
    host_text: str, settings: Settings, options: RunOptions, screen: ScreenProbe | None
) -> ExitStatus:
    """Call one peer, once.

    Args:
        screen: tries whether a window can be opened; None if none is wanted.
    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    known = open_known_peers()
    make_resolver = partial(resolver_for, host_text, options.port, options.code, known)
    first = make_resolver()
    parts = build_early_parts(settings, options, known)
    parts.signals.catch()
    # Imported here: a wrong option is told before codecs and Qt are loaded.
    from call.session.caller_session import CallerSession
    from cli.compose import compose

    def prepare(number: int) -> "PreparedDial":
        # A resolver is used once; the first one was made to check what the user typed.
        resolver = first if number == 1 else make_resolver()
        return prepare_dial(parts, resolver, number)

    program = compose(parts, screen)
    return program.make_app(CallerSession(program.context, prepare)).run()


def prepare_dial(parts: EarlyParts, resolver: Resolver, number: int) -> "PreparedDial":
    """Return the dialer of one dial, whose events carry its number."""
    from call.session.outgoing_call import PreparedDial

    inbox = NumberedInbox(parts.inbox, number)
    dialer = Dialer(resolver, _make_attempt(parts, inbox), inbox)
    return PreparedDial(dialer, resolver.target, resolver.unknown_words)


def _make_attempt(
    parts: EarlyParts, inbox: DialInbox
) -> Callable[[Candidate, WakeUp, Callable[[], None]], CallAttempt]:
    verifier = CalleeVerifier(parts.local_peer(), parts.known)

    def make_attempt(
        candidate: Candidate, wake_up: WakeUp, on_ring: Callable[[], None]
    ) -> CallAttempt:
        return CallAttempt(
            candidate,
            verifier,
            parts.threads.start,
            inbox,
            now_us,
            wake_up,
            on_ring=on_ring,
            silence_timeout_us=parts.ring_silence_us,
        )

    return make_attempt
