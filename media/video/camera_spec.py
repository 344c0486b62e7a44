"""What `--camera` asks for. Pure but for looking whether a file exists; no clock, no devices.

Read in this order, the first that fits counts:

    test, screen, none        the test pattern, this screen, no picture at all
    a whole number            a camera's index
    http://... https://...    a camera in the network
    an existing file          a video, which loops, or a picture, which stands
    anything with a slash or a file's suffix, which does not exist: CameraSettingError
    anything else             a camera's name
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from media.errors import MediaError
from media.video.http_target import HttpTarget, parse_target


class CameraSettingError(MediaError):
    """The setting can never become a camera; said before a call is begun."""


@dataclass(frozen=True, slots=True)
class TestPattern:
    """The moving test pattern."""

    __test__ = False  # its name looks like a test to pytest

    @property
    def label(self) -> str:
        """What the person calls it."""
        return "Test pattern"


@dataclass(frozen=True, slots=True)
class Screen:
    """The main screen of this computer."""

    @property
    def label(self) -> str:
        """What the person calls it."""
        return "Screen"


@dataclass(frozen=True, slots=True)
class NoCamera:
    """No picture is sent."""

    @property
    def label(self) -> str:
        """What the person calls it."""
        return "No camera"


@dataclass(frozen=True, slots=True)
class CameraIndex:
    """A camera of this computer by its number, which may be one that no computer has."""

    index: int

    @property
    def label(self) -> str:
        """What the person calls it."""
        return f"Camera {self.index}"


@dataclass(frozen=True, slots=True)
class CameraUrl:
    """A camera in the network. The label has neither user, password nor query."""

    target: HttpTarget = field(repr=False)

    @property
    def label(self) -> str:
        """What the person calls it."""
        return self.target.label


@dataclass(frozen=True, slots=True)
class FilePath:
    """A video or a picture that existed when the setting was read."""

    path: Path

    @property
    def label(self) -> str:
        """What the person calls it."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class CameraName:
    """A camera of this computer by its name or a part of it."""

    name: str

    @property
    def label(self) -> str:
        """What the person calls it."""
        return f'Camera "{self.name}"'


CameraSpec = TestPattern | Screen | NoCamera | CameraIndex | CameraUrl | FilePath | CameraName

_WORDS: dict[str, CameraSpec] = {"test": TestPattern(), "screen": Screen(), "none": NoCamera()}
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_VIDEO_NODE = re.compile(r"/dev/video([0-9]+)")
# Two letters make a suffix (.mp4, .3gp, .ts), so that "HD Webcam 2.0" stays a name.
_SUFFIX = re.compile(r"\.(?=(?:[0-9]*[a-z]){2}|h26)[a-z0-9]{2,5}", re.IGNORECASE)


def parse_camera(text: str) -> CameraSpec:
    """Return what the setting names.

    Raises CameraSettingError for a file that is not there, a URL that cannot be one, and nothing.
    """
    text = text.strip()
    if not text:
        raise CameraSettingError("The camera has no name", _CHOICES)
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE_NUMBER.fullmatch(text):
        return CameraIndex(int(text[:20]))
    if _HTTP.match(text):
        return _parse_url(text)
    if (node := _VIDEO_NODE.fullmatch(text)) and _exists(Path(text)):
        return CameraIndex(int(node[1]))
    path = _path(text)
    if _is_file(path):
        return FilePath(path)
    if scheme := _OTHER_SCHEME.match(text):
        raise CameraSettingError(
            f"A camera cannot be read by {scheme[1]}", "Give a URL with http:// or https://"
        )
    if "/" in text or "\\" in text or _SUFFIX.fullmatch(path.suffix):
        if _exists(path):
            raise CameraSettingError(f"The camera {text!r} is not a file", _CHOICES)
        raise CameraSettingError(f"There is no file {text!r} for the camera", _CHOICES)
    return CameraName(text)


_CHOICES = (
    "Give test, screen, none, a camera's number or name, a URL with http:// or https://,"
    " or a file that exists"
)


def _parse_url(text: str) -> CameraUrl:
    try:
        return CameraUrl(parse_target(text))
    except ValueError as error:
        raise CameraSettingError(
            f"The camera's URL cannot be used: {error}",
            "It looks like http://192.168.1.20:8080/video",
        ) from error


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # "~somebody" whom this computer does not know
        return Path(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a zero byte: no file has such a name
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
