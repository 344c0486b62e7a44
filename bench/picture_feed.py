"""Where the baselines take their pictures from: a film at its rate, or an HTTP camera.

Each picture is BGR and comes with the time at which its source handed it over.
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
    """Yield time and picture, for ever, from a URL or a film's file."""
    return _read_camera(source) if source.startswith("http:") else _read_film(source)


def _read_film(path: str) -> Iterator[Captured]:
    film = cv2.VideoCapture(path)
    began_s = time.perf_counter()
    tick = 0
    while True:
        is_there, picture = film.read()
        if not is_there:
            film = cv2.VideoCapture(path)
            continue
        # Decoded before it is due, as in a camera, so that this does not count.
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
        handed_us = now_us()
        yield handed_us, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
