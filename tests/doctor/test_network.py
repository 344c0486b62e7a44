"""doctor/network.py in network namespaces: no network, several, a VPN, and mDNS that is blocked."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET

import pytest

from bench.hosts import run, two_hosts, why_no_hosts
from doctor.finding import Mark
from doctor.network import check_networks, is_vpn
from net.link.local_addresses import LocalAddress
from tests.support.deadline import DEADLINE_S

pytestmark = pytest.mark.skipif(why_no_hosts() is not None, reason=str(why_no_hosts()))

ROOT = Path(__file__).resolve().parents[2]
CHECK = (
    "import json, sys; from doctor import network; from net.link.local_addresses import"
    " local_addresses; [f] = getattr(network, sys.argv[1])(local_addresses());"
    " print(json.dumps([f.mark, f.sentence, f.next_step]))"
)
HOLD_MDNS = (
    "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 5353));"
    " print('', flush=True); sys.stdin.read()"
)


class Namespace:
    """A computer with one network card, which tests may change."""

    def __init__(self, name: str, device: str) -> None:
        self.name = name
        self.device = device

    def ip(self, words: str) -> None:
        run("ip", "-n", self.name, *words.split())

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *words]

    def check(self, function: str) -> tuple[Mark, str, str]:
        """Run a check there; return its mark, its sentence and its next step."""
        done = subprocess.run(
            self.command(sys.executable, "-c", CHECK, function),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        assert done.returncode == 0, done.stderr
        mark, sentence, next_step = json.loads(done.stdout)
        return Mark(mark), sentence, next_step


@pytest.fixture
def computer() -> Iterator[Namespace]:
    with two_hosts() as hosts:
        host = hosts.first
        # Waiting for its IPv6 address to be checked would take two seconds.
        run("ip", "-n", str(host.namespace), *f"addr flush dev {host.device} scope link".split())
        yield Namespace(str(host.namespace), host.device)


def test_computer_on_one_network_is_fine(computer: Namespace) -> None:
    mark, sentence, _ = computer.check("check_networks")
    assert mark is Mark.OK
    assert "10.77.0.1" in sentence
    assert computer.device in sentence


def test_computer_without_a_network_is_wrong(computer: Namespace) -> None:
    computer.ip(f"link set {computer.device} down")
    mark, sentence, next_step = computer.check("check_networks")
    assert mark is Mark.WRONG
    assert "no network" in sentence
    assert "Wi-Fi" in next_step
    mark, _, _ = computer.check("check_mdns")
    assert mark is Mark.WARNING


def test_network_without_a_router_is_named() -> None:
    [finding] = check_networks([LocalAddress("169.254.7.7", "eth0", AF_INET)])
    assert finding.mark is Mark.WARNING
    assert "169.254.7.7" in finding.sentence


def test_second_network_is_named(computer: Namespace) -> None:
    computer.ip("link add wlan7 type veth peer name wlan8")
    computer.ip("addr add 192.168.9.7/24 dev wlan7")
    for device in ("wlan7", "wlan8"):
        computer.ip(f"link set {device} up addrgenmode none")
    mark, sentence, _ = computer.check("check_networks")
    assert mark is Mark.WARNING
    assert "192.168.9.7 (wlan7)" in sentence
    assert "10.77.0.1" in sentence


def test_vpn_that_takes_the_route_is_named(computer: Namespace) -> None:
    computer.ip("tuntap add dev tun7 mode tun")
    computer.ip("addr add 100.64.7.7/32 dev tun7")
    computer.ip("link set tun7 up")
    computer.ip("route add default dev tun7")
    mark, sentence, next_step = computer.check("check_networks")
    assert mark is Mark.WARNING
    assert "tun7" in sentence
    assert "VPN" in next_step
    # As the remedy says.
    computer.ip("link del tun7")
    assert computer.check("check_networks")[0] is Mark.OK


@pytest.mark.parametrize(
    ("interface", "expected"),
    [("tun0", True), ("wg0", True), ("utun4", True), ("tailscale0", True), ("eth0", False)],
)
def test_vpn_is_recognized_by_its_interface(interface: str, expected: bool) -> None:
    assert is_vpn(interface) is expected


def test_mdns_that_works_is_fine(computer: Namespace) -> None:
    mark, sentence, _ = computer.check("check_mdns")
    assert mark is Mark.OK, sentence


def test_program_that_holds_the_port_of_mdns_is_named(computer: Namespace) -> None:
    with subprocess.Popen(
        computer.command(sys.executable, "-c", HOLD_MDNS),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            mark, sentence, next_step = computer.check("check_mdns")
        finally:
            holder.kill()
    assert mark is Mark.WRONG
    assert f"(process {holder.pid})" in sentence
    assert f"`kill {holder.pid}`" in next_step


def test_multicast_that_does_not_arrive_is_noticed(computer: Namespace) -> None:
    # The kernel then delivers no multicast, without a word to the program.
    set_memberships = "net.ipv4.igmp_max_memberships={}"
    run(*computer.command("sysctl", "-w", set_memberships.format(0)))
    mark, sentence, next_step = computer.check("check_mdns")
    assert mark is Mark.WRONG, sentence
    assert "5353" in next_step
    run(*computer.command("sysctl", "-w", set_memberships.format(20)))
    assert computer.check("check_mdns")[0] is Mark.OK
