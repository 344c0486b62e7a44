"""The source of pictures for baselines: a film at its rate, or an HTTP camera.

Each picture is BGR and carries the time at which its source delivered it.
"""

import http.client
import time
from collections.abc import Iterator
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import cv2
import numpy as np

from bench.film import RATE_HZ
from bench.pacing import now_us, wait_for_tick

Captured: TypeAlias = tuple[int, Any]


def read_feed(source: str) -> Iterator[Captured]:
    """Yield the time and the pixels of pictures without end, from a URL or a film's file."""
    return _read_camera(source) if source.startswith("http:") else _read_film(source)


def _read_film(path: str) -> Iterator[Captured]:
    film = cv2.VideoCapture(path)
    began_s = time.perf_counter()
    tick = 0
    while True:
        has_picture, picture = film.read()
        if not has_picture:
            film = cv2.VideoCapture(path)
            continue
        # Decoded before it is due, like a camera, so that decoding adds no latency.
        tick = wait_for_tick(began_s, tick, RATE_HZ)
        yield now_us(), picture


def _read_camera(url: str) -> Iterator[Captured]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc)
    connection.request("GET", target.path)
    answer = connection.getresponse()
    while True:
        length = 0
        while (line := answer.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            continue
        data = answer.read(length)
        delivered_us = now_us()
        yield delivered_us, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
