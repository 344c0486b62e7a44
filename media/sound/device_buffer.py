"""How much a sound device gives or takes at once: as little as is safe. Pure: no I/O, no clock.

PortAudio lets a device hold three buffers. What is recorded waits in the sound server where we are
late, but a loudspeaker whose next buffer comes later plays nothing meanwhile. Where it does so
again and again it gets larger buffers, and keeps them: opening it once more is heard.
"""

BUFFER_SAMPLES = 240
"""5 ms. Measured through PulseAudio: from one application to the other in 3 of them."""
SPEAKER_BUFFER_SAMPLES = 360
"""7.5 ms. With 5 it stood still once in half a minute of a usual call, measured on two cores."""
MOST_BUFFER_SAMPLES = 720
STALLS = 3
WITHIN_US = 10_000_000
"""So many stalls within this are too many."""


class DeviceBuffer:
    """The size for one device.

    Args:
        samples: the first size.
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self._stalls_us: list[int] = []

    def note(self, stalls: int, now_us: int) -> bool:
        """Note that the device stood still so many times just now; return whether it grows."""
        recent = [at_us for at_us in self._stalls_us if at_us > now_us - WITHIN_US]
        self._stalls_us = recent + [now_us] * min(stalls, STALLS)
        if len(self._stalls_us) < STALLS or self.samples >= MOST_BUFFER_SAMPLES:
            return False
        self._stalls_us = []
        self.samples = min(MOST_BUFFER_SAMPLES, self.samples + BUFFER_SAMPLES)
        return True
