"""The URL of a camera in the network, and the HTTP request for it. Pure: no I/O, no clock.

User, password and query never appear in `label`, in `repr`, or in the text of an error. Some
cameras use the query for a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from media.errors import SourceError
from media.video.http_login import Credentials

_DEFAULT_PORTS = {"http": 80, "https": 443}
SAFE_IN_PATH = "%/:@!$&'()*+,;=~"
SAFE_IN_QUERY = SAFE_IN_PATH + "?"


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """The parts of one URL.

    Attributes:
        is_tls: True for https.
        host: lower case, without brackets; names in their ASCII form.
        port: the TCP port.
        path: the requested path, percent-encoded, without the query.
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
        scheme = "https" if self.is_tls else "http"
        return f"{scheme}://{self.authority}{self.path}"

    @property
    def plain_scheme(self) -> str:
        """The scheme without encryption."""
        return "http"

    @property
    def authority(self) -> str:
        """Host and port as in a URL; the port only if it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = _DEFAULT_PORTS["https" if self.is_tls else "http"]
        return host if self.port == default else f"{host}:{self.port}"

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
        scheme = "https" if self.is_tls else "http"
        absolute = urljoin(f"{scheme}://{self.authority}{self.path}", location)
        try:
            there = parse_target(absolute)
        except ValueError as error:
            raise SourceError(f"{self.label} redirects to a URL that cannot be used") from error
        if self.is_tls and not there.is_tls:
            raise SourceError(
                f"{self.label} redirects to a URL without encryption",
                f"To use it anyway, give {there.label}",
            )
        same = (self.is_tls, self.host, self.port) == (there.is_tls, there.host, there.port)
        return replace(there, credentials=self.credentials if same else None)


def parse_target(url: str) -> HttpTarget:
    """Return the parts of an http or https URL.

    Raises ValueError with the reason, which never contains a user or password.
    """
    return HttpTarget(**parse_url(url, _DEFAULT_PORTS)._asdict())


class UrlParts(NamedTuple):
    """The parts of a camera's URL; those of `HttpTarget`."""

    is_tls: bool
    host: str
    port: int
    path: str
    query: str
    credentials: Credentials | None


def parse_url(url: str, default_ports: Mapping[str, int]) -> UrlParts:
    """Return the parts of a URL.

    Args:
        default_ports: the port of each scheme, the one without TLS first.

    Raises ValueError with the reason, which never contains a user or password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("its host or port is invalid") from error
    plain, tls = default_ports
    if parts.scheme not in default_ports:
        raise ValueError(f"it begins with neither {plain}:// nor {tls}://")
    if not parts.hostname:
        raise ValueError("it has no host")
    if port == 0:
        raise ValueError("its host or port is invalid")
    return UrlParts(
        is_tls=parts.scheme == tls,
        host=_ascii_host(parts.hostname),
        port=port or default_ports[parts.scheme],
        path=quote(parts.path, safe=SAFE_IN_PATH) or "/",
        query="?" + quote(parts.query, safe=SAFE_IN_QUERY) if parts.query else "",
        credentials=_credentials_of(parts),
    )


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
