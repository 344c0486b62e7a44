"""Lip sync: a film that flashes, a sound that beeps at the same times, and their distance."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bench.clicks import CLICK_SAMPLES, LATEST_US, click, click_likeness, find_click
from bench.film import RATE_HZ
from bench.sound_studio import Recorder
from media.sound.pcm import SAMPLE_RATE_HZ, us_to_samples
from media.video.frame_stamp import draw_stamp

DURATION_S = 10


def write_flashes(path: Path) -> None:
    """Write a film in which every 30th picture is white; each picture is stamped."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"preset": "superfast", "crf": "18"}
        for number in range(DURATION_S * RATE_HZ):
            is_flash = number % RATE_HZ == 0
            picture = np.full((720 * 3 // 2, 1280), 128, np.uint8)
            picture[:720] = 235 if is_flash else 40
            draw_stamp(picture[:720], number)
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_beeps(path: Path) -> None:
    """Write a sound that beeps when the film flashes."""
    sound = np.zeros(DURATION_S * SAMPLE_RATE_HZ, np.int16)
    for second in range(DURATION_S):
        sound[second * SAMPLE_RATE_HZ :][:CLICK_SAMPLES] = click()
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        file.writeframes(sound.tobytes())


def read_flashes(log: Path) -> list[int]:
    """Return when each flash appeared on the screen."""
    seen = [tuple(map(int, line.split())) for line in log.read_text().splitlines()]
    return [at_us for number, at_us in seen if number % RATE_HZ == 0]


def sound_leads_ms(flashes_us: list[int], heard: Recorder) -> list[float]:
    """Return for each flash how much earlier its beep was heard."""
    likeness = click_likeness(heard.sound())
    start_us = heard.time_us(0)
    leads = []
    for flash_us in flashes_us:
        first = us_to_samples(flash_us - start_us - LATEST_US)
        found = find_click(likeness, first, first + 2 * us_to_samples(LATEST_US))
        if found is not None and first > 0:
            leads.append((flash_us - heard.time_us(found)) / 1000)
    return leads
