"""doctor/processor.py: a wrong clock, and a processor that is too slow or busy."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import utc_now
from doctor.finding import Mark
from doctor.processor import check_clock, check_processor, choose_smaller
from media.video.settings import VideoSettings

BURN = "print('', flush=True)\nwhile True: pass"


def test_clock_of_now_is_fine() -> None:
    [finding] = check_clock(utc_now())
    assert finding.mark is Mark.OK


@pytest.mark.parametrize(
    "now", [datetime(1970, 1, 1, tzinfo=UTC), utc_now() - timedelta(days=9999)]
)
def test_clock_before_the_installation_is_named(now: datetime) -> None:
    [finding] = check_clock(now)
    assert finding.mark is Mark.WARNING
    assert f"{now:%Y-%m-%d}" in finding.sentence
    assert re.search("sudo (timedatectl|date) ", finding.next_step)


def test_small_pictures_are_encoded_in_time() -> None:
    [finding] = check_processor(VideoSettings(width_px=64, height_px=64, frame_rate_hz=1))
    assert finding.mark is Mark.OK, finding
    assert isinstance(finding.figures["encode_ms"], float)
    assert finding.figures["encode_ms"] > 0


@pytest.fixture
def busy_processors() -> Iterator[None]:
    """Keep every processor busy with a program of its own that cannot move to another one."""
    processors = sorted(os.sched_getaffinity(0))
    programs = [
        subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE) for _ in processors
    ]
    try:
        for program, processor in zip(programs, processors, strict=True):
            os.sched_setaffinity(program.pid, {processor})
            assert program.stdout is not None
            program.stdout.readline()
        yield
    finally:
        for program in programs:
            program.kill()
        for program in programs:
            program.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lowers a single thread's priority")
@pytest.mark.usefixtures("busy_processors")
def test_busy_processor_is_named_with_the_program_that_uses_it() -> None:
    # Larger than a call sends: no computer of today encodes it in time beside other programs.
    settings = VideoSettings(width_px=3840, height_px=2160, frame_rate_hz=60)
    with ThreadPoolExecutor(1, initializer=os.nice, initargs=(5,)) as behind_the_others:
        [finding] = behind_the_others.submit(check_processor, settings).result()
    assert finding.mark is Mark.WARNING, finding
    assert "3840x2160 at 60" in finding.sentence
    assert "End " in finding.next_step
    assert "`kill " in finding.next_step
    assert "--set video.width_px=" in finding.next_step


@pytest.mark.parametrize(
    ("encode_ms", "expected"),
    [
        (20.0, "--set video.width_px=960 --set video.height_px=540"),
        (60.0, "--set video.width_px=480 --set video.height_px=270"),
        (
            600.0,
            "--set video.width_px=320 --set video.height_px=180 --set video.frame_rate_hz=9",
        ),
    ],
)
def test_smaller_pictures_are_those_that_the_processor_encodes_in_time(
    encode_ms: float, expected: str
) -> None:
    settings = VideoSettings(width_px=1280, height_px=720, frame_rate_hz=30)
    assert choose_smaller(settings, encode_ms) == expected


def test_smallest_pictures_become_fewer() -> None:
    settings = VideoSettings(width_px=160, height_px=90, frame_rate_hz=30)
    assert choose_smaller(settings, 100.0).startswith(
        "--set video.width_px=160 --set video.height_px=90 --set video.frame_rate_hz="
    )
