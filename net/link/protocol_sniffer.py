"""A guess at the program that sent the first bytes of a connection. Pure: no I/O, no clock.

A user who dials a web server by mistake, or points a browser at a listener, then reads the kind of
program instead of "wrong version number".

 The opening of a TLS record; anything else is not TLS:

 0              1       2       3        5
 +--------------+-------+-------+--------+---------
 | content type | major | minor | length | ...      content type 21 is an alert: level, description
 +--------------+-------+-------+--------+---------     RFC 8446 sections 5.1 and 6
"""

ENOUGH_BYTES = 16
"""No guess below needs more than this many first bytes."""

_ALERT = 21
_ALERT_NAMES = {
    40: "it found no settings that both sides support",
    70: "it wants another version of TLS",
    80: "it had an internal error",
    86: "it wants another version of TLS",
    120: "it does not know `visavis/1`",
}
_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"OPTIONS ", b"DELETE ", b"CONNECT ", b"PRI * ")
_OPENINGS = (
    (b"HTTP/", "a web server without encryption"),
    (b"RTSP/", "a camera or video server (RTSP)"),
    (b"SSH-", "an SSH server"),
    (b"RFB ", "a remote desktop (VNC)"),
    (b"220 ", "a mail or file server"),
    (b"220-", "a mail or file server"),
    (b"* OK", "a mail server"),
    (b"\x03\x00\x00", "a remote desktop (RDP)"),
)


def identify_sender(opening: bytes) -> str:
    """Return a phrase, article included, for the probable sender. It quotes none of the bytes.

    Args:
        opening: the first bytes received, up to `ENOUGH_BYTES`; may be empty.
    """
    if not opening:
        return "a program that sent nothing"
    if opening.startswith(_METHODS):
        return "a web browser, or another program that asks for a web page"
    for start, name in _OPENINGS:
        if opening.startswith(start):
            return name
    if opening[0] in range(20, 25) and opening[1:2] in (b"", b"\x03"):
        return "a program that speaks another form of TLS"
    if all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in opening):
        return "a program that speaks plain text"
    return "a program of another kind"


def explain_alert(opening: bytes) -> str:
    """Return the meaning of the TLS alert at the start of `opening`, or "" if there is none."""
    if len(opening) < 7 or opening[0] != _ALERT or opening[1] != 3:
        return ""
    return _ALERT_NAMES.get(opening[6], "")
