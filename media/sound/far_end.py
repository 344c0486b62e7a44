"""What the loudspeaker plays, paired with what the microphone records meanwhile.

    output callback --put--> ring of the last second --take--> microphone thread

Both sides are counted in samples, and one number says which played sample belongs to which recorded
one: the newest that had been handed out when the microphone's sample came in. From there the sound
still passes both cards and the room, so its echo is always later than the pair.

That number holds as long as it can, since each change makes the echo canceller search anew. Blocks
come in bursts and a thread may be late, so it is judged over a second at a time; two cards' clocks
drift apart, and then it slips by a block. Where it slips, and where the loudspeaker stood still,
the echo jumps: it is disturbed for a moment.
"""

from threading import Lock

import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples, silence

CAPACITY_SAMPLES = SAMPLE_RATE_HZ
WINDOW_BLOCKS = 100
LATE_BLOCKS = 10
"""So many of a window may have been handed out too late before the pairing goes back by a block."""
SLACK_SAMPLES = BLOCK_SAMPLES + BLOCK_SAMPLES // 2
"""So much too old a whole window must be before the pairing goes on by a block."""
DISTURBED_BLOCKS = 60
"""After so many the echo canceller has mostly found the jump."""
GONE_BLOCKS = 20
"""After so many without a sample in a row the loudspeaker is away."""


class FarEnd:
    """The loudspeaker's sound, as the echo canceller needs it.

    Attributes:
        slips: how often the pairing moved since the beginning.
    """

    def __init__(self) -> None:
        self.slips = 0
        self._lock = Lock()
        self._ring = silence(CAPACITY_SAMPLES)
        self._put = 0  # samples ever handed to the loudspeaker
        self._since = 0  # the first of them since it was away
        # The rest is the microphone thread's alone.
        self._next: int | None = None  # the first of the next block; None while it is away
        self._seen = 0
        self._gone = 0
        self._disturbed = 0
        self._blocks = self._late = 0
        self._least = self._least_late = CAPACITY_SAMPLES

    def put(self, played: Samples | bytes) -> None:
        """Take what is handed to the loudspeaker now, any length. The output's callback."""
        samples = np.frombuffer(played, np.int16) if isinstance(played, bytes) else played
        kept = samples[-CAPACITY_SAMPLES:]
        with self._lock:
            self._put += len(samples)
            _write(self._ring, self._put - len(kept), kept)

    @property
    def is_disturbed(self) -> bool:
        """Whether the echo may just have jumped. The microphone thread."""
        return self._disturbed > 0

    def disturb(self) -> None:
        """The loudspeaker stood still for a moment. Any thread."""
        self._disturbed = DISTURBED_BLOCKS

    def take(self, backlog_samples: int = 0) -> Samples:
        """Return what belongs to the microphone's next block. The microphone thread.

        Args:
            backlog_samples: recorded, but waiting behind that block.
        Returns:
            A block; silence where the loudspeaker had nothing.
        """
        block = silence()
        self._disturbed = max(0, self._disturbed - 1)
        with self._lock:
            put = self._put
            start = self._find(put, backlog_samples)
            if start is None:
                return block
            first, end = max(start, self._since), min(start + BLOCK_SAMPLES, put)
            if first < end:
                block[first - start : end - start] = _read(self._ring, first, end - first)
        self._next = start + BLOCK_SAMPLES
        self._judge(put, backlog_samples)
        return block

    def forget(self) -> None:
        """Pair anew: the microphone is another one, or was away."""
        with self._lock:
            self._next = None
            self._seen = self._since = self._put

    def _find(self, put: int, backlog_samples: int) -> int | None:
        """Return the first sample of the next block; None while the loudspeaker is away."""
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

    def _judge(self, put: int, backlog_samples: int) -> None:
        """Follow how far the pairing is off, and move it at the end of a window."""
        assert self._next is not None
        self._gone = self._gone + 1 if put == self._seen else 0
        self._seen = put
        if self._gone >= GONE_BLOCKS:
            self._next = None
            with self._lock:
                # What is put in between is not lost: it begins the next pairing.
                self._since = put
            return
        self._blocks += 1
        self._least = min(self._least, put - self._next - backlog_samples)
        if self._next > put and not self._gone:
            self._late += 1
            self._least_late = min(self._least_late, self._next - put)
        if self._late >= LATE_BLOCKS:
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
