"""GuessLimit what spoke to us from the first bytes that it sent. Pure: no I/O, no clock.

Whoever calls a web server by mistake, or points a browser at a listener, is told so by name
instead of reading "wrong version number".

 A TLS record opens so; anything else is not TLS:

 0              1       2       3        5
 +--------------+-------+-------+--------+---------
 | content type | major | minor | length | ...      content type 21 is an alert: level, description
 +--------------+-------+-------+--------+---------     RFC 8446 sections 5.1 and 6
"""

ENOUGH_BYTES = 16
"""So many first bytes are enough for every guess below."""

_ALERT = 21
_ALERT_NAMES = {
    40: "it found nothing in common with us",
    70: "it wants another version of TLS",
    80: "it had a fault of its own",
    86: "it wants another version of TLS",
    120: "it knows no `visavis/1`",
}
_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"OPTIONS ", b"DELETE ", b"CONNECT ", b"PRI * ")
_OPENINGS = (
    (b"HTTP/", "a web server, without encryption"),
    (b"RTSP/", "a camera or video server (RTSP)"),
    (b"SSH-", "an SSH server"),
    (b"RFB ", "a remote desktop (VNC)"),
    (b"220 ", "a mail or file server"),
    (b"220-", "a mail or file server"),
    (b"* OK", "a mail server"),
    (b"\x03\x00\x00", "a remote desktop (RDP)"),
)


def who_speaks(opening: bytes) -> str:
    """Return what probably sent `opening`, as a phrase with its article; never its bytes.

    Args:
        opening: the first bytes that came, up to `ENOUGH_BYTES`; it may be empty.
    """
    if not opening:
        return "something that said nothing"
    if opening.startswith(_METHODS):
        return "a web browser, or another program that asks for a web page"
    for start, name in _OPENINGS:
        if opening.startswith(start):
            return name
    if opening[0] in range(20, 25) and opening[1:2] in (b"", b"\x03"):
        return "a program that speaks TLS, but not as we do"
    if all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in opening):
        return "a program that speaks plain text"
    return "a program of another kind"


def alert_meaning(opening: bytes) -> str:
    """Return what the TLS alert that `opening` begins with says, or nothing if it is no alert."""
    if len(opening) < 7 or opening[0] != _ALERT or opening[1] != 3:
        return ""
    return _ALERT_NAMES.get(opening[6], "")
