"""Far end: the loudspeaker's sound, paired with the microphone's. Two threads.

    output callback --put--> ring of the last second --take--> microphone thread

Both directions are counted in samples. One number pairs them: a recorded sample belongs to the
newest sample that had been handed to the loudspeaker when it arrived. That sample still has to pass
both cards and the room, so its echo is always later than the pair.

The pairing is kept as long as possible, because the echo canceller has to search again after each
change. Blocks arrive in bursts and a thread may be late, so the pairing is checked once a second;
when the clocks of two cards have drifted apart, it slips by a block. After a slip, and after a
stall of the loudspeaker, the echo path has jumped, and the pairing is disturbed for a moment.
"""

from threading import Lock

import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples, silence

CAPACITY_SAMPLES = SAMPLE_RATE_HZ
WINDOW_BLOCKS = 100
MAX_LATE_BLOCKS = 10
"""If this many blocks of a window reached the loudspeaker too late, the pairing slips back."""
SLACK_SAMPLES = BLOCK_SAMPLES + BLOCK_SAMPLES // 2
"""If a whole window is paired with sound at least this much too old, the pairing slips forward."""
DISTURBED_BLOCKS = 60
"""By then the echo canceller has usually found the new echo path."""
GONE_BLOCKS = 20
"""After this many consecutive blocks without a sample, the loudspeaker is gone."""


class FarEnd:
    """The loudspeaker's sound, as the echo canceller needs it.

    Attributes:
        slips: how often the pairing has moved.
    """

    def __init__(self) -> None:
        self.slips = 0
        self._lock = Lock()
        self._ring = silence(CAPACITY_SAMPLES)
        self._put = 0
        """Samples ever handed to the loudspeaker."""
        self._since = 0
        """The first of them since the loudspeaker was gone."""
        # Only the microphone thread uses the rest.
        self._next: int | None = None
        """The first sample of the next block; None while the loudspeaker is gone."""
        self._seen = 0
        self._gone = 0
        self._disturbed = 0
        self._blocks = self._late = 0
        self._least = self._least_late = CAPACITY_SAMPLES

    def put(self, played: Samples | bytes) -> None:
        """Store sound that goes to the loudspeaker now, of any length. Output callback."""
        samples = np.frombuffer(played, np.int16) if isinstance(played, bytes) else played
        kept = samples[-CAPACITY_SAMPLES:]
        with self._lock:
            self._put += len(samples)
            _write(self._ring, self._put - len(kept), kept)

    @property
    def is_disturbed(self) -> bool:
        """True while the echo path may just have jumped. Microphone thread."""
        return self._disturbed > 0

    def disturb(self) -> None:
        """Note that the loudspeaker stalled. Any thread."""
        self._disturbed = DISTURBED_BLOCKS

    def take(self, backlog_samples: int = 0) -> Samples:
        """Return the block paired with the microphone's next block. Microphone thread.

        Args:
            backlog_samples: samples recorded after that block that still wait in the ring.
        Returns:
            A block; silence where the loudspeaker played nothing.
        """
        block = silence()
        self._disturbed = max(0, self._disturbed - 1)
        with self._lock:
            put = self._put
            start = self._next_start(put, backlog_samples)
            if start is None:
                return block
            first, end = max(start, self._since), min(start + BLOCK_SAMPLES, put)
            if first < end:
                block[first - start : end - start] = _read(self._ring, first, end - first)
        self._next = start + BLOCK_SAMPLES
        self._check_pairing(put, backlog_samples)
        return block

    def forget(self) -> None:
        """Start a new pairing, after the microphone was replaced or missing."""
        with self._lock:
            self._next = None
            self._seen = self._since = self._put

    def _next_start(self, put: int, backlog_samples: int) -> int | None:
        """Return the first sample of the next block; None while the loudspeaker is gone."""
        newest = put - backlog_samples - BLOCK_SAMPLES
        if self._next is None:
            if put == self._seen:
                return None
            self._begin_window()
            self._gone = 0
            return newest
        if not put - CAPACITY_SAMPLES <= self._next <= put + CAPACITY_SAMPLES:
            self.slips += 1
            self.disturb()
            self._begin_window()
            return newest
        return self._next

    def _check_pairing(self, put: int, backlog_samples: int) -> None:
        """Measure how far the pairing is off, and let it slip at the end of a window."""
        assert self._next is not None
        self._gone = self._gone + 1 if put == self._seen else 0
        self._seen = put
        if self._gone >= GONE_BLOCKS:
            self._next = None
            with self._lock:
                # Sound put after `put` was read starts the next pairing.
                self._since = put
            return
        self._blocks += 1
        self._least = min(self._least, put - self._next - backlog_samples)
        if self._next > put and not self._gone:
            self._late += 1
            self._least_late = min(self._least_late, self._next - put)
        if self._late >= MAX_LATE_BLOCKS:
            self._slip(-max(1, self._least_late // BLOCK_SAMPLES))
        elif self._blocks == WINDOW_BLOCKS:
            if self._least >= SLACK_SAMPLES:
                self._slip(self._least // BLOCK_SAMPLES)
            self._begin_window()

    def _slip(self, blocks: int) -> None:
        assert self._next is not None
        self._next += blocks * BLOCK_SAMPLES
        self.slips += 1
        self.disturb()
        self._begin_window()

    def _begin_window(self) -> None:
        self._blocks = self._late = 0
        self._least = self._least_late = CAPACITY_SAMPLES


def _write(ring: Samples, position: int, samples: Samples) -> None:
    start = position % len(ring)
    ahead = min(len(samples), len(ring) - start)
    ring[start : start + ahead] = samples[:ahead]
    ring[: len(samples) - ahead] = samples[ahead:]


def _read(ring: Samples, position: int, count: int) -> Samples:
    start = position % len(ring)
    if start + count <= len(ring):
        return ring[start : start + count]
    return np.concatenate([ring[start:], ring[: start + count - len(ring)]])
