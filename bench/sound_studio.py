"""The far sides of virtual sound devices, for benchmarks. PortAudio's threads.

    Player    sound --> a sink                  a peer's microphone
    Recorder  a sink's monitor --> sound        a peer's loudspeaker, or its microphone
    Room      a sink's monitor --> echo --> another sink

All run in the process of the benchmark, whose environment must name the sound server. `SampleClock`
tells when a sample was at a device.
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bench.children import BenchError
from media.errors import SourceError
from media.sound.device_buffer import BUFFER_SAMPLES
from media.sound.pcm import FULL_SCALE, SAMPLE_RATE_HZ, Samples, samples_to_us, silence
from media.sound.portaudio import PortAudio
from media.sound.sample_clock import SampleClock

Impulse = NDArray[np.float32]


MARK_EVERY_SAMPLES = 5 * SAMPLE_RATE_HZ
STEADY_SAMPLES = 960
"""Streams that play hold 60 ms, so that a late benchmark does not delay their sound."""


class Recorder:
    """The sound that went into a sink."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._clock = SampleClock()
        self._parts: list[bytes] = []
        self._samples = 0
        self._marks: list[tuple[int, int]] = []
        """Samples and their times at that moment, because two clocks drift apart within minutes."""
        self._lock = Lock()

    def record(self, data: bytes) -> None:
        """Store a buffer."""
        with self._lock:
            self._parts.append(data)
            self._samples += len(data) // 2
            self._clock.note(self._samples, self._now_us())
            if self._samples >= (len(self._marks) + 1) * MARK_EVERY_SAMPLES:
                self._marks.append((self._samples, self._clock.time_us(self._samples)))

    def sound(self) -> Samples:
        """Return all sound so far."""
        with self._lock:
            return np.frombuffer(b"".join(self._parts), np.int16)

    def time_us(self, sample: int) -> int:
        """Return when a sample arrived, as the clock knew it soon after."""
        with self._lock:
            at = bisect(self._marks, (sample, 0))
            if at == len(self._marks):
                return self._clock.time_us(sample)
            later, time_us = self._marks[at]
            return time_us - samples_to_us(later - sample)


class Player:
    """Plays a sound once from `start` on, with silence before and after."""

    def __init__(self) -> None:
        self._sound = silence(0)
        self._next = 0
        self._lock = Lock()

    def start(self, sound: Samples) -> None:
        """Play a sound from its beginning."""
        with self._lock:
            self._next = 0
            self._sound = sound

    def play(self, samples: int) -> bytes:
        """Return the next buffer."""
        with self._lock:
            part = self._sound[self._next : self._next + samples]
            self._next += samples
        return np.concatenate([part, silence(samples - len(part))]).tobytes()


class Room:
    """A room with a loudspeaker, a microphone and a speaking user.

    Args:
        impulse: the echo path without its delay.
        delay_samples: the delay of the echo path, in addition to that of the devices.

    Attributes:
        near: plays the user's speech.
    """

    def __init__(self, impulse: Impulse, delay_samples: int) -> None:
        self.near = Player()
        self._impulse = impulse
        self._lock = Lock()
        self._tail = np.zeros(len(impulse) - 1, np.float32)
        self._echo = np.zeros(delay_samples, np.float32)

    def record(self, data: bytes) -> None:
        """Add sound that the loudspeaker plays."""
        played = np.frombuffer(data, np.int16).astype(np.float32)
        spread = np.convolve(played, self._impulse)
        spread[: len(self._tail)] += self._tail
        with self._lock:
            self._tail = spread[len(played) :]
            self._echo = np.concatenate([self._echo, spread[: len(played)]])[-SAMPLE_RATE_HZ:]

    def play(self, samples: int) -> bytes:
        """Return the next sound at the microphone."""
        near = np.frombuffer(self.near.play(samples), np.int16).astype(np.float32)
        with self._lock:
            echo, self._echo = self._echo[:samples], self._echo[samples:]
        near[: len(echo)] += echo
        return np.rint(near).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16).tobytes()


class Studio:
    """Streams to and from the sinks of a sound server."""

    def __init__(self) -> None:
        try:
            self._audio = PortAudio()
        except SourceError as error:
            raise BenchError(f"{error.sentence}. {error.next_step}") from error
        self._indices = {device.name: device.index for device in self._audio.list().devices}
        self._stack = ExitStack()
        self._stack.callback(self._audio.close)

    def record(self, sink: str, on_recorded: Callable[[bytes], None]) -> None:
        """Record the sound that goes into a sink."""
        index = self._indices[f"{sink}_mon"]
        stream = self._audio.open_microphone(index, on_recorded, BUFFER_SAMPLES)
        self._stack.callback(stream.close)

    def play(
        self, sink: str, next_buffer: Callable[[int], bytes], buffer_samples: int = STEADY_SAMPLES
    ) -> None:
        """Play sound into a sink."""
        stream = self._audio.open_speaker(self._indices[sink], next_buffer, buffer_samples)
        self._stack.callback(stream.close)

    def close(self) -> None:
        """End all streams."""
        self._stack.close()


@contextmanager
def studio() -> Iterator[Studio]:
    """Open a studio, and close it at the end."""
    opened = Studio()
    try:
        yield opened
    finally:
        opened.close()
