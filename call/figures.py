"""The figures of a call as text: the status line and the overlay show the same. Pure."""

from call.statistics import Line


def _number(value: float | None, unit: str, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}{unit}"


def _rate(bps: float | None) -> str:
    return "–" if bps is None else f"{bps / 1e6:.2f} Mbit/s"


def status_text(line: Line) -> str:
    """Return the one-line form of the figures."""
    minutes, seconds = divmod(int(line["t_s"]), 60)
    return (
        f"{minutes}:{seconds:02} in {_number(line['video_in_fps'], ' fps')} "
        f"{_number(line['video_in_latency_p50_ms'], ' ms', 1)} {_rate(line['video_in_bps'])}, "
        f"out {_number(line['video_out_fps'], ' fps')} {_rate(line['video_out_bps'])}, "
        f"rtt {_number(line['rtt_ms'], ' ms', 1)}"
    )


def _direction(line: Line, way: str) -> str:
    size = f"{line[f'video_{way}_width'] or '–'}x{line[f'video_{way}_height'] or '–'}"
    return (
        f"{_number(line[f'video_{way}_fps'], ' fps')}  {size}  {line[f'video_{way}_codec'] or '–'}"
        f"  {_rate(line[f'video_{way}_bps'])}"
    )


def overlay_lines(line: Line) -> tuple[str, ...]:
    """Return the figures as the window's overlay has them."""
    shown = _number(line["video_shown_latency_p50_ms"], " ms", 1)
    shown_95 = _number(line["video_shown_latency_p95_ms"], " ms", 1)
    return (
        f"in       {_direction(line, 'in')}",
        f"out      {_direction(line, 'out')}  {line['video_out_skipped']} skipped",
        f"decoded  p50 {_number(line['video_in_latency_p50_ms'], ' ms', 1)}  "
        f"p95 {_number(line['video_in_latency_p95_ms'], ' ms', 1)}  "
        f"max {_number(line['video_in_latency_max_ms'], ' ms', 1)}",
        f"shown    p50 {shown}  p95 {shown_95}  gap {_number(line['video_in_longest_gap_ms'], ' ms')}",
        f"link     rtt {_number(line['rtt_ms'], ' ms', 1)}  queue "
        f"{_number(line['queue_delay_ms'], ' ms', 1)}  target {_rate(line['target_bps'])}  "
        f"clock ±{_number(line['clock_error_ms'], ' ms', 2)}",
        f"work     encode {_number(line['encode_ms'], ' ms', 1)}  decode "
        f"{_number(line['decode_ms'], ' ms', 1)}  CPU {_number(line['cpu_percent'], ' %')}  "
        f"{line['rss_bytes'] / 1e6:.0f} MB  {line['threads']} threads",
    )
