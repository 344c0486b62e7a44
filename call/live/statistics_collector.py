"""Statistics collector: one struct a second from the counters of a call. Call thread.

Rates, latencies and gaps are over the time since the last collection. A figure that this version
cannot know is None.
"""

import logging
import math
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import msgspec
import psutil
from msgspec import field

from call.live.video_receiver import VideoReceiveCounters
from call.live.video_sender import VideoSendCounters
from core.call_statistics import CallState, CallStatistics, LimitedBy
from net.link.tcp_info import Segments
from net.protocol.clock_sync import ClockSync

_log = logging.getLogger(__name__)

SHORTEST_US = 500_000
"""Rates over a shorter span are noise."""


def percentile(values: Sequence[int], share: float) -> float | None:
    """Return the value that `share` of them does not exceed (nearest rank), in thousandths."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] / 1000


def _mean_ms(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) / 1000 if values else None


def _ms(us: int | None) -> float | None:
    return None if us is None else us / 1000


class VideoFigures(Protocol):
    """The figures of a call's pictures; see docs/statistics.md."""

    @property
    def codec(self) -> str | None: ...

    @property
    def sent(self) -> VideoSendCounters: ...

    @property
    def received(self) -> VideoReceiveCounters: ...

    @property
    def received_bytes(self) -> int: ...

    @property
    def target_bps(self) -> int: ...

    @property
    def hold_ms(self) -> float: ...

    @property
    def queue_delay_ms(self) -> float | None: ...

    @property
    def segments(self) -> Segments | None: ...

    def limited_by(self, used_bps: float) -> LimitedBy: ...

    def take_shown_us(self) -> list[int]: ...


class SoundFigures(Protocol):
    """The figures of a call's sound; see docs/statistics.md."""

    @property
    def sent_bytes(self) -> int: ...

    @property
    def received_bytes(self) -> int: ...

    @property
    def concealed_ms(self) -> float: ...

    @property
    def underruns(self) -> int: ...

    @property
    def playout_delay_ms(self) -> float | None: ...

    @property
    def echo_return_loss_db(self) -> float | None: ...

    def take_latency_us(self) -> list[int]: ...


class StatisticsCollector:
    """Collects the figures of one call.

    Args:
        peer: the other peer's name.
    Attributes:
        video: the figures of the pictures on the call's present link.
    """

    def __init__(
        self,
        peer: str,
        started_us: int,
        *,
        clock: ClockSync,
        video: VideoFigures,
        sound: SoundFigures,
    ) -> None:
        self._peer = peer
        self._started_us = started_us
        self._clock = clock
        self.video = video
        self._sound = sound
        self._process = psutil.Process()
        self._rss_bytes = 0
        self._threads = 0
        self._segments: Segments | None = None
        """On all links of the call; None while unknown."""
        self._counted: tuple[VideoFigures, Segments] | None = None
        self._last = _Reading(started_us, time.process_time(), (0,) * 6, _Samples())
        self._one_before = self._last

    def collect(self, now_us: int, state: CallState, reconnects: int = 0) -> CallStatistics:
        """Return the figures since the last collection.

        A collection within half a second of the last one covers both spans, as at a call's end.

        Args:
            reconnects: links after the first.
        """
        self._read_process()
        self._count_segments()
        reading = self._read(now_us)
        since, samples = self._last, reading.samples
        if now_us - since.at_us < SHORTEST_US:
            since, samples = self._one_before, since.samples.joined(samples)
        self._one_before, self._last = since, reading
        span_s = max(1, now_us - since.at_us) / 1e6
        rates = [
            (total - before) / span_s
            for total, before in zip(reading.totals, since.totals, strict=True)
        ]
        video, sound = self.video, self._sound
        sent, received = video.sent, video.received
        shown_p50_ms = percentile(samples.shown_us, 0.5)
        decoded_p50_ms = percentile(samples.latency_us, 0.5)
        audio_ms = percentile(samples.sound_latency_us, 0.5)
        return CallStatistics(
            t_s=(now_us - self._started_us) / 1e6,
            state=state,
            peer=self._peer,
            rtt_ms=_ms(self._clock.rtt_us),
            clock_error_ms=_ms(self._clock.error_us(now_us)),
            reconnects=reconnects,
            target_bps=video.target_bps,
            queue_delay_ms=video.queue_delay_ms,
            cpu_percent=(reading.cpu_s - since.cpu_s) / span_s * 100,
            rss_bytes=self._rss_bytes,
            threads=self._threads,
            video_out_fps=rates[0],
            video_out_width=sent.width_px or None,
            video_out_height=sent.height_px or None,
            video_out_bps=rates[1] * 8,
            video_out_codec=video.codec,
            video_out_skipped=sent.skipped,
            encode_ms=_mean_ms(samples.encode_us),
            video_in_fps=rates[2],
            video_in_width=received.width_px or None,
            video_in_height=received.height_px or None,
            video_in_bps=rates[3] * 8,
            video_in_codec=received.codec,
            video_in_latency_p50_ms=decoded_p50_ms,
            video_in_latency_p95_ms=percentile(samples.latency_us, 0.95),
            video_in_latency_max_ms=percentile(samples.latency_us, 1.0),
            video_in_longest_gap_ms=_longest_gap_ms(samples.decoded_at_us, now_us),
            decode_ms=_mean_ms(samples.decode_us),
            video_shown_latency_p50_ms=shown_p50_ms,
            video_shown_latency_p95_ms=percentile(samples.shown_us, 0.95),
            audio_out_bps=rates[4] * 8,
            audio_in_bps=rates[5] * 8,
            audio_in_latency_ms=audio_ms,
            audio_in_concealed_ms=sound.concealed_ms,
            audio_in_underruns=sound.underruns,
            playout_delay_ms=sound.playout_delay_ms,
            lip_sync_ms=self._lip_sync_ms(shown_p50_ms, decoded_p50_ms, audio_ms),
            echo_return_loss_db=sound.echo_return_loss_db,
            limited_by=video.limited_by(rates[1] * 8),
            segments_sent=None if self._segments is None else self._segments.sent,
            segments_resent=None if self._segments is None else self._segments.resent,
        )

    def _read_process(self) -> None:
        """Read memory and threads; keep the last figures where the system opens no more files."""
        try:
            self._rss_bytes = self._process.memory_info().rss
            self._threads = self._process.num_threads()
        except (psutil.Error, OSError) as error:
            _log.debug("no figures of the process: %s", error)

    def _count_segments(self) -> None:
        """Add what TCP has sent since the last collection; each link counts from 0."""
        now = self.video.segments
        if now is None:  # Of a link that is closed, the last figures stay.
            return
        before, total = Segments(0, 0), self._segments or Segments(0, 0)
        if self._counted is not None and self._counted[0] is self.video:
            before = self._counted[1]
        self._counted = self.video, now
        self._segments = Segments(
            total.sent + now.sent - before.sent, total.resent + now.resent - before.resent
        )

    def _read(self, now_us: int) -> "_Reading":
        """Read the counters and empty the lists."""
        sent, received = self.video.sent, self.video.received
        samples = _Samples()
        samples.encode_us, sent.encode_us = sent.encode_us, []
        samples.decode_us, received.decode_us = received.decode_us, []
        samples.latency_us, received.latency_us = received.latency_us, []
        decoded_at_us, received.decoded_at_us = received.decoded_at_us, []
        # A gap may have begun before the last collection.
        samples.decoded_at_us = self._last.samples.decoded_at_us[-1:] + decoded_at_us
        samples.shown_us = self.video.take_shown_us()
        samples.sound_latency_us = self._sound.take_latency_us()
        totals = (
            sent.pictures,
            sent.payload_bytes,
            received.pictures,
            self.video.received_bytes,
            self._sound.sent_bytes,
            self._sound.received_bytes,
        )
        return _Reading(now_us, time.process_time(), totals, samples)

    def _lip_sync_ms(
        self, shown_ms: float | None, decoded_ms: float | None, audio_ms: float | None
    ) -> float | None:
        """Return how early sound is; without a window, as if pictures were shown when decoded."""
        if shown_ms is None and decoded_ms is not None:
            shown_ms = decoded_ms + self.video.hold_ms
        return None if shown_ms is None or audio_ms is None else shown_ms - audio_ms


class _Samples(msgspec.Struct):
    """The measurements between two collections."""

    encode_us: list[int] = field(default_factory=list)
    decode_us: list[int] = field(default_factory=list)
    latency_us: list[int] = field(default_factory=list)
    decoded_at_us: list[int] = field(default_factory=list)
    shown_us: list[int] = field(default_factory=list)
    sound_latency_us: list[int] = field(default_factory=list)

    def joined(self, later: "_Samples") -> "_Samples":
        return _Samples(
            self.encode_us + later.encode_us,
            self.decode_us + later.decode_us,
            self.latency_us + later.latency_us,
            self.decoded_at_us + later.decoded_at_us[1:],
            self.shown_us + later.shown_us,
            self.sound_latency_us + later.sound_latency_us,
        )


class _Reading(msgspec.Struct, frozen=True):
    """The counters at one collection."""

    at_us: int
    cpu_s: float
    totals: tuple[int, ...]
    samples: _Samples


def _longest_gap_ms(decoded_at_us: list[int], now_us: int) -> float | None:
    """Return the longest time without a new picture, including one that still lasts."""
    if not decoded_at_us:
        return None
    # A picture may be decoded after the clock was read.
    times = [*decoded_at_us, max(now_us, decoded_at_us[-1])]
    return max(later - earlier for earlier, later in pairwise(times)) / 1000
