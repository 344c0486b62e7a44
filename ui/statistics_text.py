"""The figures of a call as text: the status line and the overlay show the same. Pure."""

from call.live.statistics import Line

METER_CELLS = 8
METER_DBFS = (-60.0, -6.0)


def meter_text(level_dbfs: float | None, *, is_muted: bool) -> str:
    """Return the microphone's level as a person takes it in; nothing where there is none."""
    if level_dbfs is None:
        return ""
    if is_muted:
        return "mic muted"
    lowest, highest = METER_DBFS
    share = (level_dbfs - lowest) / (highest - lowest)
    filled = max(0, min(METER_CELLS, round(share * METER_CELLS)))
    return f"mic {'#' * filled}{'-' * (METER_CELLS - filled)}"


def status_text(line: Line, meter: str = "") -> str:
    """Return the one-line form of the figures.

    Args:
        meter: of the microphone.
    """
    minutes, seconds = divmod(int(line["t_s"]), 60)
    return (
        f"{minutes}:{seconds:02} in {_count(line, 'video_in_fps')} fps "
        f"{_ms(line, 'video_in_latency_p50_ms')} {_rate(line, 'video_in_bps')}, "
        f"out {_count(line, 'video_out_fps')} fps {_rate(line, 'video_out_bps')}, "
        f"sound {_ms(line, 'audio_in_latency_ms')}, rtt {_ms(line, 'rtt_ms')}"
        f"{', ' if meter else ''}{meter}"
    )


def overlay_lines(line: Line) -> tuple[str, ...]:
    """Return the figures as the window's overlay has them."""
    decoded, shown = "video_in_latency", "video_shown_latency"
    rows = {
        "in": _direction(line, "in"),
        "out": f"{_direction(line, 'out')}  {line['video_out_skipped']} skipped",
        "decoded": f"p50 {_ms(line, f'{decoded}_p50_ms')}  p95 {_ms(line, f'{decoded}_p95_ms')}"
        f"  max {_ms(line, f'{decoded}_max_ms')}",
        "shown": f"p50 {_ms(line, f'{shown}_p50_ms')}  p95 {_ms(line, f'{shown}_p95_ms')}"
        f"  gap {_ms(line, 'video_in_longest_gap_ms')}",
        "sound": f"{_ms(line, 'audio_in_latency_ms')}  buffer {_ms(line, 'playout_delay_ms')}"
        f"  in {_kilobits(line, 'audio_in_bps')}  out {_kilobits(line, 'audio_out_bps')}"
        f"  {line['audio_in_concealed_ms']:.0f} ms concealed",
        "lips": f"sound {_lips(line)}  echo return loss {_db(line, 'echo_return_loss_db')}",
        "link": f"rtt {_ms(line, 'rtt_ms')}  queue {_ms(line, 'queue_delay_ms')}"
        f"  target {_rate(line, 'target_bps')}  clock ±{_ms(line, 'clock_error_ms')}",
        "work": f"encode {_ms(line, 'encode_ms')}  decode {_ms(line, 'decode_ms')}"
        f"  CPU {_count(line, 'cpu_percent')} %  {line['rss_bytes'] / 1e6:.0f} MB"
        f"  {line['threads']} threads",
    }
    return tuple(f"{name:<8} {row}" for name, row in rows.items())


def _direction(line: Line, way: str) -> str:
    width, height, codec = (line[f"video_{way}_{what}"] for what in ("width", "height", "codec"))
    return (
        f"{_count(line, f'video_{way}_fps')} fps  {width or '–'}x{height or '–'}  {codec or '–'}"
        f"  {_rate(line, f'video_{way}_bps')}"
    )


def _count(line: Line, key: str) -> str:
    return "–" if line[key] is None else f"{line[key]:.0f}"


def _ms(line: Line, key: str) -> str:
    return "–" if line[key] is None else f"{line[key]:.1f} ms"


def _db(line: Line, key: str) -> str:
    return "–" if line[key] is None else f"{line[key]:.0f} dB"


def _kilobits(line: Line, key: str) -> str:
    return "–" if line[key] is None else f"{line[key] / 1e3:.0f} kbit/s"


def _lips(line: Line) -> str:
    early_ms = line["lip_sync_ms"]
    if early_ms is None:
        return "–"
    return f"{abs(early_ms):.0f} ms {'early' if early_ms > 0 else 'late'}"


def _rate(line: Line, key: str) -> str:
    return "–" if line[key] is None else f"{line[key] / 1e6:.2f} Mbit/s"
