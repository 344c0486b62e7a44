"""How much a loudspeaker's device takes at once: as little as is safe. Pure: no I/O, no clock.

PortAudio lets a device hold three buffers: 15 ms of 5 each. Where this computer has so much to do
that the next one comes later, again and again, the device gets larger ones. It keeps them: opening
it once more is heard.
"""

BUFFER_SAMPLES = 240
"""5 ms. Measured through PulseAudio: from one application to the other in 3 of them."""
MOST_BUFFER_SAMPLES = 720
STALLS = 3
WITHIN_US = 10_000_000
"""So many stalls within this are too many."""


class BufferSize:
    """The size for one device."""

    def __init__(self) -> None:
        self.samples = BUFFER_SAMPLES
        self._stalls_us: list[int] = []

    @property
    def is_most(self) -> bool:
        """Whether it does not grow any more."""
        return self.samples == MOST_BUFFER_SAMPLES

    def note(self, stalls: int, now_us: int) -> bool:
        """Note that the device stood still so many times just now; return whether it grows."""
        if self.is_most:
            return False
        recent = [at_us for at_us in self._stalls_us if at_us > now_us - WITHIN_US]
        self._stalls_us = recent + [now_us] * stalls
        if len(self._stalls_us) < STALLS:
            return False
        self._stalls_us = []
        self.samples += BUFFER_SAMPLES
        return True
