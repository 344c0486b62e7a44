"""Where a camera in the network is, and how it is asked. Pure: no I/O, no clock.

User and password never appear in `label`, in `repr`, or in the text of an error; nor does the
query, which some cameras use for a token.
"""

import base64
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urljoin, urlsplit

from media.errors import SourceError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_IN_PATH = "%/:@!$&'()*+,;=~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """One URL, taken apart.

    Attributes:
        is_tls: whether it is https.
        host: lower case, without brackets; names in their ASCII form.
        port: the TCP port.
        path: what is asked for, percent-encoded, without the query.
        query: with its question mark, or nothing.
        authorization: the value of the header of that name, if the URL carried a user.
    """

    is_tls: bool
    host: str
    port: int
    path: str
    query: str = field(default="", repr=False)
    authorization: str | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The URL as it may be shown and logged."""
        scheme = "https" if self.is_tls else "http"
        return f"{scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port as in a URL; the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _DEFAULT_PORTS["https" if self.is_tls else "http"]
        return host if self.port == usual else f"{host}:{self.port}"

    def request(self) -> bytes:
        """Return the whole GET request."""
        lines = [
            f"GET {self.path}{self.query} HTTP/1.1",
            f"Host: {self.authority}",
            "Accept: multipart/x-mixed-replace, image/jpeg",
            "Accept-Encoding: identity",
            "Cache-Control: no-cache",
            "User-Agent: vis-a-vis",
        ]
        if self.authorization is not None:
            lines.append(f"Authorization: {self.authorization}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    def redirected(self, location: str) -> "HttpTarget":
        """Return where a redirect leads.

        User and password go along only to the same scheme, host and port. Raises SourceError for a
        place that is not http, and for one that would leave TLS.
        """
        scheme = "https" if self.is_tls else "http"
        absolute = urljoin(f"{scheme}://{self.authority}{self.path}", location)
        try:
            there = parse_target(absolute)
        except ValueError as error:
            raise SourceError(f"{self.label} points to a place that cannot be read") from error
        if self.is_tls and not there.is_tls:
            raise SourceError(
                f"{self.label} points to a place without encryption",
                f"Use {there.label} itself if that is meant",
            )
        same = (self.is_tls, self.host, self.port) == (there.is_tls, there.host, there.port)
        return replace(there, authorization=self.authorization if same else None)


def parse_target(url: str) -> HttpTarget:
    """Return the parts of a URL with http or https.

    Raises ValueError, whose text names what is wrong and never a user or password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("its host or port is not one") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("it begins with neither http:// nor https://")
    if not parts.hostname:
        raise ValueError("it has no host")
    if port == 0:
        raise ValueError("its host or port is not one")
    return HttpTarget(
        is_tls=parts.scheme == "https",
        host=_ascii_host(parts.hostname),
        port=port or _DEFAULT_PORTS[parts.scheme],
        path=quote(parts.path, safe=_SAFE_IN_PATH) or "/",
        query="?" + quote(parts.query, safe=_SAFE_IN_QUERY) if parts.query else "",
        authorization=_basic(parts.username, parts.password),
    )


def _ascii_host(host: str) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("its host is not a name") from error
    if any(character <= " " or character in '"<>\\^`{|}\x7f' for character in name):
        raise ValueError("its host is not a name")
    return name


def _basic(user: str | None, password: str | None) -> str | None:
    """Source: RFC 7617; UTF-8, as its section 2.1 recommends."""
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")
