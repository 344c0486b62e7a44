"""The figures of a call in words, for status line and overlay alike. Pure: values only."""

from core.call_quality import Quality
from core.call_statistics import CallStatistics, LimitedBy
from ui.view import Stage, View, WordsTask
from ui.wording.peers import word_trust
from ui.wording.quality import word_quality
from ui.wording.stages import word_sentence

UNKNOWN = "–"
LIMITS = {
    LimitedBy.NONE: "",
    LimitedBy.LINK: " (link)",
    LimitedBy.PROCESSOR: " (processor)",
    LimitedBy.SETTING: " (setting)",
    LimitedBy.REMOTE: " (other side)",
}
"""What holds the target down, behind it."""
METER_CELLS = 8
METER_DBFS = (-60.0, -6.0)


def word_status(view: View) -> str:
    """Return the status line of a call; "" outside of a call and before the first figures."""
    if view.stage is not Stage.CALL or view.figures is None:
        return ""
    if view.is_reconnecting:
        minutes, seconds = divmod(int(view.figures.t_s), 60)
        return f"{minutes}:{seconds:02} {word_sentence(view)}"
    meter = word_meter(view.microphone_dbfs, is_muted=view.is_muted)
    return word_figures_line(view.figures, meter, view.quality)


def word_overlay(view: View) -> tuple[str, ...]:
    """Return the lines of the window's overlay; none before the first figures."""
    if view.figures is None or view.peer is None:
        return ()
    is_compared = view.words_task is WordsTask.COMPARED
    is_caller = view.listener is not None
    trust = "compared" if is_compared else word_trust(view.peer, is_caller=is_caller)
    quality = () if view.quality is None else (_capitalized(word_quality(view.quality)),)
    words = f"{'words':<8} {view.peer.words}: {trust}"
    return (*quality, *word_figures(view.figures), words)


def word_meter(level_dbfs: float | None, *, is_muted: bool) -> str:
    """Return the microphone's level as a short bar; "" where there is no microphone."""
    if level_dbfs is None:
        return ""
    if is_muted:
        return "mic muted"
    lowest, highest = METER_DBFS
    share = (level_dbfs - lowest) / (highest - lowest)
    filled = max(0, min(METER_CELLS, round(share * METER_CELLS)))
    return f"mic {'#' * filled}{'-' * (METER_CELLS - filled)}"


def word_figures_line(
    figures: CallStatistics, meter: str = "", quality: Quality | None = None
) -> str:
    """Return the figures on one line.

    Args:
        meter: the microphone's level, as `word_meter` returns it.
        quality: of the last seconds, or None to leave it out.
    """
    minutes, seconds = divmod(int(figures.t_s), 60)
    return (
        f"{minutes}:{seconds:02} {word_quality(quality) + '; ' if quality else ''}"
        f"in {_count(figures.video_in_fps)} fps "
        f"{_ms(figures.video_in_latency_p50_ms)} {_mbps(figures.video_in_bps)}, "
        f"out {_count(figures.video_out_fps)} fps {_mbps(figures.video_out_bps)}, "
        f"sound {_ms(figures.audio_in_latency_ms)}, rtt {_ms(figures.rtt_ms)}"
        f"{', ' if meter else ''}{meter}"
    )


def word_figures(figures: CallStatistics) -> tuple[str, ...]:
    """Return the figures, one line for each kind."""
    incoming = _video(
        figures.video_in_fps,
        figures.video_in_width,
        figures.video_in_height,
        figures.video_in_codec,
        figures.video_in_bps,
    )
    outgoing = _video(
        figures.video_out_fps,
        figures.video_out_width,
        figures.video_out_height,
        figures.video_out_codec,
        figures.video_out_bps,
    )
    rows = {
        "in": incoming,
        "out": f"{outgoing}  {figures.video_out_skipped} skipped",
        "decoded": f"p50 {_ms(figures.video_in_latency_p50_ms)}"
        f"  p95 {_ms(figures.video_in_latency_p95_ms)}"
        f"  max {_ms(figures.video_in_latency_max_ms)}",
        "shown": f"p50 {_ms(figures.video_shown_latency_p50_ms)}"
        f"  p95 {_ms(figures.video_shown_latency_p95_ms)}"
        f"  gap {_ms(figures.video_in_longest_gap_ms)}",
        "sound": f"{_ms(figures.audio_in_latency_ms)}  buffer {_ms(figures.playout_delay_ms)}"
        f"  in {_kbps(figures.audio_in_bps)}  out {_kbps(figures.audio_out_bps)}"
        f"  {figures.audio_in_concealed_ms:.0f} ms concealed",
        "lips": f"sound {_lips(figures.lip_sync_ms)}"
        f"  echo return loss {_db(figures.echo_return_loss_db)}",
        "link": f"rtt {_ms(figures.rtt_ms)}  queue {_ms(figures.queue_delay_ms)}"
        f"  target {_mbps(figures.target_bps)}{LIMITS[figures.limited_by]}"
        f"  clock ±{_ms(figures.clock_error_ms)}",
        "work": f"encode {_ms(figures.encode_ms)}  decode {_ms(figures.decode_ms)}"
        f"  CPU {_count(figures.cpu_percent)} %  {figures.rss_bytes / 1e6:.0f} MB"
        f"  {figures.threads} threads",
    }
    return tuple(f"{name:<8} {row}" for name, row in rows.items())


def _video(
    fps: float, width_px: int | None, height_px: int | None, codec: str | None, bps: float
) -> str:
    size = f"{width_px}x{height_px}" if width_px and height_px else UNKNOWN
    return f"{_count(fps)} fps  {size}  {codec or UNKNOWN}  {_mbps(bps)}"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f}"


def _ms(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f} ms"


def _db(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f} dB"


def _kbps(bps: float | None) -> str:
    return UNKNOWN if bps is None else f"{bps / 1e3:.0f} kbit/s"


def _mbps(bps: float | None) -> str:
    return UNKNOWN if bps is None else f"{bps / 1e6:.2f} Mbit/s"


def _lips(early_ms: float | None) -> str:
    if early_ms is None:
        return UNKNOWN
    return f"{abs(early_ms):.0f} ms {'early' if early_ms > 0 else 'late'}"
