"""The checks of the clock and of the processor. Any thread; the second blocks for a second."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from core.clock import Deadline, now_us
from core.program import ROOT
from core.safe_text import cut_controls
from doctor.finding import Finding, ok, warning
from doctor.holders import Holder
from doctor.system_steps import set_clock
from media.frame import Frame
from media.video.encoder import VideoEncoder
from media.video.i420 import frame_from_i420
from media.video.settings import VideoSettings

MEASURE_S = 1.5
_SYSTEMD = Path("/run/systemd/system")
"""There where systemd runs, sd_booted(3)."""
EASY = 0.5
"""From this part of the time between two pictures on, a call sends smaller ones."""
MARGIN = 0.7
"""Small pictures take somewhat more time for each pixel."""
SIZES_PX = ((1280, 720), (960, 540), (640, 360), (480, 270), (320, 180))
BUSY_PERCENT = 70.0
"""Of all processors together."""
BUSY_S = 0.5
"""A program that used less meanwhile is not named."""
CANVAS_MARGIN_PX = 128
STEP_PX = 3
"""How far the measured picture moves from one to the next."""
NOISE = 4
"""Measured: such a picture takes 8 ms, those of two films 6 and 8 ms."""


def check_clock(now: datetime, root: Path = ROOT) -> list[Finding]:
    """Check that the clock is not behind the program itself; calls work even then."""
    made = datetime.fromtimestamp((root / "core" / "program.py").stat().st_mtime, UTC)
    text = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < made:
        return [
            warning(
                "clock",
                f"The clock says {text}, which is before this program was installed",
                f"{set_clock(has_systemd=_SYSTEMD.is_dir())}. Calls work, but recordings and chats"
                " get a wrong time",
            )
        ]
    return [ok("clock", f"The clock says {text}")]


def check_processor(settings: VideoSettings) -> list[Finding]:
    """Check that this computer encodes the pictures of the settings in time."""
    before_s = _read_used_s()
    psutil.cpu_percent()
    encode_ms = measure_encoding_ms(settings)
    load_percent = psutil.cpu_percent()
    interval_ms = 1000 / settings.frame_rate_hz
    what = f"{settings.width_px}x{settings.height_px} at {settings.frame_rate_hz}"
    figures = {"encode_ms": round(encode_ms, 2), "load_percent": round(load_percent, 1)}
    if encode_ms <= interval_ms * EASY:
        return [ok("processor", f"It encodes {what}: {encode_ms:.1f} ms a picture", **figures)]
    busiest = _find_busiest(before_s) if load_percent > BUSY_PERCENT else None
    end = f"End {busiest}: {busiest.end_command}, or send" if busiest is not None else "Send"
    smaller = choose_smaller(settings, encode_ms)
    return [
        warning(
            "processor",
            f"It is too slow for {what}: a picture takes {encode_ms:.1f} of {interval_ms:.1f} ms,"
            " so a call sends smaller ones",
            f"{end} smaller ones from the start: {smaller}",
            **figures,
        )
    ]


def choose_smaller(settings: VideoSettings, encode_ms: float) -> str:
    """Return the options for the largest pictures that are encoded in time, or for fewer.

    Args:
        encode_ms: the time that a picture of the settings takes; it grows with the pixels.
    """
    pixels = settings.width_px * settings.height_px
    fitting = pixels * 1000 / settings.frame_rate_hz * EASY / encode_ms * MARGIN
    smaller = [size for size in SIZES_PX if size[0] * size[1] < pixels]
    smaller = smaller or [(settings.width_px, settings.height_px)]
    width_px, height_px = next(
        (size for size in smaller if size[0] * size[1] <= fitting), smaller[-1]
    )
    size = f"--set video.width_px={width_px} --set video.height_px={height_px}"
    if width_px * height_px <= fitting:
        return size
    rate_hz = max(1, int(settings.frame_rate_hz * fitting / (width_px * height_px)))
    return f"{size} --set video.frame_rate_hz={rate_hz}"


def measure_encoding_ms(settings: VideoSettings) -> float:
    """Return the median time to encode a picture as costly as a film's, in milliseconds."""
    encoder = VideoEncoder(settings.codec, settings.frame_rate_hz, settings.bitrate_bps)
    size_px = settings.width_px, settings.height_px
    durations_us = []
    deadline = Deadline(MEASURE_S)
    for frame in _moving_pictures(*size_px):
        began_us = now_us()
        encoder.encode(frame, settings.bitrate_bps, size_px, refines=False, keyframe=False)
        durations_us.append(now_us() - began_us)
        if deadline.has_passed and len(durations_us) > 3:
            break
    return float(np.median(durations_us[1:])) / 1000


def _moving_pictures(width_px: int, height_px: int) -> Iterator[Frame]:
    """Yield pictures of a noisy landscape that moves, as a camera's do."""
    random = np.random.default_rng(1)
    rows, columns = height_px + CANVAS_MARGIN_PX, width_px + CANVAS_MARGIN_PX
    coarse = random.integers(40, 200, (rows // 16 + 2, columns // 16 + 2)).astype(np.float32)
    canvas = np.kron(coarse, np.ones((16, 16), np.float32))[:rows, :columns]
    canvas = (canvas + np.roll(canvas, 8, 0) + np.roll(canvas, 8, 1)) / 3
    canvas = canvas + random.integers(-NOISE, NOISE, canvas.shape)
    luma = np.clip(canvas, 16, 235).astype(np.uint8)
    number = 0
    while True:
        top = left = number * STEP_PX % CANVAS_MARGIN_PX
        block = np.full((height_px * 3 // 2, width_px), 128, np.uint8)
        block[:height_px] = luma[top : top + height_px, left : left + width_px]
        yield Frame(frame_from_i420(block), now_us())
        number += 1


def _read_used_s() -> dict[int, tuple[float, str]]:
    """Return the processor time that each other program has used, and its name."""
    used = {}
    for process in psutil.process_iter(["name", "cpu_times"]):
        times = process.info["cpu_times"]
        if times is not None and process.pid != os.getpid():
            used[process.pid] = times.user + times.system, cut_controls(process.info["name"] or "")
    return used


def _find_busiest(before_s: dict[int, tuple[float, str]]) -> Holder | None:
    """Return the program that has used the processor most since then, if any used it much."""
    most_s, busiest = BUSY_S, None
    for process_id, (used_s, name) in _read_used_s().items():
        spent_s = used_s - before_s.get(process_id, (used_s, ""))[0]
        if spent_s > most_s:
            most_s, busiest = spent_s, Holder(process_id, name)
    return busiest
