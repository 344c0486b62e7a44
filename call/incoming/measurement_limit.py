"""Measurement limit: how often a known peer may measure goodput. Pure: the time is an argument.

Each measurement makes a listener send and receive for a second. Listen thread only.
"""

PER_MINUTE = 3
MINUTE_US = 60_000_000


class MeasurementLimit:
    """The measurements of the last minute, by the key of their caller."""

    def __init__(self) -> None:
        self._begun_us: dict[bytes, list[int]] = {}

    @property
    def noted_peers(self) -> int:
        """The number of peers in memory."""
        return len(self._begun_us)

    def note(self, fingerprint: bytes, now_us: int) -> None:
        """Count a measurement, and forget those of more than a minute ago."""
        self._begun_us.setdefault(fingerprint, []).append(now_us)
        self._begun_us = {
            key: recent
            for key, times_us in self._begun_us.items()
            if (recent := [began_us for began_us in times_us if now_us - began_us < MINUTE_US])
        }

    def wait_us(self, fingerprint: bytes, now_us: int) -> int:
        """Return how long a known peer has to wait before it may measure; 0 if it may now."""
        times_us = self._begun_us.get(fingerprint, [])[-PER_MINUTE:]
        if len(times_us) < PER_MINUTE:
            return 0
        return max(0, times_us[0] + MINUTE_US - now_us)
