"""Pictures under a limit of memory or of open files: a sentence, and the call goes on if it can."""

import sys
from pathlib import Path

import pytest

from tests.inputs.limited import run_limited
from tests.inputs.videos import write_video

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits the address space"
)


def test_encoder_without_memory_is_a_sentence() -> None:
    said = run_limited("""
import av
from media.errors import EncoderError
from media.frame import Frame
from media.video.encoder import VideoEncoder
picture = av.VideoFrame(1280, 720, "yuv420p")
limit_memory(2)
try:
    VideoEncoder("h264", 30, 2_500_000).encode(
        Frame(picture, 0), 2_000_000, (1280, 720), refines=True, keyframe=True
    )
except EncoderError as error:
    print(error.sentence, error.next_step, sep="|")
""")
    assert said.startswith("Your pictures cannot be encoded, most likely for lack of memory|Close")


CAPTURE = """
from core.clock import now_us
from core.mailbox import Mailbox
from media.frame import Frame
from media.video.camera_spec import parse_camera
from media.video.capture import Capture
from media.video.settings import VideoSettings
import av, logging, sys
import media.video.http_camera, media.video.video_file, media.video.still_picture
logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
settings = VideoSettings(width_px=320, height_px=180)
capture = Capture(parse_camera({spec!r}), settings, Mailbox(), pins=None, now_us=now_us)
limit_files()
for _ in range(3):
    capture.step()
state = capture.device_state
print(state is not None and not state.is_open, capture.problem is not None)
capture.close()
"""


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/video", "https://127.0.0.1:9/video"])
def test_network_camera_says_that_no_file_can_be_opened(url: str) -> None:
    said = run_limited(CAPTURE.format(spec=url)).splitlines()
    assert "needs more open files" in said[0]
    assert "ulimit -n" in said[0]
    assert said[-1] == "True True"


def test_video_says_that_no_file_can_be_opened(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4")
    said = run_limited(CAPTURE.format(spec=str(tmp_path / "a.mp4"))).splitlines()
    assert "needs more open files" in said[0]
    assert "a.mp4" in said[0]
    assert said[-1] == "True False"


def test_figures_survive_a_full_table_of_files() -> None:
    said = run_limited("""
from call.live.statistics_collector import StatisticsCollector
from core.call_statistics import CallState
from tests.call.live.test_statistics_collector import Call, Sound
from net.protocol.clock_sync import ClockSync
collector = StatisticsCollector("Bob", 0, clock=ClockSync(), video=Call().video, sound=Sound())
first = collector.collect(1_000_000, CallState.CALL)
limit_files()
second = collector.collect(2_000_000, CallState.CALL)
print(first.rss_bytes == second.rss_bytes > 0)
""")
    assert said.strip() == "True"


def test_thread_that_cannot_start_is_a_lack_of_memory() -> None:
    said = run_limited("""
from core.threads import Threads
limit_memory(1)
try:
    Threads().start("encode", print)
except MemoryError as error:
    print(error)
""")
    assert said.strip() == "no thread can be started"
