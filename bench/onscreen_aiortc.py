"""A peer of aiortc that sends an HTTP camera and receives another, for comparison.

    python -m bench.onscreen_aiortc offer URL [show]      prints an offer, then reads an answer
    python -m bench.onscreen_aiortc answer URL [show]     reads an offer, then prints an answer

Its own choice of codec, rate and everything else. With `show` OpenCV's window shows the pictures.
One thread reads the camera, aiortc's loop does the rest.
"""

import asyncio
import sys
import threading
import time
from fractions import Fraction

import cv2

# isort: split
# Below, since OpenCV's window hangs where PyAV has been imported before OpenCV.
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection

from bench.lab_aiortc import print_description, read_description
from bench.picture_feed import Captured, read_feed
from core.mailbox import Mailbox

TITLE = "aiortc"
CLOCK_HZ = 90_000
"""Of video in RTP."""


class CameraTrack(MediaStreamTrack):  # type: ignore[misc]  # aiortc has no types where it is missing
    """The newest picture of an HTTP camera."""

    kind = "video"

    def __init__(self, url: str) -> None:
        super().__init__()
        self._newest: Mailbox[Captured] = Mailbox()
        self._seen = 0
        threading.Thread(target=self._read, args=(url,), daemon=True).start()

    def _read(self, url: str) -> None:
        for captured in read_feed(url):
            self._newest.put(captured)

    async def recv(self) -> av.VideoFrame:
        """Return the next picture as soon as there is one."""
        while True:
            self._seen, captured = await asyncio.to_thread(self._newest.wait_newer, self._seen, 1.0)
            if captured is not None:
                frame = av.VideoFrame.from_ndarray(captured[1], format="bgr24")
                frame.pts = time.monotonic_ns() * CLOCK_HZ // 1_000_000_000
                frame.time_base = Fraction(1, CLOCK_HZ)
                return frame


async def receive(track: MediaStreamTrack, *, shows: bool) -> None:
    """Decode pictures, and show them, until the process is ended."""
    if shows:
        cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.moveWindow(TITLE, 0, 0)
    while True:
        frame = await track.recv()
        if shows:
            cv2.imshow(TITLE, frame.to_ndarray(format="bgr24"))
            cv2.waitKey(1)


async def call(role: str, url: str, *, shows: bool) -> None:
    """Exchange descriptions with the other end, then send and receive."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[MediaStreamTrack] = asyncio.Queue()
    connection.on("track", tracks.put_nowait)
    connection.addTrack(CameraTrack(url))
    if role == "offer":
        await connection.setLocalDescription(await connection.createOffer())
        print_description(connection)
        await connection.setRemoteDescription(read_description())
    else:
        await connection.setRemoteDescription(read_description())
        await connection.setLocalDescription(await connection.createAnswer())
        print_description(connection)
    await receive(await tracks.get(), shows=shows)


if __name__ == "__main__":
    asyncio.run(call(sys.argv[1], sys.argv[2], shows="show" in sys.argv[3:]))
