"""Calls in the network laboratory: paths that a plain link between two hosts cannot be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.lab_network import network_lab, why_no_lab
from bench.link_profiles import PROFILES
from tests.support.peer_process import Peer, StartPeer, read_statistics, wait_until

HD = ("--set=video.width_px=1280", "--set=video.height_px=720", "--set=video.frame_rate_hz=30")
Figures = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _needs_lab() -> None:
    why = why_no_lab()
    if why is not None:
        pytest.skip(why)


@contextmanager
def call_in(
    profile: str, start: StartPeer, folder: Path
) -> Iterator[tuple[tuple[Peer, Peer], Callable[[], Figures]]]:
    """Hold a call on a simulated network; yield caller and listener, and the caller's figures."""
    figures = folder / "figures"
    with network_lab(PROFILES[profile]) as lab:
        caller_host, listener_host = lab.hosts.first, lab.hosts.second
        listener = start("listen", "--accept", "--name=Bob", *HD, prefix=listener_host.command())
        caller = start(
            "connect",
            f"{listener_host.address}:{listener.port}",
            "--name=Ann",
            *HD,
            f"--stats={figures}",
            prefix=caller_host.command(),
        )

        def read() -> Figures:
            text = figures.read_text("utf-8")
            return read_statistics(text[: text.rfind("\n") + 1])

        yield (caller, listener), read
        caller.type_line("q")
        assert caller.wait() == 0


def test_path_that_loses_large_packets_carries_a_call(start: StartPeer, tmp_path: Path) -> None:
    with call_in("no-large-packets", start, tmp_path) as (peers, read):
        for peer in peers:
            peer.wait_event("first_picture")
        wait_until(
            lambda: any(line["video_in_fps"] > 15 for line in read()), "pictures flow to the caller"
        )


def test_slow_link_gets_a_smaller_picture_at_a_rate_below_its_own(
    start: StartPeer, tmp_path: Path
) -> None:
    with call_in("0.3mbit", start, tmp_path) as (peers, read):
        for peer in peers:
            peer.wait_event("first_picture")

        def has_adapted() -> bool:
            newest = read()[-1:]
            return bool(newest) and (
                newest[0]["target_bps"] < 300_000
                and newest[0]["video_out_width"] <= 640
                and newest[0]["limited_by"] == "link"
            )

        wait_until(has_adapted, "the rate and the size fit the link")
