"""The command `connect`: dials first, then builds the rest of a caller. Main thread.

    early parts --> dialer, which starts --> media and interface --> session --> App

Codecs and the window take longer to load than the other peer to ring, so both happen side by side.
Measured on two busy cores, taking turns with a caller that dialled last: from the command to the
ring 0.35 of its time with a window (median of 5, 0.76 s instead of 1.96), 0.7 without one (0.87
instead of 1.09); `bench/first_second.py` measures it.
"""

from collections.abc import Callable

from call.inbox import Established
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

BYE_S = 1.0
"""Time limit for the dial thread to say bye, if the program cannot be built."""


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
    dialer.start(parts.threads)
    try:
        # Imported here: codecs and Qt take most of the start, and dialling does without.
        from call.session.caller_session import CallerSession
        from cli.compose import compose

        program = compose(parts, screen)
        session = CallerSession(
            program.context, dialer, resolver.target, unknown_words=resolver.unknown_words
        )
    except BaseException:
        _give_up(dialer, parts)
        raise
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


def _give_up(dialer: Dialer, parts: EarlyParts) -> None:
    """End a call for which there is no program, with a bye."""
    dialer.cancel()
    parts.threads.join(BYE_S)
    for event in parts.inbox.close():
        if isinstance(event, Established):
            event.link.hang_up()
