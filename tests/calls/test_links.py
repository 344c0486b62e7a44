"""Calls over slow or long links: pictures keep coming, and their latency does not grow."""

import statistics
from typing import Any

from bench.hosts import TwoHosts
from tests.support.peer_process import StartPeer, read_statistics

Line = dict[str, Any]

MORE_MS = 400.0
"""The latency may grow by this from the first to the last seconds: one full queue of the link."""


def hold_call(
    start: StartPeer, hosts: TwoHosts, duration_s: int, *options: str
) -> tuple[list[Line], list[Line]]:
    """Hold a call, and return the statistics of its whole seconds at both ends."""
    listener = start(
        *("listen", "--accept", "--once", "--stats=-", *options), prefix=hosts.second.command()
    )
    caller = start(
        *("connect", f"{hosts.second.address}:{listener.port}", "--stats=-", *options),
        f"--duration={duration_s}.5",
        prefix=hosts.first.command(),
    )
    assert caller.wait() == 0
    assert listener.wait() == 0
    ends = caller.out, listener.out.partition("\n")[2]
    first, second = (read_statistics(text)[:-1] for text in ends)
    return first, second


def latency_ms(lines: list[Line]) -> float:
    """Return the median of the seconds' 95th percentiles."""
    known: list[float] = [line["video_in_latency_p95_ms"] for line in lines]
    assert None not in known, known
    return statistics.median(known)


def test_latency_does_not_grow_on_a_slow_link_with_a_long_queue(
    start: StartPeer, hosts: TwoHosts
) -> None:
    hosts.limit(4_000_000, 400)
    # The setting allows five times the capacity of the link.
    size = ("--set=video.width_px=1280", "--set=video.height_px=720", "--set=video.codec=mjpeg")
    ends = hold_call(start, hosts, 10, *size, "--set=video.bitrate_bps=20000000")
    for lines in ends:
        assert len(lines) >= 8
        for line in lines[1:]:
            assert line["video_in_fps"] > 0, line
        assert latency_ms(lines[-3:]) < latency_ms(lines[1:4]) + MORE_MS
        assert lines[-2]["target_bps"] < 4_000_000


def test_frame_rate_stays_full_on_a_link_fast_enough_for_h264(
    start: StartPeer, hosts: TwoHosts
) -> None:
    hosts.limit(4_000_000, 400)
    size = ("--set=video.width_px=1280", "--set=video.height_px=720")
    for lines in hold_call(start, hosts, 5, *size, "--set=video.frame_rate_hz=30"):
        assert statistics.median(line["video_in_fps"] for line in lines[1:]) >= 20
        assert latency_ms(lines[-2:]) < latency_ms(lines[1:3]) + MORE_MS


def test_frame_rate_stays_nearly_full_at_a_round_trip_of_100_ms(
    start: StartPeer, distant_hosts: TwoHosts
) -> None:
    for lines in hold_call(start, distant_hosts, 5, "--set=video.frame_rate_hz=30"):
        assert statistics.median(line["video_in_fps"] for line in lines[1:]) >= 20
        assert lines[-1]["rtt_ms"] >= 100
        assert lines[-1]["video_in_latency_p50_ms"] >= 40


def test_congestion_control_follows_the_setting(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once", "-v")
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "-v"),
        "--set=call.congestion_control=system",
    )
    for peer in (listener, caller):
        peer.wait_event("first_picture")
    caller.type_line("q")
    assert (caller.wait(), listener.wait()) == (0, 0)
    assert "TCP is controlled by" in listener.said
    assert "TCP is controlled by" not in caller.said
