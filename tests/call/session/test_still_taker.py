"""call/session/still_taker.py: a photo of the own camera, or the reason why there is none."""

import io
from unittest.mock import MagicMock

import cv2
import numpy as np
from av import VideoFrame

from call.live.local_video import LocalVideo
from call.session.still_taker import StillTaker
from core.threads import Threads
from media.frame import Frame, FrameKind
from media.video.camera_spec import TestPattern
from tests.support.deadline import DEADLINE_S
from ui.call_notice import CallNoticeKind

SIZE = (640, 480)
ORANGE = (30, 120, 240)
"""Blue, green, red."""


class Camera:
    """A camera, and the photos that were taken of it."""

    def __init__(self) -> None:
        self.threads = Threads()
        self.video = LocalVideo(TestPattern(), self.threads, MagicMock())
        self.photos: list[tuple[str, bytes]] = []
        self.told: list[CallNoticeKind] = []
        self.taker = StillTaker(
            self.threads,
            lambda name, data: self.photos.append((name, data)),
            tell=lambda kind, **_: self.told.append(kind),
            post=lambda notice: self.told.append(notice.kind),
        )

    def deliver(self, kind: FrameKind = FrameKind.LIVE) -> None:
        pixels = np.full((SIZE[1], SIZE[0], 3), ORANGE, np.uint8)
        picture = VideoFrame.from_ndarray(pixels, format="bgr24")
        self.video.frames.put(Frame(picture, 0, kind))

    def take(self) -> None:
        self.taker.take(self.video)
        assert self.threads.join(DEADLINE_S) == []


def test_photo_has_the_size_and_the_colours_of_the_camera() -> None:
    camera = Camera()
    camera.deliver()
    camera.take()
    [(name, data)] = camera.photos
    assert name.startswith("Photo 20")
    assert name.endswith(".jpg")
    photo = cv2.imdecode(np.frombuffer(io.BytesIO(data).read(), np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    assert photo.shape == (SIZE[1], SIZE[0], 3)
    assert np.abs(photo.astype(int) - ORANGE).max() < 4


def test_user_is_told_why_there_is_no_photo() -> None:
    camera = Camera()
    camera.take()
    camera.deliver(FrameKind.PLACEHOLDER)
    camera.take()
    camera.deliver()
    camera.video.set_hidden(True)
    camera.take()
    assert camera.photos == []
    missing = CallNoticeKind.NO_OWN_PICTURE
    assert camera.told == [missing, missing, CallNoticeKind.CAMERA_OFF]
