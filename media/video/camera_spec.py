"""Camera specifications: the values of `--camera`. Checks if a file exists; no clock, no devices.

The first line that matches applies:

    test, screen, none        the test pattern, this screen, no picture at all
    a whole number            the index of a camera
    http(s)://... rtsp(s)://...   a camera in the network
    file://...                a file, which must exist
    /dev/video0               on Linux, the camera of that device, which need not exist
    an existing file          a video, which loops, or a picture, which stands
    a slash or a file's suffix, but no such file: CameraSettingError
    anything else             the name of a camera
"""

import os
import re
import sys
from dataclasses import field
from pathlib import Path
from urllib.parse import unquote

import msgspec

from media.errors import MediaError
from media.video.http_target import HttpTarget
from media.video.rtsp_target import RtspTarget


class CameraSettingError(MediaError):
    """The setting can never become a camera. Raised at the program's start."""


class TestPattern(msgspec.Struct, frozen=True):
    """The moving test pattern."""

    __test__ = False  # pytest takes a class with this name for a test

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return "Test pattern"


class Screen(msgspec.Struct, frozen=True):
    """A screen of this computer, or one window.

    Attributes:
        number: of the screen, from 1 on; 0 for the main one.
        window: the display's number of the window; 0 for a whole screen.
        title: of the window, safe to show.
    """

    number: int = 0
    window: int = 0
    title: str = ""

    @property
    def label(self) -> str:
        """The name that the user reads."""
        if self.window:
            return f"Window {self.title}"
        return f"Screen {self.number}" if self.number else "Screen"


class NoCamera(msgspec.Struct, frozen=True):
    """No source: no picture is sent."""

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return "No camera"


class CameraIndex(msgspec.Struct, frozen=True):
    """A camera of this computer by its number, which need not exist."""

    index: int

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return f"Camera {self.index}"


class CameraUrl(msgspec.Struct, frozen=True):
    """A camera in the network. Its label omits user, password and query."""

    target: HttpTarget | RtspTarget = field(repr=False)

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return self.target.label


class FilePath(msgspec.Struct, frozen=True):
    """A video or picture that existed when the setting was read."""

    path: Path

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return self.path.name


class CameraName(msgspec.Struct, frozen=True):
    """A camera of this computer by its name or part of it."""

    name: str

    @property
    def label(self) -> str:
        """The name that the user reads."""
        return f'Camera "{self.name}"'


CameraSpec = TestPattern | Screen | NoCamera | CameraIndex | CameraUrl | FilePath | CameraName

_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip  # several words a line


def camera_title(spec: CameraSpec) -> str:
    """Return what a sentence about the source begins with, such as "The first camera"."""
    if isinstance(spec, CameraIndex) and 0 <= spec.index < len(_ORDINALS):
        return f"The {_ORDINALS[spec.index]} camera"
    return spec.label


def word_absence(spec: CameraSpec, name: str) -> str:
    """Return what the other peer reads while the source delivers nothing: "Ann has no camera".

    Args:
        name: the user's name; "" if there is none.
    """
    match spec:
        case Screen():
            return f"{name}'s screen cannot be shown" if name else "The screen cannot be shown"
        case FilePath():
            return f"{name}'s picture cannot be shown" if name else "The picture cannot be shown"
        case _:
            return f"{name} has no camera" if name else "No camera"


_WORDS: dict[str, CameraSpec] = {"test": TestPattern(), "screen": Screen(), "none": NoCamera()}
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_RTSP = re.compile(r"rtsps?://", re.IGNORECASE)
_FILE = "file://"
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_VIDEO_NODE = re.compile(r"/dev/video([0-9]{1,3})")
# A suffix has two letters (.mp4, .3gp, .ts), so that "HD Webcam 2.0" stays a name.
_SUFFIX = re.compile(r"\.(?=(?:[0-9]*[a-z]){2}|h26)[a-z0-9]{2,5}", re.IGNORECASE)
_CHOICES = (
    "Give test, screen, none, a camera's number or name, a URL with http:// or rtsp://,"
    " or a file that exists"
)


def parse_camera(text: str) -> CameraSpec:
    """Return the specification that the setting describes.

    Raises CameraSettingError if it is empty, a missing file or an invalid URL.
    """
    text = text.strip()
    if not text:
        raise CameraSettingError("The camera setting is empty", _CHOICES)
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE_NUMBER.fullmatch(text):
        return CameraIndex(int(text[:20]))
    if _HTTP.match(text) or _RTSP.match(text):
        return _parse_url(text)
    if sys.platform == "linux" and (node := _video_node(text)) is not None:
        return CameraIndex(node)
    path = _file_url_path(text) if text[: len(_FILE)].lower() == _FILE else _path(text)
    if _is_file(path):
        return FilePath(path)
    if scheme := _OTHER_SCHEME.match(text):
        raise CameraSettingError(
            f"Cameras with {scheme[1]}:// are not supported", "Give a URL with http:// or rtsp://"
        )
    if "/" in text or "\\" in text or _SUFFIX.fullmatch(path.suffix):
        if _exists(path):
            raise CameraSettingError(f"The camera {text!r} is not a file", _CHOICES)
        raise CameraSettingError(f"There is no file {text!r} for the camera", _CHOICES)
    return CameraName(text)


def _parse_url(text: str) -> CameraUrl:
    is_rtsp = _RTSP.match(text) is not None
    try:
        return CameraUrl(RtspTarget.parse(text) if is_rtsp else HttpTarget.parse(text))
    except ValueError as error:
        example = "rtsp://192.168.1.20:554/stream1" if is_rtsp else "http://192.168.1.20:8080/video"
        raise CameraSettingError(
            f"The camera's URL cannot be used: {error}", f"It looks like {example}"
        ) from error


def _video_node(text: str) -> int | None:
    """Return the number of a device of Linux, named directly or by a link to it."""
    node = _VIDEO_NODE.fullmatch(text)
    if node is None and text.startswith("/dev/"):
        node = _VIDEO_NODE.fullmatch(os.path.realpath(text.replace("\0", "")))
    return None if node is None else int(node[1])


def _file_url_path(text: str) -> Path:
    """Return the path of a file:// URL. Raises CameraSettingError."""
    host, slash, rest = text[len(_FILE) :].partition("/")
    if host.lower() not in ("", "localhost") or not slash:
        raise CameraSettingError(
            f"The URL {text!r} names no file of this computer",
            "It looks like file:///home/ann/film.mp4",
        )
    # A path of Windows follows the slash: file:///C:/film.mp4.
    path = Path(unquote(rest if sys.platform == "win32" else slash + rest))
    if not _is_file(path):
        raise CameraSettingError(f"There is no file {str(path)!r} for the camera", _CHOICES)
    return path


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):  # "~name" of no user here, or with a zero byte
        return Path(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or has a zero byte: no file has such a name
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
