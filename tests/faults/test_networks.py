"""Networks that lack something: IPv4, multicast, one of two cards, room in their packets."""

from bench.hosts import Host, TwoHosts, run
from tests.support.peer_process import Peer, StartPeer, wait_until

SECOND_CARD = ("10.78.0.1/24", "10.78.0.2/24")
ANNOUNCED = ("--set=listen.announce=true", "--set=listen.open=false", "--name=Bob")


def ip(host: Host, words: str) -> str:
    """Run `ip` in a host."""
    return run("ip", "-n", str(host.namespace), *words.split())


def add_card(hosts: TwoHosts) -> tuple[str, str]:
    """Join the hosts by a second pair of cards, and return the names of the devices."""
    names = (f"{hosts.first.device}2"[-15:], f"{hosts.second.device}2"[-15:])
    run(
        *("ip", "link", "add", names[0], "netns", str(hosts.first.namespace), "type", "veth"),
        *("peer", "name", names[1], "netns", str(hosts.second.namespace)),
    )
    both = zip((hosts.first, hosts.second), names, SECOND_CARD, strict=True)
    for host, name, address in both:
        ip(host, f"addr add {address} dev {name}")
        ip(host, f"link set {name} up")
    return names


def call_by_code(start: StartPeer, hosts: TwoHosts) -> tuple[Peer, Peer]:
    """Start a listener on the second host and call it from the first by its code alone."""
    listener = start("listen", "--accept", *ANNOUNCED, prefix=hosts.second.command())
    code = str(listener.wait_event("listening")["code"])
    caller = start("connect", code, prefix=hosts.first.command())
    for peer in (listener, caller):
        peer.wait_event("first_picture")
    return listener, caller


def hang_up(caller: Peer, listener: Peer) -> None:
    caller.type_line("q")
    assert caller.wait() == 0
    listener.wait_event("ended", reason="remote_hung_up")


def test_code_is_found_where_there_is_only_ipv6(start: StartPeer, hosts: TwoHosts) -> None:
    for host in (hosts.first, hosts.second):
        ip(host, f"addr flush dev {host.device}")
        run(*host.command("sysctl", "-qw", f"net.ipv6.conf.{host.device}.accept_dad=0"))
        ip(host, f"link set {host.device} down")
    for host, address in ((hosts.first, "fd77::1"), (hosts.second, "fd77::2")):
        ip(host, f"link set {host.device} up")
        ip(host, f"addr add {address}/64 dev {host.device} nodad")
    both = (hosts.first, hosts.second)
    wait_until(lambda: all("inet6 fe80" in ip(each, "-o addr") for each in both), "IPv6 is up")
    listener, caller = call_by_code(start, hosts)
    assert listener.out == f"Listening on [fd77::2]:{listener.port}\n"
    hang_up(caller, listener)


def test_vpn_that_swallows_everything_hides_no_listener_of_the_own_network(
    start: StartPeer, hosts: TwoHosts
) -> None:
    for host, address in ((hosts.first, "100.64.7.7"), (hosts.second, "100.64.7.8")):
        ip(host, "tuntap add dev tun7 mode tun")
        ip(host, f"addr add {address}/32 dev tun7")
        ip(host, "link set tun7 up multicast on")
        ip(host, "route add default dev tun7")
        ip(host, "route add 224.0.0.0/4 dev tun7")
    listener, caller = call_by_code(start, hosts)
    hang_up(caller, listener)


def test_network_without_multicast_finds_no_code_and_the_typed_address_works(
    start: StartPeer, hosts: TwoHosts
) -> None:
    # The kernel then delivers no multicast, without a word to the program.
    run(*hosts.first.command("sysctl", "-qw", "net.ipv4.igmp_max_memberships=0"))
    run(*hosts.second.command("sysctl", "-qw", "net.ipv4.igmp_max_memberships=0"))
    listener = start("listen", "--accept", *ANNOUNCED, prefix=hosts.second.command())
    code = str(listener.wait_event("listening")["code"])
    lost = start("connect", code, prefix=hosts.first.command())
    assert lost.ends_without_call() == 3
    lost.wait_event("ended", reason="not_found")
    found = start(
        *("connect", f"{hosts.second.address}:{listener.port}", f"--code={code}"),
        "--duration=0.3",
        prefix=hosts.first.command(),
    )
    assert found.wait() == 0


def test_call_moves_to_the_second_card_when_the_first_is_unplugged(
    start: StartPeer, hosts: TwoHosts
) -> None:
    added = add_card(hosts)
    listener, caller = call_by_code(start, hosts)
    used = caller.wait_event("ringing")["address"]
    names = added
    if used == hosts.second.address:
        names = (hosts.first.device, hosts.second.device)
    for host, name in zip((hosts.first, hosts.second), names, strict=True):
        ip(host, f"link set {name} down")
    for peer in (caller, listener):
        peer.wait_event("link_lost")
        peer.wait_event("resumed")
    hang_up(caller, listener)


def test_caller_without_a_network_learns_why(start: StartPeer, hosts: TwoHosts) -> None:
    ip(hosts.first, f"link set {hosts.first.device} down")
    by_code = start("connect", "7-otter-lamp", prefix=hosts.first.command())
    by_address = start("connect", "10.77.0.2", prefix=hosts.first.command())
    for caller, said in (
        (by_address, "This computer is not on the network of 10.77.0.2. Connect this computer"),
        (by_code, "Nobody with the number 7 listens on this computer, which is on no network"),
    ):
        assert caller.ends_without_call() == 3
        assert said in caller.said


def test_packets_of_1280_bytes_carry_a_call(start: StartPeer, hosts: TwoHosts) -> None:
    for host in (hosts.first, hosts.second):
        ip(host, f"link set {host.device} mtu 1280")
    listener = start("listen", "--accept", prefix=hosts.second.command())
    caller = start(
        *("connect", f"{hosts.second.address}:{listener.port}", "--mic=tone"),
        *("--set=video.width_px=1280", "--set=video.height_px=720"),
        prefix=hosts.first.command(),
    )
    for peer in (listener, caller):
        peer.wait_event("first_picture")
    hang_up(caller, listener)
