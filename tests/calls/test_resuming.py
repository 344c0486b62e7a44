"""Calls that lose their link and come back by themselves, between two real programs."""

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.hosts import Host, TwoHosts, run
from tests.support.forgetful_relay import ForgetfulRelay
from tests.support.peer_process import SLACK_S, Peer, StartPeer, read_statistics, wait_until

BACK_S = 1.0
"""The promise: from the link's return to the call's."""
SOUND = ("--mic=tone", "--speaker=none")


def at(event: dict[str, Any]) -> datetime:
    """Return the time of an event."""
    return datetime.fromisoformat(event["at"])


class Call:
    """A call between Ann, who calls, and Bob, who listens, with sound and statistics."""

    def __init__(
        self,
        start: StartPeer,
        folder: Path,
        connect: Callable[[Peer], str] = lambda listener: f"127.0.0.1:{listener.port}",
        hosts: tuple[Host, Host] | None = None,
        caller_options: tuple[str, ...] = (),
        listener_options: tuple[str, ...] = (),
    ) -> None:
        prefixes = [host.command() for host in hosts] if hosts is not None else [[], []]
        self._figures = [folder / name for name in ("caller.figures", "listener.figures")]
        own = [(*SOUND, "--stats", str(figures)) for figures in self._figures]
        self.listener = start(
            *("listen", "--accept", "--name=Bob", *own[1], *listener_options), prefix=prefixes[1]
        )
        target = connect(self.listener)
        self.caller = start(
            "connect", target, "--name=Ann", *own[0], *caller_options, prefix=prefixes[0]
        )
        self.peers = (self.caller, self.listener)
        for peer in self.peers:
            peer.wait_event("first_picture")
        wait_until(lambda: all(self.figures(peer) for peer in self.peers), "both measure")

    def figures(self, peer: Peer) -> list[dict[str, Any]]:
        """Return the statistics of a peer so far."""
        text = self._figures[self.peers.index(peer)].read_text("utf-8")
        return read_statistics(text[: text.rfind("\n") + 1])

    def wait_lost(self, *, times: int = 1) -> None:
        """Wait until both ends have noticed that the link is lost."""
        for peer in self.peers:
            peer.wait_event("link_lost", times=times)

    def wait_seconds(self, peer: Peer, state: str, count: int) -> None:
        """Wait until the statistics of a peer have so many lines in a state."""

        def are_there() -> bool:
            states = [line["state"] for line in self.figures(peer)]
            return states.count(state) >= count

        wait_until(are_there, f"{count} s of {state}")

    def wait_back(self, *, times: int = 1, reconnects: int | None = 1) -> None:
        """Wait until both ends have resumed, and pictures and sound flow both ways."""
        fields = {} if reconnects is None else {"reconnects": reconnects}
        for peer in self.peers:
            peer.wait_event("resumed", times=times, **fields)
            lines = len(self.figures(peer))

            def flows(peer: Peer = peer, lines: int = lines) -> bool:
                return any(
                    line["state"] == "call" and line["video_in_fps"] and line["audio_in_bps"]
                    for line in self.figures(peer)[lines + 1 :]
                )

            wait_until(flows, "pictures and sound arrive again")

    def end(self) -> None:
        """Hang up at the caller; both ends must agree that the call ended well."""
        self.caller.type_line("q")
        assert self.caller.ends() == 0
        self.caller.wait_event("ended", reason="hung_up")
        self.listener.wait_event("ended", reason="remote_hung_up")
        self.listener.wait_event("waiting", times=2)


@pytest.fixture(name="relay_to")
def _relay_to() -> Iterator[Callable[[Peer], ForgetfulRelay]]:
    """Return a function that starts a relay to a listener."""
    relays: list[ForgetfulRelay] = []

    def start_relay(listener: Peer) -> ForgetfulRelay:
        relays.append(ForgetfulRelay(listener.port))
        return relays[-1]

    yield start_relay
    for relay in relays:
        relay.close()


@pytest.fixture(name="host_call")
def _host_call(start: StartPeer, hosts: TwoHosts, tmp_path: Path) -> Call:
    """Return a call between two hosts."""
    return Call(
        start,
        tmp_path,
        lambda listener: f"{hosts.second.address}:{listener.port}",
        (hosts.first, hosts.second),
    )


def test_cable_out_and_in_twice_resumes_the_call_within_a_second_of_its_return(
    host_call: Call, hosts: TwoHosts
) -> None:
    for times, seconds in enumerate((1, 4), 1):
        hosts.set_up(False)
        host_call.wait_lost(times=times)
        lines = len(host_call.figures(host_call.caller))
        wait_until(
            lambda lines=lines, seconds=seconds: (  # type: ignore[misc]  # its types are inferred
                len(host_call.figures(host_call.caller)) >= lines + seconds
            ),
            "the cable stays out",
        )
        assert host_call.figures(host_call.caller)[-1]["state"] == "reconnecting"
        hosts.set_up(True)
        back = datetime.now(UTC)
        for peer in host_call.peers:
            resumed = peer.wait_event("resumed", times=times)
            assert (at(resumed) - back).total_seconds() < BACK_S + SLACK_S
        host_call.wait_back(times=times, reconnects=None)
    host_call.end()
    # Each time, the call stays on the old link if that is the first to carry a message again.
    reconnects = host_call.caller.find_events("resumed")[-1]["reconnects"]
    for peer in host_call.peers:
        last = host_call.figures(peer)[-1]
        assert (last["state"], last["reconnects"]) == ("ended", reconnects)


def test_call_goes_on_from_another_address_of_the_caller(host_call: Call, hosts: TwoHosts) -> None:
    first = hosts.first
    within = ("ip", "-n", str(first.namespace))
    hosts.set_up(False)
    run(*within, "addr", "del", f"{first.address}/24", "dev", first.device)
    run(*within, "addr", "add", "10.77.0.3/24", "dev", first.device)
    host_call.wait_lost()
    for host in (hosts.second, first):
        run("ip", "-n", str(host.namespace), "link", "set", host.device, "up")
    host_call.wait_back()
    host_call.end()


def test_call_goes_on_at_another_address_of_the_listener(
    start: StartPeer, hosts: TwoHosts, tmp_path: Path
) -> None:
    call = Call(
        start,
        tmp_path,
        lambda listener: str(listener.wait_event("listening")["code"]),
        (hosts.first, hosts.second),
        listener_options=("--set=listen.announce=true",),
    )
    second = hosts.second
    within = ("ip", "-n", str(second.namespace))
    run(*within, "addr", "flush", "dev", second.device)
    run(*within, "addr", "add", "10.77.0.4/24", "dev", second.device)
    call.wait_lost()
    call.wait_back()
    call.end()


def test_listener_that_was_frozen_for_twenty_seconds_is_back(
    start: StartPeer, tmp_path: Path
) -> None:
    call = Call(start, tmp_path)
    call.listener.signal(signal.SIGSTOP)
    call.caller.wait_event("link_lost")
    call.wait_seconds(call.caller, "reconnecting", 19)
    call.listener.signal(signal.SIGCONT)
    call.caller.wait_event("resumed")
    lines = len(call.figures(call.caller))
    wait_until(
        lambda: any(
            line["state"] == "call" and line["video_in_fps"] and line["audio_in_bps"]
            for line in call.figures(call.caller)[lines + 1 :]
        ),
        "pictures and sound arrive again",
    )
    call.end()


@pytest.mark.parametrize(
    "lose",
    [
        lambda relay: relay.reset(),
        lambda relay: relay.reset(listener=False),
        lambda relay: relay.reset(caller=False),
        lambda relay: relay.forget(),
        lambda relay: relay.forget(from_listener=False),
        lambda relay: relay.forget(from_caller=False),
    ],
    ids=["reset", "reset-caller", "reset-listener", "forgotten", "one-way", "other-way"],
)
def test_connection_lost_between_the_ends_is_replaced(
    lose: Callable[[ForgetfulRelay], None],
    start: StartPeer,
    tmp_path: Path,
    relay_to: Callable[[Peer], ForgetfulRelay],
) -> None:
    relays: list[ForgetfulRelay] = []

    def connect(listener: Peer) -> str:
        relays.append(relay_to(listener))
        return f"127.0.0.1:{relays[0].port}"

    call = Call(start, tmp_path, connect)
    accepted = relays[0].accepted  # 1 or 2: a caller whose start takes long connects twice.
    lose(relays[0])
    call.wait_back()
    assert relays[0].accepted > accepted
    call.end()


def test_hanging_up_while_reconnecting_ends_at_once(host_call: Call, hosts: TwoHosts) -> None:
    hosts.set_up(False)
    host_call.wait_lost()
    host_call.caller.type_line("q")
    host_call.listener.type_line("q")
    assert host_call.caller.ends() == 0
    for peer in host_call.peers:
        peer.wait_event("ended", reason="hung_up", exit_status=0)
    host_call.listener.wait_event("waiting", times=2)


def test_caller_learns_at_the_links_return_that_the_listener_has_hung_up(
    host_call: Call, hosts: TwoHosts
) -> None:
    hosts.set_up(False)
    host_call.wait_lost()
    host_call.listener.type_line("q")
    host_call.listener.wait_event("waiting", times=2)
    hosts.set_up(True)
    assert host_call.caller.ends(BACK_S) == 0
    host_call.caller.wait_event("ended", reason="remote_hung_up")
    assert not host_call.caller.find_events("resumed")


def test_listener_learns_that_the_caller_hung_up_while_only_its_link_was_lost(
    start: StartPeer, tmp_path: Path, relay_to: Callable[[Peer], ForgetfulRelay]
) -> None:
    relays: list[ForgetfulRelay] = []

    def connect(listener: Peer) -> str:
        relays.append(relay_to(listener))
        return f"127.0.0.1:{relays[0].port}"

    call = Call(start, tmp_path, connect)
    relays[0].forget()
    call.caller.type_line("q")
    assert call.caller.ends() == 0
    call.caller.wait_event("ended", reason="hung_up")
    call.listener.wait_event("ended", reason="remote_hung_up", exit_status=0)
    call.listener.wait_event("waiting", times=2, limit_s=SLACK_S)


def test_duration_goes_on_while_reconnecting(
    start: StartPeer, hosts: TwoHosts, tmp_path: Path
) -> None:
    call = Call(
        start,
        tmp_path,
        lambda listener: f"{hosts.second.address}:{listener.port}",
        (hosts.first, hosts.second),
        ("--duration=6",),
    )
    hosts.set_up(False)
    call.wait_lost()
    assert call.caller.wait() == 0
    call.caller.wait_event("ended", reason="duration_over")
    assert call.figures(call.caller)[-1]["t_s"] >= 6


def test_peer_whose_program_was_killed_may_replace_its_held_call(
    start: StartPeer, tmp_path: Path
) -> None:
    call = Call(start, tmp_path)
    call.caller.kill()
    call.listener.wait_event("link_lost")
    target = f"127.0.0.1:{call.listener.port}"
    stranger = start("connect", target, environment={"XDG_DATA_HOME": str(tmp_path / "other")})
    assert stranger.wait() == 4
    stranger.wait_event("rejected", reason="busy")
    again = start("connect", target, "--name=Ann", "--duration=1")
    call.listener.wait_event("ended", reason="link_lost", exit_status=5)
    assert again.wait() == 0
    call.listener.wait_event("waiting", times=3)
