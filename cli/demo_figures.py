"""The quality and the figures of a demo, in one line, from its statistics files. No clock."""

import json
import statistics
from pathlib import Path
from typing import Any

import msgspec

from core.call_quality import QualityTally
from core.call_statistics import CallStatistics
from ui.wording.quality import word_quality

Lines = list[dict[str, Any]]


def read_lines(file: Path) -> Lines:
    """Return the lines of a statistics file; none if there is no file."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def summarize(lines: Lines) -> str:
    """Return the quality of a call, then medians over its seconds but the first and the last."""
    seconds = lines[1:-1] or lines
    if not seconds:
        return "no call"

    def median(key: str) -> float | None:
        known = [line[key] for line in seconds if line[key] is not None]
        return statistics.median(known) if known else None

    def text(key: str, digits: int = 1, scale: float = 1.0) -> str:
        value = median(key)
        return "–" if value is None else f"{value * scale:.{digits}f}"

    last = lines[-1]
    has_picture = last["video_in_width"] is not None
    size = f"{last['video_in_width']}x{last['video_in_height']}" if has_picture else "no picture"
    parts = [
        f"{last['t_s']:.1f} s",
        f"in {text('video_in_fps')} fps {size} {text('video_in_bps', 2, 1e-6)} Mbit/s",
        f"out {text('video_out_fps')} fps {text('video_out_bps', 2, 1e-6)} Mbit/s, "
        f"{last['video_out_skipped']} skipped",
        f"captured to decoded p50 {text('video_in_latency_p50_ms')} "
        f"p95 {text('video_in_latency_p95_ms')} ms",
        f"sound {text('audio_in_latency_ms', 0)} ms, "
        f"{last['audio_in_concealed_ms']:.0f} ms concealed",
        f"encode {text('encode_ms')} decode {text('decode_ms')} ms",
        f"rtt {text('rtt_ms')} ms",
        f"CPU {text('cpu_percent', 0)} %",
        f"{last['rss_bytes'] / 1e6:.0f} MB",
    ]
    if median("video_shown_latency_p50_ms") is not None:
        shown = f"shown p50 {text('video_shown_latency_p50_ms')} "
        parts.insert(4, f"{shown}p95 {text('video_shown_latency_p95_ms')} ms")
    return f"{_word_quality(lines)}. {'; '.join(parts)}"


def _word_quality(lines: Lines) -> str:
    tally = QualityTally()
    for line in lines:
        tally.add(msgspec.convert(line, CallStatistics))
    return "too short to judge" if tally.overall is None else word_quality(tally.overall)
