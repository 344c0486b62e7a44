"""The command `connect`: connects, builds a caller meanwhile, then rings. Main thread.

    early parts --> dialer, which connects --> media --> session, which rings --> App, its window

Codecs take about as long to load as the other peer to find. The ring waits for both: a listener
that answers at once would send sound and pictures that nobody takes yet. The window is loaded while
it rings. `bench/first_second.py` measures it.
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
    resolver = make_resolver()
    parts = build_early_parts(settings, options, known)
    parts.signals.catch()
    dialer = start_dialer(parts, resolver, 1)
    try:
        # Imported here: a wrong option is told before codecs and Qt are loaded.
        from call.session.caller_session import CallerSession
        from call.session.outgoing_call import PreparedDial
        from cli.compose import compose

        first = PreparedDial(dialer, resolver.target, resolver.unknown_words)

        def prepare(number: int) -> PreparedDial:
            return first if number == 1 else prepare_dial(parts, make_resolver(), number)

        program = compose(parts, screen)
        app = program.make_app(CallerSession(program.context, prepare))
    except BaseException:
        dialer.cancel()
        raise
    return app.run()


def prepare_dial(parts: EarlyParts, resolver: Resolver, number: int) -> "PreparedDial":
    """Start to connect for one dial, whose events carry its number."""
    from call.session.outgoing_call import PreparedDial

    dialer = start_dialer(parts, resolver, number)
    return PreparedDial(dialer, resolver.target, resolver.unknown_words)


def start_dialer(parts: EarlyParts, resolver: Resolver, number: int) -> Dialer:
    """Return the dialer of one dial, which connects already."""
    inbox = NumberedInbox(parts.inbox, number)
    dialer = Dialer(resolver, _make_attempt(parts, inbox), inbox)
    dialer.start(parts.threads)
    return dialer


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
