"""net/link/discovery.py: what others may say, and two hosts that find each other."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from bench.hosts import two_hosts, why_no_hosts
from net.link.discovery import (
    MAX_HOSTS,
    MAX_NAME_CHARACTERS,
    MAX_SERVICES,
    MAX_TAGS_BYTES,
    Advertisement,
    properties_of,
    read_advertisement,
)

ROOT = Path(__file__).resolve().parents[3]
FULL = Advertisement(("10.77.0.1", "fd00::1"), 5000, 7, b"n" * 16, b"t" * 32, "Zoë")


def read(properties: dict[bytes, bytes | None]) -> Advertisement | None:
    return read_advertisement(properties, ["10.0.0.1"], 5000)


def test_what_is_said_is_what_is_heard() -> None:
    heard = read_advertisement(dict(properties_of(FULL)), list(FULL.hosts), FULL.port)
    assert heard == FULL


def test_no_name_and_no_number_are_not_said() -> None:
    bare = Advertisement(("10.77.0.1",), 5000, None, b"n" * 16, b"")
    assert properties_of(bare).keys() == {b"nonce", b"tags"}


def test_nothing_to_try_is_no_listener() -> None:
    assert read_advertisement({}, [], 5000) is None
    assert read_advertisement({}, ["10.0.0.1"], None) is None
    assert read_advertisement({}, ["10.0.0.1"], 0) is None
    assert read_advertisement({}, ["fe80::1"], 5000) is None, "of which network?"


@pytest.mark.parametrize(
    "number", [b"", b"x", b"-1", b"7.0", b"1" * 10, b"\xff", "٧".encode(), b" 7", None]
)
def test_what_is_no_number_is_none(number: bytes | None) -> None:
    found = read({b"n": number})
    assert found is not None
    assert found.number is None


def test_nothing_is_longer_than_it_may_be() -> None:
    found = read_advertisement(
        {b"name": b"x" * 5000, b"nonce": b"x" * 5000, b"tags": b"x" * 5000},
        [f"10.0.0.{number}" for number in range(200)],
        5000,
    )
    assert found is not None
    assert len(found.name) == MAX_NAME_CHARACTERS
    assert len(found.nonce) == 64
    assert len(found.tags) == MAX_TAGS_BYTES
    assert len(found.hosts) == MAX_HOSTS


def test_a_name_that_is_no_text_is_shown_as_well_as_it_goes() -> None:
    found = read({b"name": b"\xff\xfeAnn"})
    assert found is not None
    assert found.name.endswith("Ann")


SAY = """
import sys
sys.path.insert(0, sys.argv[1])
from net.link.discovery import Advertisement, Advertising
for number in (42, 8):
    advertising = Advertising()
    advertising.say(Advertisement(("10.77.0.1",), 5000, number, b"n" * 16, b"t" * 16, "Ann"))
    print("said", flush=True)
    sys.stdin.readline()
    advertising.close()
"""
HEAR = """
import sys, time
sys.path.insert(0, sys.argv[1])
from net.link.discovery import Search
search = Search()
ends = time.monotonic() + 10
while time.monotonic() < ends:
    found = search.next(ends - time.monotonic())
    if found is not None and found.number == int(sys.argv[2]):
        print(found.hosts[0], found.port, found.number, found.name, len(found.tags))
        break
search.close()
"""


SHOUT = """
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
print("shouted", flush=True)
"""
CROWD = 3 * MAX_SERVICES
FIND_IN_CROWD = """
import subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from net.link.discovery import MAX_SERVICES, Search
search = Search()
print("ready", flush=True)
sys.stdin.readline()
heard, numbers = 0, set()
while (found := search.next(1.0)) is not None or heard == 0:
    heard += 1
    if found is not None:
        numbers.add(found.number)
print(heard, sorted(numbers), len(search._seen) <= MAX_SERVICES)
search.close()
"""


def test_who_shouts_hides_nobody_who_speaks_after_it() -> None:
    if (why := why_no_hosts()) is not None:
        pytest.skip(why)
    with two_hosts() as hosts, contextlib.ExitStack() as ends:
        search = subprocess.Popen(
            hosts.second.command(sys.executable, "-c", FIND_IN_CROWD, str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ends.callback(search.communicate)
        ends.callback(search.kill)
        assert search.stdin is not None
        assert search.stdout is not None
        assert search.stdout.readline() == "ready\n"
        subprocess.run(
            hosts.first.command(sys.executable, "-c", SHOUT, str(CROWD)), check=True, timeout=60
        )
        said = subprocess.Popen(
            hosts.first.command(sys.executable, "-c", SAY, str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ends.callback(said.communicate)
        ends.callback(said.kill)
        assert said.stdout is not None
        assert said.stdout.readline() == "said\n"
        search.stdin.write("\n")
        search.stdin.flush()
        heard, rest = search.stdout.readline().split(maxsplit=1)
        assert int(heard) > MAX_SERVICES, "the crowd was heard"
        assert rest == "[7, 42] True\n"


def test_one_host_finds_what_another_says() -> None:
    if (why := why_no_hosts()) is not None:
        pytest.skip(why)
    with two_hosts() as hosts:
        said = subprocess.Popen(
            hosts.first.command(sys.executable, "-c", SAY, str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert said.stdin is not None
        assert said.stdout is not None
        try:
            for number in (42, 8):
                assert said.stdout.readline() == "said\n"
                heard = subprocess.run(
                    hosts.second.command(sys.executable, "-c", HEAR, str(ROOT), str(number)),
                    capture_output=True,
                    text=True,
                    timeout=30,
                )
                assert heard.stderr == ""
                assert heard.stdout == f"10.77.0.1 5000 {number} Ann 16\n"
                said.stdin.write("\n")
                said.stdin.flush()
            assert said.wait(10) == 0
        finally:
            said.kill()
            said.communicate()
