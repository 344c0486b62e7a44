"""Device latency: how long a sound device holds sound, as it reports. Pure: no I/O, no clock.

At its opening a device reports only the size of its buffers. What it reports with each buffer
contains all that follows, such as 250 ms of a Bluetooth loudspeaker. But that depends on how full
the buffers are at that moment, because a sound server takes several at once. So the mean of about
the last second of sound counts.
"""

WINDOW_S = 1.0
MAX_LATENCY_S = 3.0
"""A longer latency is a fault of the device's clock."""


class DeviceLatency:
    """The latency of one open device.

    Attributes:
        us: the latency now.
    """

    def __init__(self) -> None:
        self.us = 0
        self._mean_s = 0.0
        self._noted_s = 0.0

    def begin(self, opened_s: float) -> None:
        """Store the latency reported at the opening; it counts until a buffer reports another."""
        if not self._noted_s:
            self.us = round(opened_s * 1e6)

    def note(self, held_s: float, duration_s: float, *, recorded_s: float = 0.0) -> None:
        """Note what the device reported with a buffer. Some systems report 0 or nonsense.

        Args:
            held_s: how long the device holds the buffer's first sample, or has held it.
            duration_s: the length of the buffer.
            recorded_s: the part of `held_s` in which the buffer itself was recorded.
        """
        if not 0 < held_s <= MAX_LATENCY_S or duration_s <= 0:
            return
        latency_s = max(0.0, held_s - recorded_s)
        self._noted_s = min(WINDOW_S, self._noted_s + duration_s)
        self._mean_s += (latency_s - self._mean_s) * min(1.0, duration_s / self._noted_s)
        self.us = round(self._mean_s * 1e6)
