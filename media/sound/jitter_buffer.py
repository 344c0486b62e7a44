"""The jitter buffer: irregular packets become an even stream. Pure: no I/O, no clock.

    packets --> gap? fade in --> [ buffer ] --> stretch or shorten --> blocks of 10 ms
                    |                ^
                arrivals' need    concealment, when the buffer runs dry

The delay is counted in samples: `_behind` is how far playout is behind an even pace, because of
inserted samples and of blocks that the loudspeaker did not take. Each arrival needs a certain value
of it to be in time, whatever the present value; `JitterEstimator` turns these needs into a target,
and `TimeStretch` moves `_behind` to it. Late sound is played late, and the delay shrinks again;
sound more than LATE_US late is dropped.
"""

from collections import deque

import msgspec

from media.sound.concealment import (
    CONCEALED_SAMPLES,
    ENDED_SAMPLES,
    NEEDED_SAMPLES,
    Concealment,
)
from media.sound.cross_fade import FADE_SAMPLES, cross_fade
from media.sound.jitter_estimator import MAX_SPREAD_SAMPLES, JitterEstimator
from media.sound.pcm import (
    BLOCK_SAMPLES,
    BLOCK_US,
    Samples,
    samples_to_us,
    silence,
    us_to_samples,
)
from media.sound.sample_buffer import SampleBuffer
from media.sound.speaker_lag import SpeakerLag
from media.sound.time_stretch import TimeStretch

LATE_US = 150_000
"""Sound later than the target by more than this is dropped, not played."""
MAX_FLOOR_US = 200_000
MAX_PACKET_SAMPLES = us_to_samples(120_000)
"""The longest Opus packet (RFC 6716, section 3.2.5)."""
_MAX_TARGET_US = MAX_FLOOR_US + samples_to_us(MAX_SPREAD_SAMPLES)
_START_SPREAD_SAMPLES = us_to_samples(20_000)
_GAP_US = 5_000
"""A larger step between two packets' pts is a gap; a smaller one is the clock's own jitter."""
_EARLIER_SAMPLES = us_to_samples(20_000)
"""A packet this much earlier than all before it shows that the sender's clock was set."""


class JitterBufferCounters(msgspec.Struct):
    """Totals of one call."""

    underruns: int = 0
    concealed_samples: int = 0
    stretched_samples: int = 0
    shortened_samples: int = 0
    dropped_samples: int = 0


class _Mark(msgspec.Struct, frozen=True):
    """The pts of the samples from a position on; None if they were not sent."""

    position: int
    pts_us: int | None


class JitterBuffer:
    """One call's jitter buffer. Speaker thread only."""

    def __init__(self) -> None:
        self.counters = JitterBufferCounters()
        self._floor_us = 0
        self._is_expected = True
        self._buffer = SampleBuffer()
        self._arrivals = JitterEstimator(_START_SPREAD_SAMPLES)
        self._time_stretch = TimeStretch()
        self._marks: deque[_Mark] = deque()
        self._behind = 0
        self._speaker_lag: SpeakerLag | None = None
        self._next_pts_us: int | None = None
        self._playing_pts_us: int | None = None
        self._concealment: Concealment | None = None
        self._is_underrun = False
        self._left_out: Samples | None = None
        """The beginning of the sound dropped since the last block was taken."""

    @property
    def floor_us(self) -> int:
        """The minimum playout delay, for lip sync; 0 to 200,000."""
        return self._floor_us

    @floor_us.setter
    def floor_us(self, floor_us: int) -> None:
        self._floor_us = min(max(0, floor_us), MAX_FLOOR_US)

    @property
    def delay_us(self) -> int:
        """The usual time from a packet's arrival until its first sample is taken."""
        if self._next_pts_us is None:
            return 0
        delay_us = samples_to_us(self._delay_at(self._behind))
        return min(max(0, delay_us), self.target_us + LATE_US)

    @property
    def target_us(self) -> int:
        """The target playout delay."""
        target_us = samples_to_us(self._delay_at(self._target))
        return min(max(0, target_us), _MAX_TARGET_US)

    @property
    def playing_pts_us(self) -> int | None:
        """The sender's capture time of the first sample of the last block.

        None for silence and for concealed sound.
        """
        return self._playing_pts_us

    @property
    def level_samples(self) -> int:
        """The number of samples waiting."""
        return self._buffer.level

    def set_expected(self, is_expected: bool) -> None:
        """Store whether the other peer sends sound. If not, an empty buffer is no underrun."""
        self._is_expected = is_expected

    def put(self, samples: Samples, pts_us: int, arrived_us: int) -> None:
        """Store a decoded packet.

        Args:
            samples: up to 120 ms.
            pts_us: the sender's capture time of the first sample.
            arrived_us: when the packet arrived, on the clock of `take`.
        """
        if not len(samples):
            return
        samples = samples[:MAX_PACKET_SAMPLES]
        is_new = self._next_pts_us is None
        if self._speaker_lag is None:
            self._speaker_lag = SpeakerLag(arrived_us + BLOCK_US)
        need = self._behind - self._buffer.level
        need += us_to_samples(arrived_us + BLOCK_US - self._speaker_lag.due_us)
        gap = self._gap(pts_us)
        if gap:
            if 0 < gap <= need - self._arrivals.base + _EARLIER_SAMPLES:
                self._behind -= gap
                need -= gap
            else:
                self._arrivals.restart()
        self._next_pts_us = pts_us + samples_to_us(len(samples))
        self._arrivals.add(need, arrived_us)
        is_quiet = self._concealment is not None and self._concealment.is_silent
        if (is_new or is_quiet) and not self._buffer.level and self._behind < self._target:
            self._append_silence(self._target - self._behind)
        if gap or self._concealment is not None or is_new:
            samples = self._fade_over(samples)
        self._mark(pts_us)
        self._buffer.append(samples)
        self._drop_late(len(samples))

    def take(self, now_us: int) -> Samples:
        """Return the next block for the loudspeaker; never None."""
        if self._speaker_lag is None:
            self._speaker_lag = SpeakerLag(now_us)
        self._behind += self._speaker_lag.note(now_us)
        self._left_out = None
        if self._next_pts_us is None:
            return silence()
        if self._buffer.level >= BLOCK_SAMPLES:
            # The stretch is bounded, whatever the clocks say.
            room = max(0, us_to_samples(_MAX_TARGET_US) - self._buffer.level)
            added = self._time_stretch.step(self._buffer, max(self._behind - self._target, -room))
            self._behind += added
            if added > 0:
                self.counters.stretched_samples += added
            else:
                self.counters.shortened_samples -= added
        missing = BLOCK_SAMPLES - self._buffer.level
        if missing > 0:
            self._conceal(missing)
        self._playing_pts_us = self._pts_at_head()
        return self._buffer.take(BLOCK_SAMPLES)

    @property
    def _target(self) -> int:
        for_picture = round(self._arrivals.mean) + us_to_samples(self._floor_us) - BLOCK_SAMPLES
        return max(self._arrivals.target, for_picture)

    def _delay_at(self, inserted: int) -> int:
        return BLOCK_SAMPLES + inserted - round(self._arrivals.mean)

    def _gap(self, pts_us: int) -> int:
        """Return the samples missing before this packet; negative if its pts steps back."""
        if self._next_pts_us is None:
            return 0
        gap_us = pts_us - self._next_pts_us
        return us_to_samples(gap_us) if abs(gap_us) > _GAP_US else 0

    def _append_silence(self, samples: int) -> None:
        samples = min(samples, us_to_samples(_MAX_TARGET_US))
        self._mark(None)
        self._buffer.append(silence(samples))
        self._behind += samples

    def _fade_over(self, samples: Samples) -> Samples:
        """Return the samples, faded in over the concealment that they end."""
        concealment = self._concealment
        if concealment is None:
            concealment = Concealment(self._buffer.newest(NEEDED_SAMPLES))
        self._concealment = None
        fade = min(len(samples), FADE_SAMPLES)
        joined = samples.copy()
        joined[:fade] = cross_fade(concealment.take(fade), samples[:fade])
        return joined

    def _mark(self, pts_us: int | None) -> None:
        self._marks.append(_Mark(self._buffer.tail_position, pts_us))

    def _pts_at_head(self) -> int | None:
        self._forget_marks()
        mark = self._marks[0]
        if mark.pts_us is None:
            return None
        return mark.pts_us + samples_to_us(self._buffer.head_position - mark.position)

    def _forget_marks(self) -> None:
        while len(self._marks) > 1 and self._marks[1].position <= self._buffer.head_position:
            self._marks.popleft()

    def _drop_late(self, packet_samples: int) -> None:
        limit = us_to_samples(self.target_us + LATE_US) + packet_samples
        late = self._buffer.level - limit
        if late <= 0:
            return
        # However often sound is dropped before the next block, fade from the first sample dropped.
        if self._left_out is None:
            self._left_out = self._buffer.waiting(FADE_SAMPLES).copy()
        self._buffer.cut(late)
        self._forget_marks()
        self._behind -= late
        self.counters.dropped_samples += late
        fade = len(self._left_out)
        self._buffer.write(cross_fade(self._left_out, self._buffer.waiting(fade)))

    def _conceal(self, missing: int) -> None:
        if self._concealment is None:
            fade = CONCEALED_SAMPLES if self._is_expected else ENDED_SAMPLES
            self._concealment = Concealment(self._buffer.newest(NEEDED_SAMPLES), fade)
            self._is_underrun = self._is_expected
            self.counters.underruns += self._is_underrun
            self._time_stretch.pause_shortening()
            self._mark(None)
        self._buffer.append(self._concealment.take(missing))
        self._behind += missing
        if self._is_underrun and self._is_expected:
            self.counters.concealed_samples += missing
