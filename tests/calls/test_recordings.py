"""Recordings and snapshots of whole calls, between two real programs."""

import contextlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media.recording.voice_blocks import packet_us
from tests.support.forgetful_relay import ForgetfulRelay
from tests.support.peer_process import SLACK_S, Peer, StartPeer, wait_until
from tests.support.recorded_call import TrackContent, read_duration_us, read_recording

REMOTE_PICTURE, REMOTE_VOICE, OWN_PICTURE, OWN_VOICE = range(4)
SOUND = ("--mic=tone", "--speaker=none")
CRASH_LOSS_S = 1.0 + SLACK_S
"""The promise, what a crash loses of a recording, on a busy computer."""
TOLERANCE_US = 40_000
Begin = Callable[..., tuple[Peer, Peer]]


def assert_received(received: TrackContent, sent: TrackContent) -> None:
    """Assert that one end has stored packets of the other end, without a gap, as they were."""
    assert len(received.payloads) > 3
    first = sent.payloads.index(received.payloads[0])
    assert received.payloads == sent.payloads[first : first + len(received.payloads)]


def test_each_end_stores_what_the_other_end_sent(call: Begin, tmp_path: Path) -> None:
    files = [tmp_path / "listener.mkv", tmp_path / "caller.mkv"]
    listener, caller = call(
        (*SOUND, "--once", "--record", str(files[0])),
        (*SOUND, "--duration=3", "--record", str(files[1])),
    )
    assert (caller.wait(), listener.wait()) == (0, 0)
    ends = [read_recording(file) for file in files]
    for file, here in zip(files, ends, strict=True):
        stated_us = read_duration_us(file)
        for voice in (here[REMOTE_VOICE], here[OWN_VOICE]):
            end_us = voice.times_us[-1] + packet_us("opus", voice.payloads[-1])
            assert end_us == pytest.approx(stated_us, abs=TOLERANCE_US)
    for here, there in (ends, ends[::-1]):
        assert_received(here[REMOTE_PICTURE], there[OWN_PICTURE])
        assert sum(here[REMOTE_PICTURE].sizes.values()) == len(here[REMOTE_PICTURE].payloads)


def test_later_call_of_a_listener_has_a_file_beside_the_first(
    start: StartPeer, tmp_path: Path
) -> None:
    listener = start("listen", "--accept", "--record", str(tmp_path / "call.mkv"))
    for number in (1, 2):
        caller = start("connect", f"127.0.0.1:{listener.port}", *SOUND)
        listener.wait_event("first_picture", times=number)
        caller.type_line("q")
        assert caller.wait() == 0
        listener.wait_event("recording_ended", times=number, is_complete=True)
    assert {path.name for path in tmp_path.glob("*.mkv")} == {"call.mkv", "call 2.mkv"}


def test_killed_program_leaves_a_recording_up_to_its_last_second(
    call: Begin, tmp_path: Path
) -> None:
    file = tmp_path / "call.mkv"
    listener, _ = call((*SOUND, "--record", str(file)), SOUND)
    began_s = time.monotonic()
    wait_until(lambda: time.monotonic() - began_s > 7, "seven seconds of call")
    listener.kill()
    lasted_us = round((time.monotonic() - began_s) * 1e6)
    for content in read_recording(file):
        assert content.times_us[-1] > lasted_us - CRASH_LOSS_S * 1e6
    stated_us = read_duration_us(file)
    assert stated_us is not None
    assert stated_us > lasted_us - CRASH_LOSS_S * 1e6


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="needs prlimit of util-linux")
def test_full_disk_ends_the_recording_and_not_the_call(start: StartPeer, tmp_path: Path) -> None:
    file = tmp_path / "call.mkv"
    listener = start(
        *("listen", "--accept", "--once", *SOUND, "--record", str(file)),
        prefix=["prlimit", "--fsize=150000"],
    )
    caller = start("connect", f"127.0.0.1:{listener.port}", *SOUND)
    ended = listener.wait_event("recording_ended", is_complete=False)
    listener.wait_event("warning", key="recording_stopped")
    caller.wait_event("remote_recording", is_on=False)
    caller.type_line("q")
    assert (caller.wait(), listener.wait()) == (0, 0)
    assert len(listener.find_events("warning", key="recording_stopped")) == 1
    pictures, voice, *_ = read_recording(file)
    assert sum(pictures.sizes.values()) == len(pictures.payloads) > 5
    assert voice.decoded_us == pytest.approx(ended["duration_s"] * 1e6, abs=2_100_000)


def begin_with_folders(start: StartPeer, folder: Path) -> tuple[Peer, Peer]:
    """Start a call whose listener has the usual folders for videos and pictures in `folder`."""
    folders = {
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_VIDEOS_DIR": str(folder / "Videos"),
        "XDG_PICTURES_DIR": str(folder / "Pictures"),
    }
    listener = start("listen", "--accept", environment=folders)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=A/n: n", *SOUND)
    listener.wait_event("first_picture")
    return listener, caller


def test_user_records_by_a_key_and_the_other_peer_is_told(start: StartPeer, tmp_path: Path) -> None:
    listener, caller = begin_with_folders(start, tmp_path)
    listener.type_line("r")
    listener.wait_event("recording_begun")
    caller.wait_event("remote_recording", is_on=True)
    videos = tmp_path / "Videos"
    wait_until(
        lambda: any(file.stat().st_size > 5_000 for file in videos.iterdir()), "it is written"
    )
    listener.type_line("r")
    ended = listener.wait_event("recording_ended", is_complete=True)
    caller.wait_event("remote_recording", is_on=False)
    file = Path(ended["file"])
    assert file.parent == videos
    assert file.name.startswith("An_ n 20")
    assert read_recording(file)[REMOTE_VOICE].decoded_us > 0


def test_user_saves_the_other_peers_picture_by_a_key(start: StartPeer, tmp_path: Path) -> None:
    listener, _ = begin_with_folders(start, tmp_path)
    listener.type_line("s")
    file = Path(listener.wait_event("snapshot_saved")["file"])
    assert file.parent == tmp_path / "Pictures"
    assert file.read_bytes().startswith(b"\x89PNG")


def test_recording_goes_on_after_the_link_was_lost(start: StartPeer, tmp_path: Path) -> None:
    file = tmp_path / "call.mkv"
    listener = start("listen", "--accept", "--once", *SOUND, "--record", str(file))
    with contextlib.closing(ForgetfulRelay(listener.port)) as relay:
        caller = start("connect", f"127.0.0.1:{relay.port}", *SOUND)
        caller.wait_event("remote_recording", is_on=True)
        listener.wait_event("first_picture")
        relay.reset()
        caller.wait_event("resumed")
        begun_s = time.monotonic()
        wait_until(lambda: time.monotonic() - begun_s > 1.5, "some call after the break")
        caller.type_line("q")
        assert (caller.wait(), listener.wait()) == (0, 0)
    stated_us = read_duration_us(file)
    assert stated_us is not None
    for content in read_recording(file):
        assert content.times_us[-1] > stated_us - 500_000
        assert content.decoded_us or sum(content.sizes.values()) == len(content.payloads)
