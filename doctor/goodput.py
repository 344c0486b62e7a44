"""The check of goodput: one second of data each way, between peers that know each other.

A listener sends nothing of that kind to strangers, so each end must have stored the other's key.
"""

from pathlib import Path

from call.local_peer import LocalPeer
from core.errors import ReportedError
from doctor.finding import Figure, Finding, Mark, ok, warning
from doctor.goodput_probe import Goodput, measure_goodput
from doctor.path_probe import connect_again
from net.errors import NoReply
from net.link.socket_address import SocketAddress
from net.protocol.goodput import is_rate_of_slow_start
from net.protocol.reasons import Reason
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeer

MEET_STEP = (
    "Call once with a code, or compare the four words in a call: then both programs know each"
    " other's key"
)
FASTER_STEP = "Use a cable or a nearer Wi-Fi, and end downloads that fill the link"

_REFUSALS: dict[str, tuple[str, str]] = {
    Reason.NOT_KNOWN: ("{who} does not know this computer's key", MEET_STEP),
    Reason.BUSY: ("{who} is in a call, or somebody rings there", "Try again after the call"),
    Reason.DO_NOT_DISTURB: ("{who} does not want to be disturbed now", "Try again later"),
    Reason.MEASURING: ("{who} measures with somebody else at this moment", "Try again in 20 s"),
    Reason.MEASURED_TOO_OFTEN: ("{who} has measured with you too often lately", "Try again later"),
    Reason.WRONG_PROOF: (
        "{who} could not verify you",
        "Somebody may be intercepting this connection: do not call over this network",
    ),
}


def check_goodput(
    address: SocketAddress,
    listener: KnownPeer | None,
    folder: Path,
    *,
    need_bps: int,
    round_trip_us: int | None,
    has_small_segments: bool,
) -> Finding:
    """Measure what the way to a listener carries. Blocks for at most some 25 s.

    Args:
        listener: the known peer whose key the listener has shown; None for a stranger.
        folder: of the user's data, which holds the own key.
        need_bps: of a call with the present settings, in one direction.
        round_trip_us: of the way; None if unknown.
        has_small_segments: whether the way loses large packets.
    """
    if listener is None:
        return _not_measured("you do not know the listener's key", MEET_STEP)
    who = listener.name
    try:
        local_peer = LocalPeer(load_or_make_identity(folder), "", [], [])
        sock = connect_again(address, has_small_segments=has_small_segments)
        found = measure_goodput(sock, local_peer, listener.fingerprint)
    except NoReply:
        return warning(
            "goodput",
            f"What was sent to {who} and back within a second did not arrive within 8 s",
            FASTER_STEP,
        )
    except ReportedError as error:
        return warning(
            "goodput",
            f"The measurement with {who} broke off: {error.sentence}",
            error.next_step or "Run this check again",
        )
    return judge_goodput(found, who, need_bps, round_trip_us)


def judge_goodput(
    found: Goodput, who: str, need_bps: int, round_trip_us: int | None = None
) -> Finding:
    """Return the finding about a measurement, or about its refusal.

    Args:
        who: the name of the listener's user.
    """
    if not found.is_supported:
        step = f"Update the program on {who}'s computer to measure it"
        return _not_measured(f"{who}'s program is older and cannot measure", step)
    if found.refusal:
        known = _REFUSALS.get(found.refusal)
        if known is None:
            return _not_measured(f"{who} refused: {found.refusal}", "Try again later")
        step = f"Try again in {found.wait_s} s" if found.wait_s else known[1]
        return _not_measured(known[0].format(who=who), step)
    if found.send_bps is None or found.receive_bps is None:
        return warning(
            "goodput", f"Next to nothing arrived between you and {who} in a second", FASTER_STEP
        )
    figures: dict[str, Figure] = {"send_bps": found.send_bps, "receive_bps": found.receive_bps}
    carried = (
        f"{_megabits(found.send_bps)} Mbit/s arrive at {who},"
        f" and {_megabits(found.receive_bps)} Mbit/s here"
    )
    slower_bps = min(found.send_bps, found.receive_bps)
    if slower_bps >= need_bps:
        return ok("goodput", carried, **figures)
    if round_trip_us is not None and is_rate_of_slow_start(slower_bps, round_trip_us):
        sentence = (
            f"{carried}; at this distance a second is too short to show whether the link carries"
            " more"
        )
        step = "See in a call: `i` shows the rate that the link carries"
        return Finding("goodput", Mark.OK, sentence, step, figures)
    return warning(
        "goodput",
        f"{carried}; a call with your settings needs {_megabits(need_bps)}, so its picture will be"
        " coarser",
        FASTER_STEP,
        **figures,
    )


def _not_measured(why: str, next_step: str) -> Finding:
    return Finding("goodput", Mark.OK, f"Not measured: {why}", next_step)


def _megabits(rate_bps: int) -> str:
    return f"{rate_bps / 1e6:.3g}" if rate_bps < 1e9 else f"{rate_bps / 1e6:.0f}"
