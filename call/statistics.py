"""The figures of a call: one flat line a second. Runs in the call thread; reads others' counters.

Rates, latencies and gaps are over the time since the last line; names and units are those
of docs/statistics.md. What this version cannot know is null.
"""

import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import psutil

from call.picture_receiving import ReceiveCounters
from call.picture_sending import SendCounters
from call.send_gate import SendGate
from net.protocol.clock_sync import ClockSync
from net.protocol.reassembly import PacketAssembler

Line = dict[str, Any]

SOUND_KEYS = (
    "audio_out_bps",
    "audio_in_bps",
    "audio_in_latency_ms",
    "audio_in_concealed_ms",
    "audio_in_underruns",
    "playout_delay_ms",
    "lip_sync_ms",
    "echo_return_loss_db",
)


def percentile(values: Sequence[int], share: float) -> float | None:
    """Return the value that `share` of them does not exceed (nearest rank), in thousandths."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] / 1000


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) / 1000 if values else None


class CallStatistics:
    """The figures of one call.

    Args:
        codec: of our own pictures, or None where none are sent.
        sent: likewise.
        take_shown_us: gives the latencies of pictures painted since the last time.
    """

    def __init__(
        self,
        peer: str,
        started_us: int,
        *,
        codec: str | None,
        gate: SendGate,
        clock: ClockSync,
        sent: SendCounters | None,
        received: ReceiveCounters,
        assembler: PacketAssembler,
        take_shown_us: Callable[[], list[int]],
    ) -> None:
        self._peer = peer
        self._started_us = started_us
        self._codec = codec
        self._gate = gate
        self._clock = clock
        self._sent = sent if sent is not None else SendCounters()
        self._received = received
        self._assembler = assembler
        self._take_shown_us = take_shown_us
        self._process = psutil.Process()
        self._last_us = started_us
        self._last_cpu_s = time.process_time()
        self._last = (0, 0, 0, 0)
        self._last_decoded_us = started_us

    def line(self, now_us: int, state: str) -> Line:
        """Return the figures since the last line. Called only by the call thread."""
        span_s = max(1, now_us - self._last_us) / 1e6
        cpu_s = time.process_time()
        sent, received = self._sent, self._received
        totals = (
            sent.pictures,
            sent.payload_bytes,
            received.pictures,
            self._assembler.received_bytes,
        )
        rates = [(total - last) / span_s for total, last in zip(totals, self._last, strict=True)]
        encode_us, sent.encode_us = sent.encode_us, []
        decode_us, received.decode_us = received.decode_us, []
        latency_us, received.latency_us = received.latency_us, []
        decoded_at_us, received.decoded_at_us = received.decoded_at_us, []
        shown_us = self._take_shown_us()
        rtt_us, error_us = self._clock.rtt_us, self._clock.error_us(now_us)
        line: Line = {
            "t_s": (now_us - self._started_us) / 1e6,
            "state": state,
            "peer": self._peer,
            "rtt_ms": None if rtt_us is None else rtt_us / 1000,
            "clock_error_ms": None if error_us is None else error_us / 1000,
            "reconnects": 0,
            "target_bps": self._gate.target_bps,
            "queue_delay_ms": self._queue_delay_ms(),
            "cpu_percent": (cpu_s - self._last_cpu_s) / span_s * 100,
            "rss_bytes": self._process.memory_info().rss,
            "threads": self._process.num_threads(),
            "video_out_fps": rates[0],
            "video_out_width": sent.width_px or None,
            "video_out_height": sent.height_px or None,
            "video_out_bps": rates[1] * 8,
            "video_out_codec": self._codec,
            "video_out_skipped": sent.skipped,
            "encode_ms": _mean(encode_us),
            "video_in_fps": rates[2],
            "video_in_width": received.width_px or None,
            "video_in_height": received.height_px or None,
            "video_in_bps": rates[3] * 8,
            "video_in_codec": received.codec,
            "video_in_latency_p50_ms": percentile(latency_us, 0.5),
            "video_in_latency_p95_ms": percentile(latency_us, 0.95),
            "video_in_latency_max_ms": percentile(latency_us, 1.0),
            "video_in_longest_gap_ms": self._longest_gap_ms(decoded_at_us, now_us),
            "decode_ms": _mean(decode_us),
            "video_shown_latency_p50_ms": percentile(shown_us, 0.5),
            "video_shown_latency_p95_ms": percentile(shown_us, 0.95),
        }
        line.update(dict.fromkeys(SOUND_KEYS))
        self._last_us, self._last_cpu_s, self._last = now_us, cpu_s, totals
        return {key: _rounded(value) for key, value in line.items()}

    def _queue_delay_ms(self) -> float | None:
        rtt_us, base_us = self._clock.rtt_us, self._clock.base_rtt_us
        return None if rtt_us is None or base_us is None else (rtt_us - base_us) / 1000

    def _longest_gap_ms(self, decoded_at_us: list[int], now_us: int) -> float | None:
        """The longest time without a new picture, one that still lasts included."""
        if not self._received.pictures:
            return None
        times = [self._last_decoded_us, *decoded_at_us, now_us]
        if self._received.pictures == len(decoded_at_us):
            times.pop(0)
        self._last_decoded_us = decoded_at_us[-1] if decoded_at_us else self._last_decoded_us
        return max(later - earlier for earlier, later in pairwise(times)) / 1000


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
