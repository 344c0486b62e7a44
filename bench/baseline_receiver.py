"""The receiver of a baseline. A separate program.

    python -m bench.baseline_receiver mjpeg|pickle ADDRESS LOG [show]

Prints its port, accepts one sender, and logs for each decoded picture: when it was captured, when
it was decoded, and its size on the wire. With `show` it shows the pictures in OpenCV's window.
"""

import pickle
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.baseline_sender import HEADER
from bench.pacing import now_us

TITLE = "baseline"


def receive_mjpeg(sock: socket.socket) -> Iterator[tuple[int, int, Any]]:
    """Yield the capture time, the size in bytes and the pixels of each picture."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with sock.makefile("rb", buffering=1 << 18) as stream:
        while head := stream.read(HEADER.size):
            captured_us, length = HEADER.unpack(head)
            data = stream.read(length)
            yield captured_us, length, cv2.imdecode(np.frombuffer(data, np.uint8), 1)


def receive_pickled(sock: socket.socket) -> Iterator[tuple[int, int, Any]]:
    """Yield the same from pickled pictures, with the code that a first attempt would have."""
    data = b""
    length_bytes = struct.calcsize("Q")
    while True:
        while len(data) < length_bytes:
            packet = sock.recv(4096)
            if not packet:
                return
            data += packet
        length = struct.unpack("Q", data[:length_bytes])[0]
        data = data[length_bytes:]
        while len(data) < length:
            packet = sock.recv(4096)
            if not packet:
                return
            data += packet
        captured_us, picture = pickle.loads(data[:length])
        data = data[length:]
        yield captured_us, length, picture


def main(kind: str, address: str, log: Path, *, shows: bool) -> None:
    """Receive until the sender ends."""
    with socket.create_server((address, 0)) as server:
        print(server.getsockname()[1], flush=True)
        sock, _ = server.accept()
    if shows:
        cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.moveWindow(TITLE, 0, 0)
    receive = receive_mjpeg if kind == "mjpeg" else receive_pickled
    with sock, log.open("w") as lines:
        try:
            for captured_us, size, picture in receive(sock):
                lines.write(f"{captured_us} {now_us()} {size}\n")
                lines.flush()
                if shows:
                    cv2.imshow(TITLE, picture)
                    cv2.waitKey(1)
        except OSError:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), shows="show" in sys.argv[4:])
