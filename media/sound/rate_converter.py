"""Rate converter: 48 kHz to and from the rate of a device that has no other. A device's callback.

Sound servers convert by themselves. A device without one, such as `hw:0,0` on Linux or WASAPI on
Windows, may know only 44.1 or 16 kHz.
"""

from collections.abc import Callable

import av
import numpy as np
from numpy.typing import NDArray

from media.sound.pcm import SAMPLE_RATE_HZ, Samples, silence


class RateConverter:
    """Converts one stream of mono sound, piece by piece.

    Args:
        from_hz: the rate of what goes in.
        to_hz: the rate of what comes out.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)
        self._samples_in = 0

    def convert(self, samples: Samples) -> Samples:
        """Return the next converted samples: as many as the rates say, but for a few at first."""
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._from_hz
        frame.pts = self._samples_in
        self._samples_in += len(samples)
        parts: list[NDArray[np.int16]] = [
            part.to_ndarray().reshape(-1).astype(np.int16, copy=False)
            for part in self._resampler.resample(frame)
        ]
        return np.concatenate(parts) if parts else silence(0)


class PlayedAtRate:
    """Loudspeaker's buffers at another rate.

    Args:
        play: returns sound at 48 kHz of a number of samples.
    """

    def __init__(self, play: Callable[[int], bytes], device_hz: int) -> None:
        self._play = play
        self._device_hz = device_hz
        self._converter = RateConverter(SAMPLE_RATE_HZ, device_hz)
        self._waiting = silence(0)

    def play(self, samples: int) -> bytes:
        """Return the device's next buffer of that many samples at its own rate."""
        while (missing := samples - len(self._waiting)) > 0:
            requested = -(-missing * SAMPLE_RATE_HZ // self._device_hz)
            given = np.frombuffer(self._play(requested), np.int16)
            self._waiting = np.concatenate([self._waiting, self._converter.convert(given)])
        buffer, self._waiting = self._waiting[:samples], self._waiting[samples:]
        return buffer.tobytes()


class RecordedAtRate:
    """Microphone's buffers at another rate.

    Args:
        record: gets each piece of sound at 48 kHz.
    """

    def __init__(self, record: Callable[[bytes], None], device_hz: int) -> None:
        self._record = record
        self._converter = RateConverter(device_hz, SAMPLE_RATE_HZ)

    def record(self, data: bytes) -> None:
        """Pass on the device's next buffer."""
        converted = self._converter.convert(np.frombuffer(data, np.int16))
        if len(converted):
            self._record(converted.tobytes())
