"""Quality of the pictures that reach the caller in `bench/onscreen.py`, in calls without a window.

What was received is stored as it came, and decoded after the call. Each sampled picture is compared
with the camera's JPEG of its number: luma in full range, at the size of the JPEG.
"""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from bench.calls import WARM_UP_S, start_call
from bench.film import RATE_HZ
from bench.gstreamer import discard, free_port, is_listening, record, send_camera
from bench.onscreen_trial import BITRATE_BPS, FIRST_PICTURE_S, Scene, Trial, open_scene
from bench.picture_quality import psnr_db
from bench.received_pictures import decode_recording
from bench.ssim import ssim
from media.video.frame_stamp import read_stamp

SAMPLE_EVERY = 7
"""Pictures from one sample to the next; no factor of it is one of 30, the distance of GStreamer's
keyframes, so that pictures at every distance from a keyframe are compared."""

Luma = NDArray[np.float32]
Quality = dict[str, float | tuple[float, ...] | None]


def measure_our_quality(trial: Trial) -> Quality:
    """Return the quality of our call, video alone."""
    with open_scene(trial) as scene:
        recording = scene.children.folder / "received"
        call = start_call(
            scene.children,
            scene.hosts,
            listener_camera=scene.far_camera,
            caller_camera=scene.near_camera,
            caller_recording=recording,
            has_sound=False,
            options=("--set", f"video.bitrate_bps={BITRATE_BPS}"),
        )
        time.sleep(WARM_UP_S + trial.seconds)
        for child in (call.caller, call.listener):
            child.end()
        return compare((picture for _, picture in decode_recording(recording)), trial.jpegs)


def measure_gstreamer_quality(trial: Trial) -> Quality:
    """Return the quality of GStreamer's call by hand."""
    with open_scene(trial) as scene:
        recording = scene.children.folder / "received"
        _record_gstreamer(scene, recording, trial.seconds)
        return compare(_decode(recording), trial.jpegs)


def _record_gstreamer(scene: Scene, recording: Path, seconds: float) -> None:
    children, far, near = scene.children, scene.hosts.first, scene.hosts.second
    near_port, far_port = free_port(), free_port()
    recorder = children.start(record(near.address, near_port, str(recording)), host=near)
    discarder = children.start(discard(far.address, far_port), host=far)
    for child, host, port in ((recorder, near, near_port), (discarder, far, far_port)):
        child.wait_until(partial(is_listening, host, port), "does not listen")
    kbps = BITRATE_BPS // 1000
    children.start(send_camera(scene.far_camera, near.address, near_port, kbps), host=far)
    children.start(send_camera(scene.near_camera, far.address, far_port, kbps), host=near)

    def has_received() -> bool:
        return recording.exists() and recording.stat().st_size > 0

    recorder.wait_until(has_received, "received nothing", FIRST_PICTURE_S)
    time.sleep(WARM_UP_S + seconds)
    recorder.end()


def _decode(recording: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(recording), format="h264") as container:
        yield from container.decode(video=0)


def compare(pictures: Iterable[av.VideoFrame], jpegs: Path) -> Quality:
    """Return PSNR and SSIM of the pictures after the warm-up; None if there are none."""
    sampled = islice(pictures, round(WARM_UP_S * RATE_HZ), None, SAMPLE_EVERY)
    errors, likenesses = [], []
    for picture in sampled:
        luma = full_range_luma(picture)
        number = read_stamp(luma)
        source = jpegs / f"{number or 0:05d}.jpg"
        if number is None or not source.exists():
            continue
        wanted = _read_jpeg(source)
        if luma.shape != wanted.shape:
            size = wanted.shape[::-1]
            luma = cv2.resize(luma, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
        errors.append(float(np.mean((luma - wanted) ** 2)))
        likenesses.append(ssim(wanted, luma))
    mean = sum(likenesses) / len(likenesses) if likenesses else None
    return {"psnr_db": psnr_db(errors), "ssim": mean}


def full_range_luma(picture: av.VideoFrame) -> Luma:
    """Return the luma of a planar picture, from 0 for black to 255 for white. Pure."""
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    luma: Luma = rows[:, : plane.width].astype(np.float32)
    if picture.format.name.startswith("yuvj") or picture.color_range == ColorRange.JPEG:
        return luma
    scaled: Luma = (luma - 16) * np.float32(255 / 219)
    return scaled


def _read_jpeg(file: Path) -> Luma:
    with av.open(str(file)) as container:
        return full_range_luma(next(container.decode(video=0)))
