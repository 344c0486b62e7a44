"""The sender of a baseline, in one direction over plain TCP. A separate program.

python -m bench.baseline_sender mjpeg|pickle ADDRESS PORT SOURCE
"""

import pickle
import socket
import struct
import sys
import threading

import cv2

from bench.film import JPEG_QUALITY
from bench.picture_feed import Captured, read_feed
from core.mailbox import Mailbox

HEADER = struct.Struct(">QI")
"""Capture time in microseconds, and the length of the JPEG that follows."""


def send_mjpeg(sock: socket.socket, source: str) -> None:
    """Send the newest picture as JPEG as soon as the previous one is sent."""
    newest: Mailbox[Captured] = Mailbox()

    def capture() -> None:
        for captured in read_feed(source):
            newest.put(captured)

    threading.Thread(target=capture, daemon=True).start()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen = 0
    while True:
        seen, captured = newest.wait_newer(seen, 1.0)
        if captured is None:
            continue
        captured_us, picture = captured
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        sock.sendall(HEADER.pack(captured_us, len(data)) + data.tobytes())


def send_pickled(sock: socket.socket, source: str) -> None:
    """Send each raw picture, pickled, after its length in eight bytes."""
    for captured in read_feed(source):
        data = pickle.dumps(captured)
        sock.sendall(struct.pack("Q", len(data)) + data)


def main(kind: str, address: str, port: int, source: str) -> None:
    """Send until the receiver disconnects."""
    with socket.create_connection((address, port)) as sock:
        try:
            (send_mjpeg if kind == "mjpeg" else send_pickled)(sock, source)
        except OSError:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
