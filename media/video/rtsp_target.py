"""The URL of a camera that speaks RTSP. Pure: no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from media.video.camera_target import CameraTarget


@dataclass(frozen=True, slots=True)
class RtspTarget(CameraTarget):
    """The parts of one rtsp or rtsps URL."""

    PORTS: ClassVar[Mapping[str, int]] = {"rtsp": 554, "rtsps": 322}

    def url_at(self, host: str, port: int) -> str:
        """Return the whole URL for FFmpeg, secrets included, without TLS, at this address."""
        user = ""
        if self.credentials is not None:
            name, password = self.credentials.user, self.credentials.password
            user = f"{quote(name, safe='')}:{quote(password, safe='')}@"
        bracketed = f"[{host}]" if ":" in host else host
        return f"rtsp://{user}{bracketed}:{port}{self.path}{self.query}"
