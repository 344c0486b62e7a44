"""Stamped pictures through the pipes of another program. A process with one thread.

    python -m bench.lab_picture_pipe feed FILM LOG COMMAND...    writes pictures to its input
    python -m bench.lab_picture_pipe read LOG COMMAND...         reads pictures from its output

Pictures are planar 4:2:0 of the film's size. A log has a line for each: its number, and when it was
delivered by the film, or read from the pipe, in microseconds.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import av
import numpy as np

from bench.children import die_with_parent
from bench.film import HEIGHT_PX, RATE_HZ, WIDTH_PX, Picture, to_i420
from bench.pacing import now_us, wait_for_tick
from media.video.frame_stamp import draw_stamp, read_stamp

PICTURE_BYTES = WIDTH_PX * HEIGHT_PX * 3 // 2
PIPE_BYTES = 1 << 20
"""The largest that Linux permits without a privilege."""


def stamped_pictures(film: Path) -> Iterator[tuple[int, Picture]]:
    """Yield the film's pictures without end, each with its number and stamped with it."""
    number = 0
    while True:
        with av.open(str(film)) as container:
            for frame in container.decode(video=0):
                picture = to_i420(frame)
                draw_stamp(picture[:HEIGHT_PX], number)
                yield number, picture
                number += 1


def feed(film: Path, log: Path, command: list[str]) -> None:
    """Write pictures at the film's rate to a program; skip those for which it is too slow."""
    with (
        subprocess.Popen([*die_with_parent(), *command], stdin=subprocess.PIPE) as program,
        log.open("w") as lines,
    ):
        assert program.stdin is not None
        _enlarge(program.stdin)
        began_s, tick = time.perf_counter(), 0
        for number, picture in stamped_pictures(film):
            # Decoded before it is due, like a camera, so that decoding adds no latency.
            tick = wait_for_tick(began_s, tick, RATE_HZ)
            print(number, now_us(), file=lines, flush=True)
            try:
                program.stdin.write(picture.tobytes())
                program.stdin.flush()
            except BrokenPipeError:
                return


def read(log: Path, command: list[str]) -> None:
    """Read pictures from a program until it ends."""
    with (
        subprocess.Popen([*die_with_parent(), *command], stdout=subprocess.PIPE) as program,
        log.open("w") as lines,
    ):
        assert program.stdout is not None
        _enlarge(program.stdout)
        while len(data := program.stdout.read(PICTURE_BYTES)) == PICTURE_BYTES:
            read_us = now_us()
            luma = np.frombuffer(data, np.uint8, WIDTH_PX * HEIGHT_PX)
            number = read_stamp(luma.reshape(HEIGHT_PX, WIDTH_PX))
            if number is not None:
                print(number, read_us, file=lines, flush=True)


def _enlarge(pipe: IO[bytes]) -> None:
    """Let a pipe hold more than its usual 64 KiB, so that a picture takes fewer turns."""
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def main(words: list[str]) -> None:
    """Run one of the programs."""
    match words:
        case ["feed", film, log, *command]:
            feed(Path(film), Path(log), command)
        case ["read", log, *command]:
            read(Path(log), command)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
