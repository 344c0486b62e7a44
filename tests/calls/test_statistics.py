"""The statistics file of a call: its lines, keys and values."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.peer_process import Peer, StartPeer, read_statistics, wait_until

Call = Callable[..., tuple[Peer, Peer]]
Line = dict[str, Any]

OWN_DEVICES = ("camera", "microphone", "loudspeaker")
DEVICES = {*OWN_DEVICES, "remote_picture", "remote_sound"}
TEXTS = {"state", "peer", "video_out_codec", "video_in_codec", "limited_by"} | DEVICES
WHOLE = {
    "reconnects",
    "target_bps",
    "rss_bytes",
    "segments_resent",
    "segments_sent",
    "threads",
    "video_out_width",
    "video_out_height",
    "video_out_skipped",
    "video_in_width",
    "video_in_height",
    "audio_in_underruns",
}
FRACTIONS = {
    "t_s",
    "rtt_ms",
    "clock_error_ms",
    "queue_delay_ms",
    "cpu_percent",
    "video_out_fps",
    "video_out_bps",
    "encode_ms",
    "video_in_fps",
    "video_in_bps",
    "video_in_latency_p50_ms",
    "video_in_latency_p95_ms",
    "video_in_latency_max_ms",
    "video_in_longest_gap_ms",
    "decode_ms",
    "audio_out_bps",
    "audio_in_bps",
    "audio_in_concealed_ms",
}
UNKNOWN_WITHOUT_WINDOW = {"video_shown_latency_p50_ms", "video_shown_latency_p95_ms"}
UNKNOWN_WITHOUT_SOUND = {
    "audio_in_latency_ms",
    "playout_delay_ms",
    "lip_sync_ms",
    "echo_return_loss_db",
    "microphone_dbfs",
}
KEYS = TEXTS | WHOLE | FRACTIONS | UNKNOWN_WITHOUT_WINDOW | UNKNOWN_WITHOUT_SOUND


@pytest.fixture(scope="module")
def lines(start_shared: StartPeer, tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """Return the statistics that a caller wrote in a call of 3.5 s."""
    file = tmp_path_factory.mktemp("statistics") / "figures.jsonl"
    listener = start_shared(
        *("listen", "--accept", "--once", "--name", "Bob", "--set=video.width_px=400"),
    )
    caller = start_shared(
        *("connect", f"127.0.0.1:{listener.port}", "--duration=3.5", "--stats", str(file)),
    )
    assert caller.wait() == 0
    assert listener.wait() == 0
    text = file.read_text("utf-8")
    assert text.endswith("}\n")
    return read_statistics(text)


def test_each_line_is_flat_and_has_every_key(lines: list[Line]) -> None:
    for line in lines:
        assert set(line) == KEYS
        for key in TEXTS:
            assert isinstance(line[key], str), key
        for key in WHOLE:
            assert isinstance(line[key], int), key
        for key in UNKNOWN_WITHOUT_SOUND | UNKNOWN_WITHOUT_WINDOW:
            assert line[key] is None, key
    for line in lines[1:-1]:
        for key in FRACTIONS:
            assert isinstance(line[key], (int, float)), key


def test_file_has_a_line_for_each_second_of_the_call_and_one_for_its_end(lines: list[Line]) -> None:
    assert [line["state"] for line in lines] == ["call", "call", "call", "ended"]
    for second, line in enumerate(lines[:-1], 1):
        assert second <= line["t_s"] < second + 0.9
    assert 3.5 <= lines[-1]["t_s"] < 6


def test_figures_describe_the_call(lines: list[Line]) -> None:
    assert {line["peer"] for line in lines} == {"Bob"}
    for line in lines[1:-1]:
        assert (line["video_out_width"], line["video_out_height"]) == (320, 180)
        assert (line["video_in_width"], line["video_in_height"]) == (400, 180)
        assert [line[device] for device in OWN_DEVICES] == ["open", "none", "none"]
        assert (line["remote_picture"], line["remote_sound"]) == ("expected", "none")
        assert line["video_out_codec"] == line["video_in_codec"] == "h264"
        for key in ("video_out_fps", "video_in_fps"):
            assert 5 < line[key] < 25, key
        for key in ("rss_bytes", "threads", "cpu_percent", "video_in_bps", "video_out_bps"):
            assert line[key] > 0, key
        assert line["rtt_ms"] >= 0
        assert (
            line["video_in_latency_p50_ms"]
            <= line["video_in_latency_p95_ms"]
            <= line["video_in_latency_max_ms"]
        )
        # The latency compares two clocks, and each line gives the error of that comparison.
        assert line["video_in_latency_p50_ms"] >= -line["clock_error_ms"]
    for earlier, later in pairwise(lines):
        assert later["video_out_skipped"] >= earlier["video_out_skipped"]
        assert later["reconnects"] == 0


def test_file_is_emptied_at_the_start_and_collects_every_call(
    start: StartPeer, tmp_path: Path
) -> None:
    file = tmp_path / "figures.jsonl"
    file.write_text("of another day\n")
    listener = start("listen", "--accept", "--stats", str(file))
    port = listener.port
    assert file.read_text() == ""
    for name in ("Ann", "Ben"):
        caller = start("connect", f"127.0.0.1:{port}", "--duration=1.3", "--name", name)
        assert caller.wait() == 0
        listener.wait_event("accepted", peer=name)
        listener.wait_event("ended", times=len(listener.find_events("accepted")))
    wait_until(lambda: file.read_text().count('"ended"') == 2, "both calls are written")
    lines = read_statistics(file.read_text("utf-8"))
    assert [line["peer"] for line in lines] == ["Ann", "Ann", "Ben", "Ben"]
    assert [line["state"] for line in lines] == ["call", "ended", "call", "ended"]
    for line in lines:
        assert 1 <= line["t_s"] < 4


def test_statistics_on_standard_output_follow_the_address(call: Call) -> None:
    listener, caller = call(["--once", "--stats=-"], ["--stats=-", "--duration=0.3"])
    assert caller.wait() == 0
    assert listener.wait() == 0
    address, *lines = listener.out.splitlines()
    assert address.startswith("Listening on ")
    assert [json.loads(line)["state"] for line in lines] == ["ended"]
    assert [json.loads(line)["state"] for line in caller.out.splitlines()] == ["ended"]


def test_unknown_figures_are_null(call: Call) -> None:
    listener, caller = call(
        ["--camera=none", "--once", "--stats=-"], ["--camera=none", "--stats=-"]
    )
    wait_until(lambda: caller.out.count("\n") >= 1, "a second of call")
    caller.type_line("q")
    assert caller.ends() == 0
    assert listener.ends() == 0
    [first, *_] = read_statistics(caller.out)
    assert set(first) == KEYS
    for key in KEYS:
        if key.startswith(("video_in_latency", "video_shown")) or key in (
            *("encode_ms", "decode_ms", "video_in_longest_gap_ms", "video_in_codec"),
            *("video_in_width", "video_in_height", "video_out_width", "video_out_height"),
            "video_out_codec",
        ):
            assert first[key] is None, key
    assert first["video_out_fps"] == first["video_in_fps"] == 0
