"""`doctor HOST`: the way to a listener, with one thing of it broken at a time."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.hosts import TwoHosts, run
from bench.lab_network import network_lab, why_no_lab
from bench.link_profiles import delay_profile
from net.trust.identity import load_or_make_identity
from tests.support.code_listener import CodeListener
from tests.support.doctor_way import NAMES, Findings, examine, marks, remember
from tests.support.peer_process import Peer, StartPeer
from tests.support.raw_peer import dial


def test_way_to_a_listener_is_fine_and_does_not_ring(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen")
    findings = examine(f"127.0.0.1:{listener.port}", tmp_path / "own", status=0)
    assert marks(findings) == dict.fromkeys(NAMES, "ok")
    assert "this computer itself" in findings["route"]["sentence"]
    assert findings["mtu"]["figures"]["mtu_bytes"] > 1500
    assert findings["round_trip"]["figures"]["rtt_ms"] < 100
    assert listener.find_events("ringing") == []
    assert listener.find_events("rejected", reason="protocol_error") == []


def test_listener_in_a_call_is_examined_without_harm(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen", "--accept")
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.call("Raw")
        listener.wait_call()
        assert "version" in examine(f"127.0.0.1:{listener.port}", tmp_path / "own", status=0)
        caller.hang_up()
    listener.wait_event("ended")
    assert listener.is_running


def test_settings_with_an_error_are_wrong_and_the_way_is_checked_all_the_same(
    start: StartPeer, tmp_path: Path
) -> None:
    listener = start("listen")
    place = f"127.0.0.1:{listener.port}"
    findings = examine(place, tmp_path / "own", status=1, options=("--set", "video.bitrate_bps=1"))
    assert marks(findings) == {"settings": "wrong"} | dict.fromkeys(NAMES, "ok")
    assert "video.bitrate_bps" in findings["settings"]["sentence"]


def test_unknown_name_is_wrong(tmp_path: Path) -> None:
    findings = examine("nowhere.invalid", tmp_path, status=1)
    assert marks(findings) == {"name": "wrong"}
    assert "nowhere.invalid" in findings["name"]["sentence"]
    assert findings["name"]["next_step"]


def test_name_is_told_with_its_addresses(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen")
    findings = examine(f"localhost:{listener.port}", tmp_path / "own", status=0)
    assert "127.0.0.1" in findings["name"]["sentence"]


def test_unknown_code_is_wrong(tmp_path: Path) -> None:
    findings = examine("987654-rabbit-lamp", tmp_path, status=1)
    assert marks(findings) == {"name": "wrong"}
    assert "987654" in findings["name"]["sentence"]


def test_code_is_found_without_a_guess(start: StartPeer, tmp_path: Path) -> None:
    codes = CodeListener(start, tmp_path)
    announced = codes.listen("--set=listen.announce=true")
    findings = examine(codes.code_of(announced), tmp_path / "own", status=0)
    assert marks(findings) == dict.fromkeys(NAMES, "ok")
    assert announced.find_events("rejected", reason="wrong_code") == []


def test_port_without_a_listener_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    findings = examine(f"127.0.0.1:{port}", tmp_path, status=1)
    assert marks(findings) == {"name": "ok", "route": "ok", "port": "wrong"}
    assert "listen" in findings["port"]["next_step"]


def test_other_program_on_the_port_is_named(tmp_path: Path) -> None:
    web = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    with subprocess.Popen(web, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().split(" port ")[1].split()[0]
            findings = examine(f"127.0.0.1:{port}", tmp_path, status=1)
        finally:
            server.kill()
    assert findings["tls"]["mark"] == "wrong"
    assert "plain text" in findings["tls"]["sentence"]
    assert findings["tls"]["next_step"]


def test_program_that_says_nothing_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        findings = examine(f"127.0.0.1:{server.getsockname()[1]}", tmp_path, status=1)
    assert findings["tls"]["mark"] == "wrong"
    assert findings["tls"]["next_step"]


def test_known_peer_is_recognized_by_its_key(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen", environment={"XDG_DATA_HOME": str(tmp_path / "bob")})
    port = listener.port
    bob = load_or_make_identity(tmp_path / "bob" / "vis-a-vis")
    remember(tmp_path / "own", bob.fingerprint, "Bob", port)
    findings = examine("Bob", tmp_path / "own", status=0)
    assert "Bob's" in findings["tls"]["sentence"]


def test_other_key_than_the_known_one_is_wrong(start: StartPeer, tmp_path: Path) -> None:
    listener = start("listen", environment={"XDG_DATA_HOME": str(tmp_path / "mallory")})
    remember(tmp_path / "own", b"b" * 32, "Bob", listener.port)
    findings = examine("Bob", tmp_path / "own", status=1)
    assert findings["tls"]["mark"] == "wrong"
    assert "not Bob's" in findings["tls"]["sentence"]
    assert "code" in findings["tls"]["next_step"]


def listen_on(hosts: TwoHosts, start: StartPeer) -> Peer:
    listener = start("listen", prefix=hosts.second.command())
    assert listener.port
    return listener


def examine_from(hosts: TwoHosts, port: int, folder: Path, status: int) -> Findings:
    place = f"{hosts.second.address}:{port}"
    return examine(place, folder, prefix=hosts.first.command(), status=status)


def test_way_through_a_network_names_interface_and_packet_size(
    hosts: TwoHosts, start: StartPeer, tmp_path: Path
) -> None:
    port = listen_on(hosts, start).port
    findings = examine_from(hosts, port, tmp_path / "own", 0)
    assert marks(findings) == dict.fromkeys(NAMES, "ok")
    assert hosts.first.device in findings["route"]["sentence"]
    assert findings["mtu"]["figures"]["mtu_bytes"] == 1500


def test_missing_route_is_wrong(hosts: TwoHosts, tmp_path: Path) -> None:
    run("ip", "-n", str(hosts.first.namespace), "link", "set", hosts.first.device, "down")
    findings = examine_from(hosts, 5000, tmp_path, 1)
    assert findings["route"]["mark"] == "wrong"


def test_small_packets_of_the_own_interface_are_told(
    hosts: TwoHosts, start: StartPeer, tmp_path: Path
) -> None:
    port = listen_on(hosts, start).port
    run("ip", "-n", str(hosts.first.namespace), "link", "set", hosts.first.device, "mtu", "1280")
    findings = examine_from(hosts, port, tmp_path / "own", 0)
    assert findings["mtu"]["figures"]["mtu_bytes"] == 1280


def test_path_that_loses_large_packets_without_a_word_is_named(
    hosts: TwoHosts, start: StartPeer, tmp_path: Path
) -> None:
    port = listen_on(hosts, start).port
    far = hosts.second
    within = ("ip", "-n", str(far.namespace))
    # Otherwise the kernel hands over a whole burst at once, which no limit applies to.
    near = hosts.first
    run("ip", "-n", str(near.namespace), "link", "set", near.device, "gso_max_segs", "1")
    # It takes packets of 1280 bytes, but tells others that larger ones are welcome.
    run(*within, "link", "set", far.device, "mtu", "1280")
    run(*within, "route", "replace", "10.77.0.0/24", "dev", far.device, "src", far.address,
        "advmss", "1460")  # fmt: skip  # a command on two lines
    findings = examine_from(hosts, port, tmp_path / "own", 0)
    assert marks(findings) == dict.fromkeys(NAMES, "ok") | {"mtu": "warning"}
    assert "large packets" in findings["mtu"]["sentence"]


@pytest.mark.skipif(why_no_lab() is not None, reason=str(why_no_lab()))
def test_slow_answers_are_a_warning(start: StartPeer, tmp_path: Path) -> None:
    with network_lab(delay_profile(120)) as lab:
        port = listen_on(lab.hosts, start).port
        findings = examine_from(lab.hosts, port, tmp_path / "own", 0)
    assert findings["round_trip"]["mark"] == "warning"
    assert 220 <= findings["round_trip"]["figures"]["rtt_ms"] <= 400
