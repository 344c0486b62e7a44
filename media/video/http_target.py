"""The URL of an HTTP camera, and the request for it. Pure: no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urljoin

from media.errors import SourceError
from media.video.camera_target import CameraTarget


@dataclass(frozen=True, slots=True)
class HttpTarget(CameraTarget):
    """The parts of one http or https URL."""

    PORTS: ClassVar[Mapping[str, int]] = {"http": 80, "https": 443}

    def request(self, authorization: str | None = None) -> bytes:
        """Return the complete GET request.

        Args:
            authorization: the value of that header; None leaves it out.
        """
        lines = [
            f"GET {self.path}{self.query} HTTP/1.1",
            f"Host: {self.authority}",
            "Accept: multipart/x-mixed-replace, image/jpeg",
            "Accept-Encoding: identity",
            "Cache-Control: no-cache",
            "User-Agent: vis-a-vis",
        ]
        if authorization is not None:
            lines.append(f"Authorization: {authorization}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def redirected(self, location: str) -> "HttpTarget":
        """Return the target of a redirect.

        User and password are kept only for the same scheme, host and port. Raises SourceError if
        the target's scheme is not http or https, and if a redirect would leave TLS.
        """
        absolute = urljoin(self.label, location)
        try:
            there = HttpTarget.parse(absolute)
        except ValueError as error:
            raise SourceError(f"{self.label} redirects to a URL that cannot be used") from error
        if self.is_tls and not there.is_tls:
            raise SourceError(
                f"{self.label} redirects to a URL without encryption",
                f"To use it anyway, give {there.label}",
            )
        same = (self.is_tls, self.host, self.port) == (there.is_tls, there.host, there.port)
        return replace(there, credentials=self.credentials if same else None)
