"""Claims about net/link/discovery.py: two hosts find each other by mDNS over a veth pair."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hosts import Host, TwoHosts, run, two_hosts, why_no_hosts
from net.link.advertisement import MAX_SEEN
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parents[3]
ANNOUNCE = """
import sys
sys.path.insert(0, sys.argv[1])
from net.link.advertisement import Advertisement
from net.link.discovery import Advertising
for number in (42, 8):
    advertising = Advertising(
        Advertisement((sys.argv[2],), 5000, number, b"n" * 16, b"t" * 16, "Ann")
    )
    print("announced", flush=True)
    sys.stdin.readline()
    advertising.close()
"""
SEARCH = """
import sys, time
sys.path.insert(0, sys.argv[1])
from net.link.discovery import Search
search = Search()
ends = time.monotonic() + float(sys.argv[3])
while time.monotonic() < ends:
    found = search.next(ends - time.monotonic())
    if found is not None and found.number == int(sys.argv[2]):
        print(found.hosts[0], found.port, found.number, found.name, len(found.tags))
        break
search.close()
"""
FLOOD = """
import secrets, sys
from zeroconf import IPVersion, ServiceInfo, Zeroconf, DNSOutgoing, const
zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
for count in range(int(sys.argv[1])):
    name = secrets.token_hex(8)
    info = ServiceInfo(
        "_visavis._tcp.local.", f"{name}._visavis._tcp.local.", 5000, properties={"n": "7"},
        server=f"{name}.local.", parsed_addresses=["10.77.0.1"],
    )
    out = DNSOutgoing(const._FLAGS_QR_RESPONSE | const._FLAGS_AA)
    for record in (info.dns_pointer(), info.dns_service(), info.dns_text(), *info.dns_addresses()):
        out.add_answer_at_time(record, 0)
    zeroconf.send(out)
zeroconf.close()
"""
SEARCH_ALL = """
import sys
sys.path.insert(0, sys.argv[1])
from net.link.discovery import Search
search = Search()
print("ready", flush=True)
sys.stdin.readline()
heard, numbers = 0, set()
while (found := search.next(1.0)) is not None or heard == 0:
    heard += 1
    if found is not None:
        numbers.add(found.number)
print(heard, sorted(numbers), flush=True)
search.close()
"""


@pytest.fixture
def hosts() -> Iterator[TwoHosts]:
    """Return two hosts with a link between them."""
    if (why := why_no_hosts()) is not None:
        pytest.skip(why)
    with two_hosts() as made:
        yield made


class Program:
    """A script that runs on a host and continues when it reads a line."""

    def __init__(self, host: Host, script: str, *words: str) -> None:
        self._process = subprocess.Popen(
            host.command(sys.executable, "-c", script, str(ROOT), *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def next_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def resume(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        return self._process.wait(DEADLINE_S)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def running(host: Host, script: str, *words: str) -> Iterator[Program]:
    """Run a script, and always end it."""
    with contextlib.closing(Program(host, script, *words)) as program:
        yield program


def search_for(host: Host, number: int, limit_s: float = 10.0) -> str:
    """Return what a search on a host prints about the listener with a number."""
    done = subprocess.run(
        host.command(sys.executable, "-c", SEARCH, str(ROOT), str(number), str(limit_s)),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.stderr == ""
    return done.stdout


def test_search_finds_each_announcement_of_another_host(hosts: TwoHosts) -> None:
    with running(hosts.first, ANNOUNCE, "10.77.0.1") as announcer:
        for number in (42, 8):
            assert announcer.next_line() == "announced\n"
            assert search_for(hosts.second, number) == f"10.77.0.1 5000 {number} Ann 16\n"
            announcer.resume()
        assert announcer.wait() == 0


def test_announcement_works_with_ipv6_only(hosts: TwoHosts) -> None:
    for host, address in ((hosts.first, "fd77::1"), (hosts.second, "fd77::2")):
        in_host = ("ip", "-n", str(host.namespace))
        run(*in_host, "addr", "flush", "dev", host.device)
        run(*host.command("sysctl", "-qw", f"net.ipv6.conf.{host.device}.accept_dad=0"))
        run(*in_host, "link", "set", host.device, "down")
        run(*in_host, "link", "set", host.device, "up")
        run(*in_host, "addr", "add", f"{address}/64", "dev", host.device, "nodad")
    for host in (hosts.first, hosts.second):
        ends_s = time.monotonic() + DEADLINE_S
        while "inet6 fe80" not in run("ip", "-n", str(host.namespace), "-o", "addr"):
            assert time.monotonic() < ends_s, "the link has no IPv6"
            time.sleep(0.05)
    with running(hosts.first, ANNOUNCE, "fd77::1") as announcer:
        assert announcer.next_line() == "announced\n"
        assert search_for(hosts.second, 42) == "fd77::1 5000 42 Ann 16\n"


def test_loopback_address_is_announced_on_this_computer_only(hosts: TwoHosts) -> None:
    with running(hosts.first, ANNOUNCE, "127.0.0.1") as announcer:
        assert announcer.next_line() == "announced\n"
        assert search_for(hosts.first, 42) == "127.0.0.1 5000 42 Ann 16\n"
        assert search_for(hosts.second, 42, 1.5) == ""


def test_flood_does_not_hide_a_later_listener(hosts: TwoHosts) -> None:
    with running(hosts.second, SEARCH_ALL) as search:
        assert search.next_line() == "ready\n"
        subprocess.run(
            hosts.first.command(sys.executable, "-c", FLOOD, str(3 * MAX_SEEN)),
            check=True,
            timeout=DEADLINE_S,
        )
        with running(hosts.first, ANNOUNCE, "10.77.0.1") as announcer:
            assert announcer.next_line() == "announced\n"
            search.resume()
            heard, rest = search.next_line().split(maxsplit=1)
    assert int(heard) > MAX_SEEN, "the flood did not arrive"
    assert rest == "[7, 42]\n"
