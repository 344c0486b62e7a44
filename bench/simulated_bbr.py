"""BBR's congestion control, version 1, for the simulated TCP. Pure: no I/O, no clock.

    acknowledgements -> delivery rate, the largest of 10 round trips = bandwidth
                     -> round trip, the least of 10 s                = propagation delay
    pacing rate = gain * bandwidth,    window = gain * bandwidth * propagation delay

A single loss does not change the bandwidth.
Modelled after Linux' tcp_bbr.c: startup, drain, the cycle of eight gains, ProbeRTT, samples limited
by the application, room for aggregated acknowledgements, and packet conservation for a round trip
after a loss. Two segments may leave at once above 1.2 Mbit/s.
Not modelled: the detection of policers (lt_bw), and larger bursts at high rates.

Source: Cardwell et al., "BBR: congestion-based congestion control", ACM Queue 14(5), 2016.
"""

import math
import random
from enum import Enum, auto

from bench.delivery_rate import DeliveryRate, LargestRate, Sample
from bench.simulated_tcp import FIRST_WINDOW, SEGMENT_BYTES

HIGH_GAIN = 2 / math.log(2)
CYCLE_GAINS = (1.25, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
CYCLE_WINDOW_GAIN = 2.0
PACING_MARGIN = 0.99
BANDWIDTH_ROUNDS = 10
FULL_GROWTH, FULL_ROUNDS = 1.25, 3
LEAST_WINDOW = 4.0
LEAST_AGE_US = 10_000_000
PROBE_RTT_US = 200_000
FIRST_ROUND_TRIP_US = 1_000
PAIR_FROM_BPS = 1_200_000
EXTRA_ROUNDS = 5
MOST_EXTRA_S = 0.1
SEED = 1


class _Mode(Enum):
    STARTUP = auto()
    DRAIN = auto()
    CYCLE = auto()
    PROBE_RTT = auto()


class BbrWindow:
    """The congestion window in segments, and the pacing.

    Attributes:
        ready_us: when the next segment may be sent.
    """

    def __init__(self) -> None:
        self.segments = float(FIRST_WINDOW)
        self.ready_us = 0
        self._delivery = DeliveryRate()
        self._bandwidth = LargestRate(BANDWIDTH_ROUNDS)
        self._pacing_hz = HIGH_GAIN * FIRST_WINDOW * 1e6 / FIRST_ROUND_TRIP_US
        self._paced_us = 0.0
        self._mode = _Mode.STARTUP
        self._gain = self._window_gain = HIGH_GAIN
        self._rounds = self._round_ends = 0
        self._is_round_start = False
        self._full_hz, self._full_rounds = 0.0, 0
        self._cycle = self._cycle_us = 0
        self._chance = random.Random(SEED)
        self._least_us, self._least_at_us = 0, 0
        """The least round trip; 0 before the first."""
        self._is_after_idle = False
        self._probe_until_us: int | None = None
        self._is_probe_round_over = False
        self._saved_segments = 0.0
        self._recovers: set[int] = set()
        """Segments whose arrival ends the recovery from a loss."""
        self._is_conserving = False
        self._lost = 0
        self._epoch_us = self._epoch_delivered = 0
        self._extras, self._extra_rounds = [0.0, 0.0], 0

    def on_written(self, in_flight: int) -> None:
        """Note that the application writes while less than a segment waits."""
        if in_flight < int(self.segments):
            self._delivery.limit_by_app(in_flight)

    def on_sent(self, number: int, size_bytes: int, in_flight: int, now_us: int) -> None:
        """Note a segment that is sent while others are in flight, and pace the next one."""
        if not in_flight and self._delivery.is_app_limited:
            self._is_after_idle = True
            if self._mode is _Mode.CYCLE:
                self._pacing_hz = self._bandwidth.hz * PACING_MARGIN
            elif self._mode is _Mode.PROBE_RTT:
                self._end_probe_rtt(now_us)
        self._delivery.on_sent(number, in_flight, now_us)
        segment_us = 1e6 / self._pacing_hz
        self._paced_us = max(self._paced_us, now_us) + segment_us * size_bytes / SEGMENT_BYTES
        self.ready_us = math.ceil(self._paced_us - segment_us * (self._burst - 1))

    def on_acknowledged(
        self, number: int, round_trip_us: int, smoothed_us: float, in_flight: int, now_us: int
    ) -> None:
        """Update the model of the path with a segment that has arrived."""
        sample = self._delivery.on_delivered(number, now_us)
        self._end_recovery(number)
        self._update_bandwidth(sample)
        self._update_extra(now_us)
        self._follow_cycle(in_flight, now_us)
        self._check_full(sample)
        self._check_drained(in_flight - 1, now_us)
        self._update_least(round_trip_us, in_flight - 1, now_us)
        self._set_pacing(smoothed_us)
        self._set_window(in_flight - 1)
        self._lost, self._is_after_idle = 0, False

    def on_late(self, number: int, now_us: int) -> None:
        """Count a segment as delivered that was not lost."""
        self._delivery.on_delivered(number, now_us)
        self._end_recovery(number)

    def on_lost(self, count: int, sent_us: int, now_us: int) -> None:
        """Keep as much in flight as arrives, for a round trip."""
        self._lost = count
        if not self._recovers:
            self._save_window()
            self._recovers = self._delivery.numbers
            self._is_conserving = True
            self._round_ends = self._delivery.delivered
            self.segments = 0.0  # This acknowledgement sets it to the segments in flight.

    def on_timeout(self, in_flight: int, now_us: int) -> None:
        """Send a single segment; the bandwidth remains."""
        self._save_window()
        self._recovers = self._delivery.numbers
        self._is_conserving = False
        self._full_hz = 0.0
        self.segments = 1.0

    @property
    def _is_full(self) -> bool:
        return self._full_rounds >= FULL_ROUNDS

    @property
    def _burst(self) -> int:
        return 2 if self._pacing_hz * SEGMENT_BYTES * 8 >= PAIR_FROM_BPS else 1

    def _budget(self, gain: float) -> float:
        """Return the window of a gain, with room for the bursts of sender and receiver."""
        segments = math.ceil(gain * self._bandwidth.hz * self._least_us / 1e6) + 3 * self._burst
        segments += segments % 2
        return segments + (2 if self._mode is _Mode.CYCLE and self._cycle == 0 else 0)

    def _save_window(self) -> None:
        is_usual = not self._recovers and self._mode is not _Mode.PROBE_RTT
        self._saved_segments = max(self.segments, 0 if is_usual else self._saved_segments)

    def _end_recovery(self, number: int) -> None:
        """Return to the window before the loss if all that was in flight then has arrived."""
        if number in self._recovers:
            self._recovers.remove(number)
            if not self._recovers:
                self._is_conserving = False
                self.segments = max(self.segments, self._saved_segments)

    def _update_bandwidth(self, sample: Sample) -> None:
        self._is_round_start = sample.before >= self._round_ends
        if self._is_round_start:
            self._round_ends = self._delivery.delivered
            self._rounds += 1
            self._is_conserving = False
        if sample.interval_us < max(1, self._least_us):
            return
        rate_hz = sample.delivered * 1e6 / sample.interval_us
        if not sample.is_app_limited or rate_hz >= self._bandwidth.hz:
            self._bandwidth.add(rate_hz, self._rounds)

    def _update_extra(self, now_us: int) -> None:
        """Measure how many acknowledgements come at once beyond the bandwidth."""
        if self._is_round_start:
            self._extra_rounds += 1
            if self._extra_rounds >= EXTRA_ROUNDS:
                self._extra_rounds = 0
                self._extras = [0.0, self._extras[0]]
        expected = self._bandwidth.hz * (now_us - self._epoch_us) / 1e6
        if self._epoch_delivered <= expected:
            self._epoch_us, self._epoch_delivered, expected = now_us, 0, 0.0
        self._epoch_delivered += 1
        extra = min(self._epoch_delivered - expected, self.segments)
        self._extras[0] = max(self._extras[0], extra)

    def _follow_cycle(self, in_flight: int, now_us: int) -> None:
        if self._mode is not _Mode.CYCLE:
            return
        is_over = now_us - self._cycle_us > self._least_us
        if self._gain > 1:
            is_over &= self._lost > 0 or in_flight >= self._budget(self._gain)
        elif self._gain < 1:
            is_over |= in_flight <= self._budget(1)
        if is_over:
            self._enter_phase(self._cycle + 1, now_us)

    def _enter_phase(self, phase: int, now_us: int) -> None:
        self._cycle, self._cycle_us = phase % len(CYCLE_GAINS), now_us
        self._gain = CYCLE_GAINS[self._cycle]

    def _start_cycle(self, now_us: int) -> None:
        self._mode, self._window_gain = _Mode.CYCLE, CYCLE_WINDOW_GAIN
        # Any phase but the one that drains.
        self._enter_phase(len(CYCLE_GAINS) - self._chance.randrange(7), now_us)

    def _check_full(self, sample: Sample) -> None:
        if self._is_full or not self._is_round_start or sample.is_app_limited:
            return
        if self._bandwidth.hz >= self._full_hz * FULL_GROWTH:
            self._full_hz, self._full_rounds = self._bandwidth.hz, 0
        else:
            self._full_rounds += 1

    def _check_drained(self, in_flight: int, now_us: int) -> None:
        if self._mode is _Mode.STARTUP and self._is_full:
            self._mode, self._gain, self._window_gain = _Mode.DRAIN, 1 / HIGH_GAIN, HIGH_GAIN
        if self._mode is _Mode.DRAIN and in_flight <= self._budget(1):
            self._start_cycle(now_us)

    def _update_least(self, round_trip_us: int, in_flight: int, now_us: int) -> None:
        """Update the least round trip, and empty the queue to see it if it is 10 s old."""
        is_old = now_us > self._least_at_us + LEAST_AGE_US
        if not self._least_us or round_trip_us <= self._least_us or is_old:
            self._least_us, self._least_at_us = round_trip_us, now_us
        if is_old and not self._is_after_idle and self._mode is not _Mode.PROBE_RTT:
            self._save_window()
            self._mode, self._gain, self._window_gain = _Mode.PROBE_RTT, 1.0, 1.0
            self._probe_until_us = None
        if self._mode is not _Mode.PROBE_RTT:
            return
        self._delivery.limit_by_app(in_flight)
        if self._probe_until_us is not None:
            self._is_probe_round_over |= self._is_round_start
            if self._is_probe_round_over:
                self._end_probe_rtt(now_us)
        elif in_flight <= LEAST_WINDOW:
            self._probe_until_us = now_us + PROBE_RTT_US
            self._is_probe_round_over = False
            self._round_ends = self._delivery.delivered

    def _end_probe_rtt(self, now_us: int) -> None:
        if self._probe_until_us is None or now_us <= self._probe_until_us:
            return
        self._least_at_us = now_us
        self.segments = max(self.segments, self._saved_segments)
        if self._is_full:
            self._start_cycle(now_us)
        else:
            self._mode, self._gain, self._window_gain = _Mode.STARTUP, HIGH_GAIN, HIGH_GAIN

    def _set_pacing(self, smoothed_us: float) -> None:
        if self._delivery.delivered == 1 and smoothed_us:
            self._pacing_hz = HIGH_GAIN * FIRST_WINDOW * 1e6 / smoothed_us
        pacing_hz = self._gain * self._bandwidth.hz * PACING_MARGIN
        if pacing_hz and (self._is_full or pacing_hz > self._pacing_hz):
            self._pacing_hz = pacing_hz

    def _set_window(self, in_flight: int) -> None:
        """Grow towards the budget, or keep the number of segments in flight."""
        self.segments = max(1.0, self.segments - self._lost)
        if self._is_conserving:
            self.segments = max(self.segments, in_flight + 1.0)
        else:
            target = self._budget(self._window_gain)
            if self._is_full:
                target += min(max(self._extras), self._bandwidth.hz * MOST_EXTRA_S)
                self.segments = min(self.segments + 1, target)
            elif self.segments < target or self._delivery.delivered < FIRST_WINDOW:
                self.segments += 1
            self.segments = max(self.segments, LEAST_WINDOW)
        if self._mode is _Mode.PROBE_RTT:
            self.segments = min(self.segments, LEAST_WINDOW)
