"""Pictures of one peer's camera at the other peer: its statistics and its snapshot."""

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from media.video.frame_stamp import read_stamp
from net.protocol.control import PictureState
from tests.support.peer_process import Peer, StartPeer, read_statistics, wait_until
from tests.support.raw_peer import dial

Call = Callable[..., tuple[Peer, Peer]]
Seen = tuple[NDArray[Any], dict[str, Any], Peer]


@pytest.fixture
def see(start: StartPeer, tmp_path: Path) -> Callable[..., Seen]:
    """Return a function that holds a call.

    It returns the picture and the last statistics of the listener, and the caller.
    """

    def hold(connect: Sequence[str], listen: Sequence[str] = ()) -> Seen:
        snapshot, figures = tmp_path / "seen.png", tmp_path / "figures"
        listener = start(
            *("listen", "--accept", "--once", "--snapshot", str(snapshot)),
            *("--stats", str(figures), *listen),
        )
        caller = start("connect", f"127.0.0.1:{listener.port}", *connect)
        wait_until(
            lambda: any(
                line["video_in_fps"] for line in read_statistics(figures.read_text("utf-8"))
            ),
            "pictures come",
        )
        caller.type_line("q")
        assert caller.ends() == 0
        assert listener.ends() == 0
        line = read_statistics(figures.read_text("utf-8"))[-1]
        return read_picture(snapshot), line, caller

    return hold


def read_picture(file: Path) -> NDArray[Any]:
    """Read a picture file as BGR."""
    picture = cv2.imread(str(file))
    assert picture is not None
    return picture


def stamp_of(file: Path) -> int:
    """Read the number of the test pattern's picture in a file."""
    number = read_stamp(cv2.cvtColor(read_picture(file), cv2.COLOR_BGR2GRAY))
    assert number is not None
    return number


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_each_codec_carries_the_pattern_at_the_senders_size(
    codec: str, see: Callable[..., Seen]
) -> None:
    picture, line, _ = see(
        [f"--set=video.codec={codec}", "--set=video.width_px=640", "--set=video.height_px=360"]
    )
    assert line["video_in_codec"] == codec
    assert line["video_out_codec"] == "h264"
    assert (line["video_in_width"], line["video_in_height"]) == (640, 360)
    assert (line["video_out_width"], line["video_out_height"]) == (320, 180)
    assert picture.shape == (360, 640, 3)
    assert read_stamp(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) is not None


def test_last_picture_is_saved_and_replaced_by_that_of_a_later_call(
    start: StartPeer, tmp_path: Path
) -> None:
    snapshot, own = tmp_path / "listener.png", tmp_path / "caller.png"
    listener = start("listen", "--accept", "--snapshot", str(snapshot))
    port = listener.port
    assert not snapshot.exists()
    caller = start("connect", f"127.0.0.1:{port}", "--duration=0.6", "--snapshot", str(own))
    assert caller.wait() == 0
    listener.wait_event("waiting", times=2)
    first, first_bytes = stamp_of(snapshot), snapshot.read_bytes()
    # A new file replaces this one, which stays complete for its reader.
    with snapshot.open("rb") as held:
        caller = start("connect", f"127.0.0.1:{port}", "--duration=2.5", "--snapshot", str(own))
        assert caller.wait() == 0
        listener.wait_event("waiting", times=3)
        assert os.fstat(held.fileno()).st_nlink == 0
        assert held.read() == first_bytes
    assert stamp_of(snapshot) > first + 10
    assert stamp_of(own) > 10
    kept = {path.name for path in tmp_path.iterdir() if path.suffix == ".png"}
    assert kept == {"listener.png", "caller.png"}


def test_4_to_3_video_keeps_its_shape_and_loops(see: Callable[..., Seen], tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(15))
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for _ in range(5):
            grey = av.VideoFrame.from_ndarray(np.full((480, 640, 3), 200, np.uint8), format="bgr24")
            container.mux(stream.encode(grey))
        container.mux(stream.encode())
    picture, line, _ = see(["--camera", str(film)])
    assert (line["video_in_width"], line["video_in_height"]) == (240, 180)
    assert picture.shape == (180, 240, 3)
    assert abs(float(picture.mean()) - 200) < 10


def test_still_picture_is_sent(see: Callable[..., Seen], tmp_path: Path) -> None:
    still = tmp_path / "portrait.png"
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[:, 200:] = (40, 60, 220)
    assert cv2.imwrite(str(still), pixels)
    picture, line, _ = see(["--camera", str(still)])
    assert picture.shape == (180, 240, 3)
    assert line["video_in_fps"] is not None
    left, right = picture[90, 60], picture[90, 180]
    assert left.max() < 40
    assert np.abs(right.astype(int) - (40, 60, 220)).max() < 25


def test_missing_camera_is_shown_as_a_placeholder(see: Callable[..., Seen]) -> None:
    picture, line, caller = see(["--camera=7"])
    assert picture.shape == (180, 320, 3)
    assert len(np.unique(picture)) > 5
    assert read_stamp(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) is None
    camera = caller.wait_event("device", which="camera", state="missing")
    assert "7" in camera["name"]
    assert line["state"] == "ended"


def test_name_reaches_the_other_peer_without_its_control_characters(call: Call) -> None:
    listener, caller = call(["--once", "--name", "B\x1b[2Job\u202e"], ["--name", "\x07Älice\r\n"])
    caller.wait_event("accepted", peer="B[2Job")
    listener.wait_event("accepted", peer="Älice")
    caller.type_line("q")
    assert caller.ends() == 0
    assert listener.ends() == 0
    for peer in (listener, caller):
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(peer.said)


def test_default_name_is_login_and_host(call: Call) -> None:
    listener, caller = call()
    assert " on " in listener.wait_event("accepted")["peer"]
    caller.type_line("q")
    assert caller.ends() == 0


def test_pictures_that_do_not_arrive_pause_and_the_other_peer_is_told(
    start: StartPeer, tmp_path: Path
) -> None:
    """This peer never acknowledges a picture."""
    listener = start("listen", "--accept", "--camera=test")
    with dial(listener.port, tmp_path / "raw") as raw:
        raw.call()
        assert raw.await_control(PictureState) == PictureState("sent")
        assert raw.await_control(PictureState) == PictureState("sent", is_paused=True)
        raw.send(PictureState("sent", is_paused=True))
        listener.wait_event("remote_state", picture="paused")
        raw.send(PictureState("sent"))
        listener.wait_event("remote_state", picture="expected")
        raw.hang_up()
