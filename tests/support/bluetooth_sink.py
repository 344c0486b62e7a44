"""A loudspeaker like one over Bluetooth, which wakes late and holds a quarter of a second of sound.

PulseAudio writes into a pipe, which is read here as a device plays: at an even pace, and not before
it has woken.

    PulseAudio --> pipe, 227 ms --> the thread of this device --> heard
"""

import fcntl
import os
import time
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

import numpy as np

from bench.sound_server import SinkFormat, SoundServer
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, samples_to_us, us_to_samples

FORMAT = SinkFormat(SAMPLE_RATE_HZ, channels=2, sample_format="s24le")
FRAME_BYTES = 6
PIPE_BYTES = 65_536
HELD_US = samples_to_us(PIPE_BYTES // FRAME_BYTES)
TOLERANCE_US = 60_000
"""How true its delay is. The pipe holds less than its size if it is written in small parts."""
STEP_S = 0.005


def now_us() -> int:
    return time.perf_counter_ns() // 1000


class BluetoothSink:
    """A device of a PulseAudio server, for as long as the `with` lasts."""

    def __init__(self, server: SoundServer, name: str, folder: Path) -> None:
        fifo = folder / f"{name}.fifo"
        server.add_pipe_sink(name, fifo, FORMAT)
        self._pipe = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._is_over = Event()
        self._thread: Thread | None = None
        self._lock = Lock()
        self._started_us = 0
        self._parts: list[bytes] = []
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
        os.close(self._pipe)

    def wake(self, after_s: float) -> None:
        """Play from then on."""
        self._thread = Thread(target=self._play, args=(after_s,), name="bluetooth")
        self._thread.start()

    def _play(self, after_s: float) -> None:
        self._is_over.wait(after_s)
        self._started_us = now_us()
        while not self._is_over.wait(STEP_S):
            due = us_to_samples(now_us() - self._started_us) - self._frames
            try:
                data = os.read(self._pipe, due * FRAME_BYTES)
            except BlockingIOError:
                data = b""
            whole = data[: len(data) // FRAME_BYTES * FRAME_BYTES]
            with self._lock:
                # Where the server is late, the device plays silence.
                self._parts += [whole, bytes(due * FRAME_BYTES - len(whole))]
                self._frames += due

    def heard(self) -> Samples:
        """Return all sound so far, of one channel."""
        with self._lock:
            data = np.frombuffer(b"".join(self._parts), np.uint8)
        # The two high bytes of three.
        left = np.ascontiguousarray(data.reshape(-1, FRAME_BYTES)[:, 1:3])
        return left.view("<i2").reshape(-1)

    def heard_us(self, sample: int) -> int:
        """Return when a sample was heard."""
        return self._started_us + samples_to_us(sample)
