"""An HTTP camera, like a phone's: MJPEG over HTTP on loopback. A separate program.

    python -m bench.http_camera FOLDER LOG

Serves the JPEG files of the folder in turn, about 30 a second, at any path, and prints its port.
Logs the number of each picture and when it was sent, on this machine's monotonic clock, in
microseconds. Ends when its standard input ends.
"""

import contextlib
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TextIO

from bench.children import Child, Children
from bench.hosts import Host
from bench.pacing import now_us, wait_for_tick

BOUNDARY = "picture"
CAMERA_HZ = 29.7
"""A little below the film's rate, so that the phase between the two directions varies during a
measurement instead of staying where the start happened to put it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, pictures: list[bytes], log: TextIO) -> None:
        super().__init__(("127.0.0.1", 0), _Stream)
        self.pictures = pictures
        self.log = log
        self.count = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect."""


class _Stream(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in the base class
        """Log no requests."""

    def do_GET(self) -> None:
        """Send pictures until the client disconnects."""
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        began_s = time.perf_counter()
        tick = 0
        with contextlib.suppress(OSError):
            while True:
                tick = wait_for_tick(began_s, tick, CAMERA_HZ)
                self._send_picture()

    def _send_picture(self) -> None:
        server = self.server
        number = server.count % len(server.pictures)
        server.count += 1
        picture = server.pictures[number]
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        whole = b"".join((head.encode(), picture, b"\r\n"))
        server.log.write(f"{number} {now_us()}\n")
        self.wfile.write(whole)
        server.log.flush()


def start_camera(children: Children, jpegs: Path, log: Path, host: Host) -> tuple[Child, str]:
    """Start the camera in a host; return it and its URL there."""
    child = children.start_python(["-m", "bench.http_camera", str(jpegs), str(log)], host=host)
    return child, f"http://127.0.0.1:{child.read_line()}/video"


def main(folder: Path, log: Path) -> None:
    """Serve until standard input ends."""
    pictures = [file.read_bytes() for file in sorted(folder.iterdir())]
    with log.open("w") as lines, _Server(pictures, lines) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
