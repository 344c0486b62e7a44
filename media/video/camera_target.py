"""The URL of a camera in the network, taken apart. Pure: no I/O, no clock.

User, password and query never appear in `label`, in `repr`, or in the text of an error. Some
cameras use the query for a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from media.video.http_login import Credentials

SAFE_IN_PATH = "%/:@!$&'()*+,;=~"
SAFE_IN_QUERY = SAFE_IN_PATH + "?"


@dataclass(frozen=True, slots=True)
class CameraTarget:
    """The parts of one URL; a subclass for each protocol.

    Attributes:
        PORTS: the protocol's schemes with their ports, the one without TLS first.
        is_tls: True for the scheme with TLS.
        host: lower case, without brackets; names in their ASCII form.
        port: the TCP port.
        path: percent-encoded, without the query.
        query: with its question mark, or "".
        credentials: user and password, if the URL names a user.
    """

    PORTS: ClassVar[Mapping[str, int]] = {}

    is_tls: bool
    host: str
    port: int
    path: str
    query: str = field(default="", repr=False)
    credentials: Credentials | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the parts of a URL.

        Raises ValueError with the reason, which never contains a user or password.
        """
        plain, tls = cls.PORTS
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError("its host or port is invalid") from error
        if parts.scheme not in cls.PORTS:
            raise ValueError(f"it begins with neither {plain}:// nor {tls}://")
        if not parts.hostname:
            raise ValueError("it has no host")
        if port == 0:
            raise ValueError("its host or port is invalid")
        return cls(
            is_tls=parts.scheme == tls,
            host=_ascii_host(parts.hostname),
            port=port or cls.PORTS[parts.scheme],
            path=quote(parts.path, safe=SAFE_IN_PATH) or "/",
            query="?" + quote(parts.query, safe=SAFE_IN_QUERY) if parts.query else "",
            credentials=_credentials_of(parts),
        )

    @property
    def scheme(self) -> str:
        """The scheme in lower case."""
        plain, tls = self.PORTS
        return tls if self.is_tls else plain

    @property
    def plain_scheme(self) -> str:
        """The scheme without encryption."""
        return next(iter(self.PORTS))

    @property
    def authority(self) -> str:
        """Host and port as in a URL; the port only if it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == self.PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def label(self) -> str:
        """The URL without secrets, to be shown and logged."""
        return f"{self.scheme}://{self.authority}{self.path}"


def _ascii_host(host: str) -> str:
    """Return the host of a URL in its ASCII form. Raises ValueError."""
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("its host name is invalid") from error
    if any(character <= " " or character in '"<>\\^`{|}\x7f' for character in name):
        raise ValueError("its host name is invalid")
    return name


def _credentials_of(parts: SplitResult) -> Credentials | None:
    """Return the user and password of a URL, or None if it names no user."""
    if parts.username is None:
        return None
    return Credentials(unquote(parts.username), unquote(parts.password or ""))
