"""Processor limit: how much work a picture may cost this computer. Pure: no I/O, no clock.

When encoding takes more than half of the time between two pictures for a second, each step makes
pictures cheaper: first at most 30 a second, then one size smaller after the other, or one frame
rate slower where detail counts. A step is taken back when the work has been light for a while,
which doubles if that was too early.

Pictures are refined only where that can be seen and costs next to nothing: while they are coarse,
and encoding takes less than a seventh of the time, until it takes more than a quarter.
"""

from collections import deque

import msgspec

MEASURED_US = 1_000_000
SETTLING_US = 2_000_000
"""The start of a call, when this computer still loads what the call needs, does not count."""
HEAVY_SHARE = 0.5
LIGHT_SHARE = 0.2
"""The next larger size costs up to twice the work."""
LEAST_QUIET_US = 5_000_000
MOST_QUIET_US = 80_000_000
MOST_STEPS = 4
"""From 60 pictures a second to 30, then three sizes down: from 1280x720 to 320x180."""
IDLE_SHARE = 1 / 7
"""Refinement costs up to a third more."""
BUSY_SHARE = 1 / 4
COARSE_QUANTIZER = 20.0
"""From here on refinement can be seen: some 43 dB on films at 1280x720."""
FINE_QUANTIZER = 16.0
"""Below, nobody sees it: some 48 dB on a page of text."""


class _Picture(msgspec.Struct, frozen=True):
    encoded_us: int
    work_us: int
    interval_us: int
    quantizer: float


class ProcessorLimit:
    """The limit that this computer sets to its own pictures. Encode thread only; any thread reads.

    Attributes:
        steps: 0 without a limit, then one for each step down.
        refines: True while the encoder may refine motion below a pixel.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.refines = False
        self._pictures: deque[_Picture] = deque()
        self._began_us: int | None = None
        self._light_from_us: int | None = None
        self._quiet_us = LEAST_QUIET_US
        self._rose_us: int | None = None
        self._idle_from_us: int | None = None
        self._idle_us = LEAST_QUIET_US

    def on_encoded(
        self, encode_us: int, interval_us: int, now_us: int, quantizer: float | None
    ) -> None:
        """Count a picture.

        Args:
            encode_us: the time that it took.
            interval_us: the time between two pictures.
            quantizer: how coarse it is; None for a codec that refines nothing.
        """
        if self._began_us is None:
            self._began_us = now_us + SETTLING_US
        self._pictures.append(_Picture(now_us, encode_us, interval_us, quantizer or 0.0))
        while now_us - self._pictures[0].encoded_us > MEASURED_US:
            self._pictures.popleft()
        if now_us - self._began_us < MEASURED_US:
            return
        share = sum(p.work_us for p in self._pictures) / sum(p.interval_us for p in self._pictures)
        self._consider_refining(share, now_us)
        if share > HEAVY_SHARE:
            self._step_down(now_us)
        elif share > LIGHT_SHARE:
            self._light_from_us = None
        else:
            self._consider_stepping_up(now_us)

    def _consider_refining(self, share: float, now_us: int) -> None:
        quantizer = sum(p.quantizer for p in self._pictures) / len(self._pictures)
        if self.refines and (share > BUSY_SHARE or quantizer < FINE_QUANTIZER):
            self.refines = False
            self._idle_us = min(MOST_QUIET_US, self._idle_us * 2)
            self._restart(now_us)
        elif self.refines or self.steps or share > IDLE_SHARE or quantizer < COARSE_QUANTIZER:
            self._idle_from_us = None
        elif self._idle_from_us is None:
            self._idle_from_us = now_us
        elif now_us - self._idle_from_us >= self._idle_us:
            self.refines = True
            self._idle_from_us = None
            self._restart(now_us)

    def _step_down(self, now_us: int) -> None:
        self._light_from_us = None
        self._restart(now_us)
        if self.steps == MOST_STEPS:
            return
        self.steps += 1
        was_early = self._rose_us is not None and now_us - self._rose_us < 2 * self._quiet_us
        self._quiet_us = min(MOST_QUIET_US, self._quiet_us * 2) if was_early else LEAST_QUIET_US

    def _consider_stepping_up(self, now_us: int) -> None:
        if not self.steps:
            return
        if self._light_from_us is None:
            self._light_from_us = now_us
        elif now_us - self._light_from_us >= self._quiet_us:
            self.steps -= 1
            self._light_from_us = None
            self._rose_us = now_us
            self._restart(now_us)

    def _restart(self, now_us: int) -> None:
        self._pictures.clear()
        self._began_us = now_us
