"""The checks of the way to another computer, from its name to what the way carries.

Each later check needs the ones before it, so the first that fails is the last. Blocks for at most
some ten seconds, and with a known peer on a slow link for 20 more. The listener does not ring, and
its user is not asked.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from shlex import quote

from call.outgoing.resolver import Candidate, resolver_for
from core.program import COMMAND
from core.safe_text import shown_name
from core.threads import Threads
from doctor.checkup import Patient
from doctor.finding import Figure, Finding, Mark, ok, warning, wrong
from doctor.goodput import check_goodput
from doctor.network import is_vpn
from doctor.path_probe import CONNECT_S, ProbeResult, connect_again, probe_path
from doctor.system_steps import lower_mtu
from net.errors import NetError
from net.link.address import HostPort
from net.link.connector import Connector
from net.link.local_addresses import route_to
from net.link.socket_address import SocketAddress, look_up, parse_numeric
from net.protocol.control import PROTOCOL_VERSION
from net.trust.known_peers import KnownPeers
from ui.view import TargetKind

LOOK_UP_S = 6.0
PADDING_BYTES = 4096
"""Fills two packets of 1,500 bytes."""
FULL_MTU_BYTES = 1500
LEAST_MTU_BYTES = 1280
"""The smallest largest packet of IPv6, RFC 8200 section 5."""
SLOW_ROUND_TRIP_MS = 150.0
"""ITU-T G.114: up to 150 ms one way nobody notices. Capture, coding and playout take half of it."""


class WayCheck:
    """The checks of the way to one listener.

    Args:
        text: a code, the name of a known peer, or a host, as the user typed it.
        port: of a host that was typed without one.
        patient: this computer's settings, the user's folder, and the program's command line.
    Raises:
        SettingsError: the text is none of these.
    """

    def __init__(
        self, text: str, port: int, known: KnownPeers, patient: Patient, threads: Threads
    ) -> None:
        self._resolver = resolver_for(text, port, None, known)
        self._known = known
        self._patient = patient
        self._threads = threads

    def run(self) -> Iterator[Finding]:
        """Yield the findings, one after another."""
        candidates = self._resolver.candidates()
        found: list[Candidate] = []
        try:
            for candidate in candidates:
                found.append(candidate)
                break
        except NetError as error:
            yield wrong("name", error.sentence, error.next_step)
            return
        finally:
            candidates.close()
        if not found:
            yield wrong("name", "Nothing was found", "Check what you typed")
            return
        yield from self._check_candidate(found[0])

    def _check_candidate(self, candidate: Candidate) -> Iterator[Finding]:
        target = candidate.target
        addresses, finding = self._check_name(candidate)
        yield finding
        if not addresses:
            return
        yield _check_route(addresses[0])
        try:
            connector = Connector(
                target,
                start_thread=self._threads.start,
                limit_s=CONNECT_S,
                others=candidate.others,
            )
            sock = connector.dial()
        except NetError as error:
            yield wrong("port", error.sentence, error.next_step)
            return
        far = SocketAddress(socket.AddressFamily(sock.family), sock.getpeername())
        reached = HostPort(str(far), far.sockaddr[1])
        yield ok("port", f"A program listens at {reached}", port=reached.port)
        try:
            result = probe_path(sock, reached, padding_bytes=PADDING_BYTES)
            small = None if result.version is not None else self._probe_small(far, reached)
        except NetError as error:
            step = (
                error.next_step
                or f"Check that it is `{self._patient.command} listen` that listens there"
            )
            yield wrong("tls", error.sentence, step)
            return
        key = self._check_key(candidate, result)
        yield key
        route = route_to(reached.host)
        interface = route.interface if route is not None else ""
        rest = list(_check_rest(result, small, reached, interface))
        yield from rest
        if any(finding.mark is Mark.WRONG for finding in (key, *rest)):
            return
        settings = self._patient.settings
        yield check_goodput(
            far,
            self._known.by_fingerprint(result.fingerprint),
            self._patient.folder,
            need_bps=settings.video.bitrate_bps + settings.audio.bitrate_bps,
            round_trip_us=(result if small is None else small).round_trip_us,
            has_small_segments=small is not None,
        )

    def _check_name(self, candidate: Candidate) -> tuple[list[str], Finding]:
        """Return the numeric addresses of a candidate, and the finding about its name."""
        target = candidate.target
        try:
            is_numeric = parse_numeric(target.host, target.port) is not None
        except OSError:  # Its zone is no interface of this computer.
            step = "After the % give the name of one of this computer's interfaces"
            return [], wrong("name", f"There is no interface for {target.host} here", step)
        if is_numeric:
            listed = ", ".join(str(each) for each in (target, *candidate.others))
            how = {
                TargetKind.CODE: f"A listener with this number is at {listed}",
                TargetKind.NAME: f"The last known or announced address is {listed}",
            }.get(self._resolver.target.kind, f"{target.host} is an address, no name")
            return [target.host], ok("name", how)
        addresses = self._look_up(target)
        if not addresses:
            hint = f"Did you mean {candidate.meant}, whom you know?" if candidate.meant else ""
            step = hint or "Check the spelling, or use the address that the listener shows"
            return [], wrong("name", f"No computer called {target.host} was found", step)
        return addresses, ok("name", f"{target.host} is {', '.join(addresses)}")

    def _look_up(self, target: HostPort) -> list[str]:
        """Return the addresses of a name; none if no name server knows it or answers in time."""
        found: list[str] = []

        def run() -> None:
            with suppress(OSError, ValueError):
                found.extend(str(each) for each in look_up(target.host, target.port))

        thread = self._threads.start(f"look up {target.host}", run)
        self._threads.join(LOOK_UP_S, [thread])
        return list(dict.fromkeys(found))

    def _probe_small(self, address: SocketAddress, target: HostPort) -> ProbeResult | None:
        """Probe once more with small packets; return None if that fails too."""
        try:
            sock = connect_again(address, has_small_segments=True)
            result = probe_path(sock, target, padding_bytes=PADDING_BYTES)
        except NetError:
            return None
        return result if result.version is not None else None

    def _check_key(self, candidate: Candidate, result: ProbeResult) -> Finding:
        holder = self._known.by_fingerprint(result.fingerprint)
        expected = candidate.expected
        if expected is not None and expected.fingerprint != result.fingerprint:
            other = f"it is {holder.name}'s" if holder is not None else "nobody's you know"
            return wrong(
                "tls",
                f"The link is encrypted, but the key is not {expected.name}'s: {other}",
                f"If {expected.name} has set up the program again, enter"
                f" `{COMMAND} known forget {quote(expected.name)}`, and call with a code from"
                f" {expected.name}. Else somebody pretends to be them",
            )
        if holder is not None:
            return ok("tls", f"The link is encrypted, and the key is {holder.name}'s")
        name = f" It calls itself {shown_name(result.name)}." if result.name else ""
        return ok("tls", f"The link is encrypted.{name} You do not know its key yet")


def _check_route(address: str) -> Finding:
    route = route_to(address)
    if route is None:
        return wrong(
            "route",
            f"This computer has no route to {address}",
            "Connect it to the same network as the other computer",
        )
    if route.address == address:
        return ok("route", f"{address} is this computer itself")
    where = f"{route.interface} ({route.address})"
    if is_vpn(route.interface):
        return warning(
            "route",
            f"Packets to {address} go through a VPN, {where}",
            "If the other computer is on this network, not in the VPN, pause the VPN",
        )
    return ok("route", f"Packets to {address} leave through {where}")


def _check_rest(
    result: ProbeResult, small: ProbeResult | None, target: HostPort, interface: str
) -> Iterator[Finding]:
    """Yield the findings about version, packet size and round trip.

    Args:
        interface: the one of this computer that leads there; "" if it is not known.
    """
    version = result.version if small is None else small.version
    if version is None:
        yield wrong(
            "version",
            f"{target} encrypts the link, but then says nothing",
            "End that program and start its listener again",
        )
        return
    if version != PROTOCOL_VERSION:
        yield wrong(
            "version",
            f"It speaks version {version} of the protocol, and this program {PROTOCOL_VERSION}",
            "Update both computers to the same version",
            version=version,
        )
    else:
        yield ok("version", f"It speaks the same version, {version}", version=version)
    yield _check_mtu(result, interface, is_only_small=small is not None)
    yield _check_round_trip(result if small is None else small)


def _check_mtu(result: ProbeResult, interface: str, *, is_only_small: bool) -> Finding:
    if is_only_small:
        lower = lower_mtu(interface, LEAST_MTU_BYTES)
        return warning(
            "mtu",
            "The path loses large packets without a word; small ones arrive",
            "A call changes to small packets after a second. To have it right from the start, lower"
            f" the MTU of this computer's interface: {lower}, or that of the VPN",
        )
    if result.mtu_bytes is None:
        return ok("mtu", "Large packets arrive")
    figures: dict[str, Figure] = {"mtu_bytes": result.mtu_bytes}
    if result.mtu_bytes < FULL_MTU_BYTES:
        sentence = f"Packets of up to {result.mtu_bytes} bytes arrive, as in many VPNs"
        return ok("mtu", sentence, **figures)
    return ok("mtu", f"Packets of {result.mtu_bytes} bytes arrive", **figures)


def _check_round_trip(result: ProbeResult) -> Finding:
    if result.round_trip_us is None:
        return ok("round_trip", "Not measured")
    round_trip_ms = round(result.round_trip_us / 1000, 1)
    if round_trip_ms > SLOW_ROUND_TRIP_MS:
        return warning(
            "round_trip",
            f"An answer takes {round_trip_ms:g} ms, so you will interrupt each other",
            "Use a cable or a nearer Wi-Fi, and end downloads that fill the link",
            rtt_ms=round_trip_ms,
        )
    return ok("round_trip", f"An answer takes {round_trip_ms:g} ms", rtt_ms=round_trip_ms)
