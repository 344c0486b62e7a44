"""The URL of a camera that speaks RTSP. Pure: no I/O, no clock.

User, password and query never appear in `label`, in `repr`, or in the text of an error.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from media.video.http_login import Credentials
from media.video.http_target import parse_url

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}


@dataclass(frozen=True, slots=True)
class RtspTarget:
    """The parts of one URL.

    Attributes:
        is_tls: True for rtsps.
        host: lower case, without brackets; names in their ASCII form.
        port: the TCP port.
        path: percent-encoded, without the query.
        query: with its question mark, or "".
        credentials: user and password, if the URL names a user.
    """

    is_tls: bool
    host: str
    port: int
    path: str
    query: str = field(default="", repr=False)
    credentials: Credentials | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The URL without secrets, to be shown and logged."""
        scheme = self.plain_scheme + "s" * self.is_tls
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _DEFAULT_PORTS[scheme]
        return f"{scheme}://{host}{'' if is_default else f':{self.port}'}{self.path}"

    @property
    def plain_scheme(self) -> str:
        """The scheme without encryption."""
        return "rtsp"

    def url_at(self, host: str, port: int) -> str:
        """Return the whole URL for FFmpeg, secrets included, without TLS, at this address."""
        user = ""
        if self.credentials is not None:
            name, password = self.credentials.user, self.credentials.password
            user = f"{quote(name, safe='')}:{quote(password, safe='')}@"
        bracketed = f"[{host}]" if ":" in host else host
        return f"rtsp://{user}{bracketed}:{port}{self.path}{self.query}"


def parse_rtsp(url: str) -> RtspTarget:
    """Return the parts of an rtsp or rtsps URL.

    Raises ValueError with the reason, which never contains a user or password.
    """
    return RtspTarget(**parse_url(url, _DEFAULT_PORTS)._asdict())
