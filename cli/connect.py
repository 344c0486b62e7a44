"""The command `connect`: builds a caller, then dials. Main thread.

    early parts --> media and interface --> session and dialer --> App

Dialling first, while codecs and the window are loaded, was tried: the ring came after 0.35 of the
time with a window and 0.7 without one. But a listener that answers at once then sends up to a
second of sound and pictures that nobody takes yet, and the start of the call was distorted.
`bench/first_second.py` measures it.
"""

from collections.abc import Callable

from call.outgoing.call_attempt import CallAttempt
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.dialer import Dialer
from call.outgoing.resolver import Candidate, resolver_for
from call.settings import Settings
from cli.early_parts import EarlyParts, build_early_parts, open_known_peers
from cli.options import RunOptions
from core.clock import now_us
from core.exit_status import ExitStatus
from core.wake_up import WakeUp
from ui.window.screen_probe import ScreenProbe


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
    resolver = resolver_for(host_text, options.port, options.code, known)
    parts = build_early_parts(settings, options, known)
    dialer = Dialer(resolver, _make_attempt(parts), parts.inbox)
    parts.signals.catch()
    # Imported here: a wrong option is told before codecs and Qt are loaded.
    from call.session.caller_session import CallerSession
    from cli.compose import compose

    program = compose(parts, screen)
    session = CallerSession(
        program.context, dialer, resolver.target, unknown_words=resolver.unknown_words
    )
    return program.make_app(session).run()


def _make_attempt(
    parts: EarlyParts,
) -> Callable[[Candidate, WakeUp, Callable[[], None]], CallAttempt]:
    verifier = CalleeVerifier(parts.local_peer(), parts.known)

    def make_attempt(
        candidate: Candidate, wake_up: WakeUp, on_ring: Callable[[], None]
    ) -> CallAttempt:
        return CallAttempt(
            candidate,
            verifier,
            parts.threads.start,
            parts.inbox,
            now_us,
            wake_up,
            on_ring=on_ring,
            silence_timeout_us=parts.ring_silence_us,
        )

    return make_attempt
