"""The pictures that a peer received, decoded from its recording. After the call.

The film's pictures carry their number as a stamp, which tells which picture of the film each is.
"""

from collections.abc import Iterator
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext

from bench.figures import Sent
from bench.film import to_i420
from bench.recording_peer import read_recording
from media.video.frame_stamp import read_stamp


def decode_recording(recording: Path) -> Iterator[tuple[int, av.VideoFrame]]:
    """Yield each picture and the time of its capture, in microseconds."""
    decoder = VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.options = {"flags": "low_delay"}
    with recording.open("rb") as file:
        for captured_us, packet in read_recording(file):
            for picture in decoder.decode(av.Packet(packet)):
                yield captured_us, picture


def read_captures(recording: Path) -> list[Sent]:
    """Return the number of each picture and the time of its capture, in microseconds.

    Pictures whose number is not legible are left out.
    """
    numbered = (
        (read_stamp(to_i420(picture)[: picture.height]), captured_us)
        for captured_us, picture in decode_recording(recording)
    )
    return [(number, captured_us) for number, captured_us in numbered if number is not None]
