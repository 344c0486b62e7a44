"""Quality of the pictures that a peer received, against those of the film. After the call.

The film's pictures carry their number as a stamp, so each received picture is compared with the one
that it was. The film's picture is scaled as the sender scales it: PSNR is of luma at the size that
was sent, so it shows how coarse a picture is, and not how small. A late or missing picture has no
part in it. Two pictures a second are compared.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.film import Film, to_i420
from bench.picture_quality import psnr_db
from bench.received_pictures import decode_recording
from media.video.frame_stamp import read_stamp
from media.video.i420 import frame_from_i420

SAMPLED_EVERY_US = 500_000
MOST_SAMPLES = 120
"""Each takes up to 1 MB until the film has been read."""

Luma = NDArray[np.uint8]


def received_psnr_db(recording: Path, film: Film) -> float | None:
    """Return the PSNR of the mean error of the sampled pictures; None if none was received."""
    samples = sample_pictures(recording)
    samples = samples[:: -(-len(samples) // MOST_SAMPLES)] if samples else []
    return psnr_db(list(_errors(samples, film)))


def sample_pictures(recording: Path, every_us: int = SAMPLED_EVERY_US) -> list[tuple[int, Luma]]:
    """Return the number and the luma of some pictures, decoded; those without a number are left
    out.

    Args:
        every_us: the least time between two of them, by their capture.
    """
    samples = []
    due_us = 0
    for captured_us, picture in decode_recording(recording):
        if captured_us < due_us:
            continue
        luma = to_i420(picture)[: picture.height]
        number = read_stamp(luma)
        if number is not None:
            samples.append((number, luma))
            due_us = captured_us + every_us
    return samples


def _errors(samples: list[tuple[int, Luma]], film: Film) -> Iterator[float]:
    """Yield the mean squared error of each picture."""
    wanted: dict[int, list[Luma]] = defaultdict(list)
    for number, luma in samples:
        wanted[number].append(luma)
    for number, block in enumerate(film.pictures()):
        for luma in wanted.get(number, ()):
            height, width = luma.shape
            sent = frame_from_i420(block.copy()).reformat(width, height, "yuv420p")
            difference = luma.astype(np.float32) - to_i420(sent)[:height]
            yield float(np.mean(difference**2))
