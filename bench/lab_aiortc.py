"""aiortc as the sender or receiver of a film, for comparison. A process with one thread.

    python -m bench.lab_aiortc send FILM LOG       prints an offer, then reads an answer
    python -m bench.lab_aiortc receive LOG         reads an offer, then prints an answer

Its own choice of codec, rate and everything else. The logs are those of bench/lab_picture_pipe.py.
"""

import asyncio
import json
import sys
from pathlib import Path

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from bench.lab_picture_pipe import stamped_pictures
from bench.pacing import now_us
from media.video.frame_stamp import read_stamp


class FilmTrack(VideoStreamTrack):  # type: ignore[misc]  # aiortc has no types where it is missing
    """The stamped pictures of a film, at its rate."""

    def __init__(self, film: Path, log: Path) -> None:
        super().__init__()
        self._pictures = stamped_pictures(film)
        self._log = log.open("w")

    async def recv(self) -> av.VideoFrame:
        """Return the next picture once it is due."""
        number, picture = next(self._pictures)
        pts, time_base = await self.next_timestamp()
        print(number, now_us(), file=self._log, flush=True)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = pts, time_base
        return frame


async def send(film: Path, log: Path) -> None:
    """Offer the film, and send it until the process is ended."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTrack(FilmTrack(film, log))
    await connection.setLocalDescription(await connection.createOffer())
    print_description(connection)
    await connection.setRemoteDescription(read_description())
    await asyncio.Event().wait()


async def receive(log: Path) -> None:
    """Answer an offer, and read its pictures until the process is ended."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
    connection.on("track", tracks.put_nowait)
    await connection.setRemoteDescription(read_description())
    await connection.setLocalDescription(await connection.createAnswer())
    print_description(connection)
    track = await tracks.get()
    with log.open("w") as lines:
        while True:
            frame = await track.recv()
            read_us = now_us()
            number = read_stamp(frame.to_ndarray(format="yuv420p")[: frame.height])
            if number is not None:
                print(number, read_us, file=lines, flush=True)


def print_description(connection: RTCPeerConnection) -> None:
    """Print an offer or answer as a line of JSON."""
    local = connection.localDescription
    print(json.dumps({"sdp": local.sdp, "type": local.type}), flush=True)


def read_description() -> RTCSessionDescription:
    """Read the other end's offer or answer."""
    return RTCSessionDescription(**json.loads(sys.stdin.readline()))


def main(words: list[str]) -> None:
    """Run one of the ends."""
    match words:
        case ["send", film, log]:
            asyncio.run(send(Path(film), Path(log)))
        case ["receive", log]:
            asyncio.run(receive(Path(log)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
