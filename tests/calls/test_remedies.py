"""Remedies of `doctor HOST`, and of the doctor's checks of the network, between two hosts.

Each test breaks the way or the network, follows the doctor's next step, and asks again.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.hosts import Host, TwoHosts, run
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.peer_process import ROOT, StartPeer, wait_until
from tests.support.remedy_terminal import RemedyTerminal, commands_of

HOLD_MDNS = (
    "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 5353));"
    " print('', flush=True); sys.stdin.read()"
)
TAKE = (
    "import socket, sys; listening = socket.create_server(('', 9)); print('ready', flush=True);"
    " taken = [listening.accept() for _ in range(8)]; sys.stdin.read()"
)
SEND = (
    "import socket, sys; all = [socket.create_connection(('10.77.0.2', 9)) for _ in range(8)];"
    " [each.setblocking(False) for each in all]; [each.send(bytes(4_000_000)) for each in all];"
    " print('ready', flush=True); sys.stdin.read()"
)
"""A download over eight connections, since the kernel lets one fill but a part of the queue."""
needs_nft = pytest.mark.skipif(
    shutil.which("nft") is None, reason="needs nft: apt install nftables"
)
CLOSED = (
    "table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n"
    "  iif lo accept\n  ct state established,related accept\n  tcp dport 22 accept\n }\n}\n"
)
DEAF = (
    "table inet filter {\n chain input {\n  type filter hook input priority 0;\n"
    "  udp dport 5353 drop\n }\n}\n"
)


@pytest.fixture
def terminal(hosts: TwoHosts) -> Iterator[RemedyTerminal]:
    """A terminal on the first host."""
    with RemedyTerminal(prefix=hosts.first.command()) as terminal:
        yield terminal


def ip(host: Host, words: str) -> None:
    run("ip", "-n", str(host.namespace), *words.split())


def place_of(hosts: TwoHosts, port: int) -> str:
    return f"{hosts.second.address}:{port}"


# The network of this computer.


def test_network_is_there_once_it_is_connected(hosts: TwoHosts, terminal: RemedyTerminal) -> None:
    ip(hosts.first, f"link set {hosts.first.device} down")
    finding = terminal.examine("network")
    assert finding["mark"] == "wrong"
    assert "Connect it by cable" in finding["next_step"]
    ip(hosts.first, f"link set {hosts.first.device} up")
    wait_until(lambda: terminal.examine("network")["mark"] == "ok", "the network is there")


def test_vpn_that_is_paused_gives_the_route_back(hosts: TwoHosts, terminal: RemedyTerminal) -> None:
    ip(hosts.first, "tuntap add dev wg7 mode tun")
    ip(hosts.first, "addr add 100.64.7.7/32 dev wg7")
    ip(hosts.first, "link set wg7 up")
    ip(hosts.first, "route add default dev wg7")
    finding = terminal.examine("network")
    assert "pause the VPN" in finding["next_step"]
    ip(hosts.first, "link del wg7")
    assert terminal.examine("network")["mark"] == "ok"


def test_program_that_holds_the_port_of_mdns_can_be_ended(
    hosts: TwoHosts, terminal: RemedyTerminal
) -> None:
    with subprocess.Popen(
        hosts.first.command(sys.executable, "-c", HOLD_MDNS),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            finding = terminal.examine("mdns")
            assert finding["mark"] == "wrong"
            terminal.follow(finding)
            holder.wait(10)
        finally:
            holder.kill()
    assert terminal.examine("mdns")["mark"] == "ok"


@needs_nft
@pytest.mark.parametrize(("check", "rules"), [("firewall", CLOSED), ("mdns", DEAF)])
def test_rule_of_nftables_opens_the_port(
    terminal: RemedyTerminal, check: str, rules: str, tmp_path: Path
) -> None:
    file = tmp_path / "rules"
    file.write_text(rules)
    terminal.enter(f"nft -f {file}")
    finding = terminal.examine(check)
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert terminal.examine(check)["mark"] == "ok"


# The way to a listener.


def test_route_is_there_once_the_network_is_the_same(
    hosts: TwoHosts, terminal: RemedyTerminal, start: StartPeer
) -> None:
    place = place_of(hosts, start("listen", prefix=hosts.second.command()).port)
    ip(hosts.first, f"link set {hosts.first.device} down")
    finding = terminal.examine_way(place, "route")
    assert "Connect it to the same network" in finding["next_step"]
    ip(hosts.first, f"link set {hosts.first.device} up")
    assert terminal.examine_way(place, "version")["mark"] == "ok"


def test_listener_can_be_started_there(hosts: TwoHosts, terminal: RemedyTerminal) -> None:
    finding = terminal.examine_way(place_of(hosts, 5000), "port")
    assert finding["mark"] == "wrong"
    command = commands_of(finding)[0]
    with RemedyTerminal(prefix=hosts.second.command()) as there:
        # There as README says: in the folder of the program.
        options = "--headless --camera none --mic none --speaker none"
        there.enter(f"out=$PWD/out; cd {ROOT}; {command} {options} >$out 2>&1 &")
        out = there.folder / "out"
        wait_until(lambda: "Listening on" in out.read_text(), f"{command} listens")
        assert terminal.examine_way(place_of(hosts, 5000), "version")["mark"] == "ok"
        there.enter("kill $!; wait", status=None)


def test_interface_gets_packets_that_pass(
    hosts: TwoHosts, terminal: RemedyTerminal, start: StartPeer
) -> None:
    near, far = hosts.first, hosts.second
    place = place_of(hosts, start("listen", prefix=far.command()).port)
    ip(near, f"link set {near.device} gso_max_segs 1")
    # It takes packets of 1280 bytes, but tells others that larger ones are welcome.
    ip(far, f"link set {far.device} mtu 1280")
    ip(far, f"route replace 10.77.0.0/24 dev {far.device} src {far.address} advmss 1460")
    finding = terminal.examine_way(place, "mtu")
    assert finding["mark"] == "warning"
    terminal.follow(finding)
    assert terminal.examine_way(place, "mtu")["mark"] == "ok"


def test_code_makes_the_new_key_of_a_known_peer_known(start: StartPeer, tmp_path: Path) -> None:
    listener = start(
        *("listen", "--set=listen.open=false", "--accept", "--name=Bob"),
        environment={"XDG_DATA_HOME": str(tmp_path / "bob")},
    )
    with RemedyTerminal() as terminal:
        folder = terminal.folder / "data" / "vis-a-vis"
        load_or_make_identity(folder)
        details = PeerDetails("Bob", "127.0.0.1", listener.port, b"", was_reached=True)
        KnownPeers(folder / KNOWN_PEERS_FILE).remember(b"b" * 32, details)
        finding = terminal.examine_way("Bob", "tls")
        assert finding["mark"] == "wrong"
        assert "call with a code from Bob" in finding["next_step"]
        terminal.follow(finding)
        code = listener.wait_event("listening")["code"]
        caller = start(
            *("connect", f"127.0.0.1:{listener.port}", f"--code={code}", "--duration=1"),
            environment={"XDG_DATA_HOME": str(terminal.folder / "data")},
        )
        assert caller.wait() == 0
        assert terminal.examine_way("Bob", "tls")["mark"] == "ok"


def test_answers_are_quick_again_once_a_download_has_ended(
    hosts: TwoHosts, terminal: RemedyTerminal, start: StartPeer
) -> None:
    place = place_of(hosts, start("listen", prefix=hosts.second.command()).port)
    hosts.limit(1_000_000, 1000)
    with ExitStack() as stack:
        for host, program in ((hosts.second, TAKE), (hosts.first, SEND)):
            busy = subprocess.Popen(
                host.command(sys.executable, "-c", program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            stack.enter_context(busy)
            stack.callback(busy.kill)
            assert busy.stdout is not None
            assert busy.stdout.readline() == b"ready\n"
        finding = terminal.examine_way(place, "round_trip")
        assert finding["mark"] == "warning", finding
        assert "end downloads" in finding["next_step"]
    wait_until(
        lambda: terminal.examine_way(place, "round_trip")["mark"] == "ok", "the queue is empty"
    )
