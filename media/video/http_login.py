"""The answer to a camera that asks for user and password: Basic or Digest. Pure: no I/O, no clock.

    WWW-Authenticate: Digest realm="...", nonce="...", qop="auth", algorithm=SHA-256
    Authorization: Digest username="...", realm="...", nonce="...", uri="...", response="...", ...

Nothing is sent before the camera asks, so that a camera with Digest never gets the password itself.
Source: RFC 7617 (Basic), RFC 7616 and, for cameras without qop, RFC 2069 (Digest).
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "sha-256": hashlib.sha256,
}
_SESSION = "-sess"
_MAX_CHALLENGE_CHARACTERS = 4096
_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)(?=[\s,]|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TO_ESCAPE = re.compile(r'(["\\])')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_CLEAN = re.compile(r"[^A-Za-z0-9-]")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of a URL, decoded."""

    user: str = field(repr=False)
    password: str = field(repr=False)


class Challenge(msgspec.Struct, frozen=True):
    """One way to log in that a camera offers.

    Attributes:
        scheme: "basic" or "digest".
        parameters: by their names in lower case.
    """

    scheme: str
    parameters: dict[str, str] = msgspec.field(default_factory=dict)


class CameraLogin:
    """Logs in to one camera, for as many requests as it takes.

    Args:
        credentials: of the URL; None if it names no user.
        make_nonce: returns a random text, different each time.
    """

    def __init__(self, credentials: Credentials | None, make_nonce: Callable[[], str]) -> None:
        self._credentials = credentials
        self._make_nonce = make_nonce
        self._challenge: Challenge | None = None
        self._uses = 0
        self._is_confirmed = False
        """True while the camera has let us in with this challenge."""

    @property
    def has_credentials(self) -> bool:
        """True if the URL names a user."""
        return self._credentials is not None

    def confirm(self) -> None:
        """Note that the camera has let us in, so that a later refusal means an expired nonce."""
        self._is_confirmed = True

    def accept(self, headers: Sequence[str]) -> bool:
        """Choose among the challenges of a response; return whether to send the request again.

        False if there is no user, none of the challenges is known, or the camera has refused what
        was sent. A camera that never names any way gets Basic.
        """
        if self._credentials is None:
            return False
        usable = [
            each for header in headers for each in parse_challenges(header) if _is_known(each)
        ]
        if not headers and self._challenge is None:
            usable = [Challenge("basic")]
        chosen = max(usable, key=_strength, default=None)
        before, was_confirmed = self._challenge, self._is_confirmed
        self._challenge, self._uses, self._is_confirmed = chosen, 0, False
        if chosen is None or before is None or was_confirmed:
            return chosen is not None
        is_stale = chosen.parameters.get("stale", "").lower() == "true"
        return is_stale and chosen.parameters.get("nonce") != before.parameters.get("nonce")

    def header(self, method: str, uri: str) -> str | None:
        """Return the value of the Authorization header, or None before the camera asked."""
        if self._credentials is None or self._challenge is None:
            return None
        if self._challenge.scheme == "basic":
            pair = f"{self._credentials.user}:{self._credentials.password}"
            return "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        self._uses += 1
        return _digest(
            self._credentials, self._challenge, method, uri, self._uses, self._make_nonce()
        )


def parse_challenges(header: str) -> list[Challenge]:
    """Return the challenges of a WWW-Authenticate header that are Basic or Digest."""
    header = header[:_MAX_CHALLENGE_CHARACTERS]
    begins = list(_SCHEME.finditer(_without_quotes(header)))
    found = []
    for number, begin in enumerate(begins):
        end = begins[number + 1].start() if number + 1 < len(begins) else len(header)
        parameters = {
            match[1].lower(): _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3]
            for match in _PARAMETER.finditer(header, begin.end(), end)
        }
        found.append(Challenge(begin[1].lower(), parameters))
    return found


def can_answer(header: str) -> bool:
    """Return whether a WWW-Authenticate header offers a way to log in that is known here."""
    return any(_is_known(each) for each in parse_challenges(header))


def _without_quotes(header: str) -> str:
    """Return the header with blanks for quoted text, so that its words are no schemes."""
    return _QUOTED.sub(lambda match: " " * len(match[0]), header)


def _is_known(challenge: Challenge) -> bool:
    if challenge.scheme == "basic":
        return True
    has_qop = "auth" in _qops(challenge) or not challenge.parameters.get("qop")
    return has_qop and bool(challenge.parameters.get("nonce")) and _algorithm(challenge) in _HASHES


def _strength(challenge: Challenge) -> int:
    if challenge.scheme == "basic":
        return 0
    return 2 if _algorithm(challenge) == "sha-256" else 1


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5").lower().removesuffix(_SESSION)


def _qops(challenge: Challenge) -> list[str]:
    return [each.strip().lower() for each in challenge.parameters.get("qop", "").split(",")]


def _digest(
    credentials: Credentials, challenge: Challenge, method: str, uri: str, uses: int, own: str
) -> str:
    def hashed(*parts: str) -> str:
        return _HASHES[_algorithm(challenge)](":".join(parts).encode()).hexdigest()

    given = challenge.parameters
    realm, nonce, count = given.get("realm", ""), given["nonce"], f"{uses:08x}"
    secret = hashed(credentials.user, realm, credentials.password)
    if given.get("algorithm", "").lower().endswith(_SESSION):
        secret = hashed(secret, nonce, own)
    what = hashed(method, uri)
    has_qop = "auth" in _qops(challenge)
    middle = (nonce, count, own, "auth") if has_qop else (nonce,)
    quoted = {
        "username": credentials.user,
        "realm": realm,
        "nonce": nonce,
        "uri": uri,
        "response": hashed(secret, *middle, what),
    }
    if "opaque" in given:
        quoted["opaque"] = given["opaque"]
    if has_qop or given.get("algorithm", "").lower().endswith(_SESSION):
        quoted["cnonce"] = own
    parts = [f'{name}="{_escaped(value)}"' for name, value in quoted.items()]
    if "algorithm" in given:
        parts.append(f"algorithm={_CLEAN.sub('', given['algorithm'])}")
    if has_qop:
        parts += ["qop=auth", f"nc={count}"]
    return "Digest " + ", ".join(parts)


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(r"\\\1", _CONTROLS.sub("", text))
