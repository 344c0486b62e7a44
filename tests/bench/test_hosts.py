"""bench/hosts.py: commands in hosts, and leftovers of killed runs."""

from bench.hosts import Host, dead_namespaces


def test_only_namespaces_of_ended_runs_are_dead() -> None:
    listing = "vav12x0a (id: 1)\nvav12x0b\nvav34x1a\nother\nvav12x0c\n\n"
    assert dead_namespaces(listing, {34}) == ["vav12x0a", "vav12x0b"]


def test_host_without_a_namespace_is_this_machine() -> None:
    assert Host(None, "lo", "127.0.0.1").command("true", "x") == ["true", "x"]
    inside = Host("vav1x0a", "vv1x0a", "10.77.0.1").command("true")
    assert inside == ["ip", "netns", "exec", "vav1x0a", "true"]
