"""H.264 packets in the form that Matroska holds: each unit after its length. Pure: bytes only.

    Annex B        00 00 01, unit, 00 00 01, unit, ...
    in the file    length (u32), unit, length (u32), unit, ...

The units themselves stay as they came. Source: ITU-T H.264, Annex B; ISO/IEC 14496-15, 5.3.3.1.
"""

from collections.abc import Iterator

NAL_SPS, NAL_PPS = 7, 8
MAX_UNIT_BYTES = 0xFFFF
"""The largest parameter set that a file's header holds."""
_HIGH_PROFILES = frozenset({100, 110, 122, 144})
_EIGHT_BIT_420 = b"\xfd\xf8\xf8\x00"
"""The fields that the header of these profiles adds: the one format that a call's pictures have."""
FALLBACK = bytes.fromhex("000000016742c01fda014016e840000003004000000f23c60ca80000000168ce3c80")
"""Parameter sets of x264 for 1280x720, for pictures that begin only after the file's header. Each
keyframe brings those that it needs."""


def units(packet: bytes) -> Iterator[bytes]:
    """Yield the units of an Annex B packet, without their start codes."""
    start = packet.find(b"\x00\x00\x01")
    while start != -1:
        begin = start + 3
        start = packet.find(b"\x00\x00\x01", begin)
        # A start code may have a leading zero, and a unit ends with no zero.
        unit = packet[begin : start if start != -1 else len(packet)].rstrip(b"\x00")
        if unit:
            yield unit


def to_length_prefixed(packet: bytes) -> bytes:
    """Return a packet with the length of each unit before it."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units(packet))


def decoder_configuration(packet: bytes) -> bytes:
    """Return what a file's header says of H.264: the parameter sets of a keyframe.

    Those of a 1280x720 picture where the packet has none.
    """
    sets = {kind: _find(packet, kind) for kind in (NAL_SPS, NAL_PPS)}
    if not all(sets.values()) or len(sets[NAL_SPS]) < 4:
        sets = {kind: _find(FALLBACK, kind) for kind in (NAL_SPS, NAL_PPS)}
    sequence, picture = sets[NAL_SPS], sets[NAL_PPS]
    return (
        b"\x01"
        + sequence[1:4]  # profile, compatibility, level
        + b"\xff\xe1"  # lengths of four bytes; one sequence set
        + len(sequence).to_bytes(2, "big")
        + sequence
        + b"\x01"
        + len(picture).to_bytes(2, "big")
        + picture
        + (_EIGHT_BIT_420 if sequence[1] in _HIGH_PROFILES else b"")
    )


def _find(packet: bytes, kind: int) -> bytes:
    for unit in units(packet):
        if unit[0] & 0x1F == kind and len(unit) <= MAX_UNIT_BYTES:
            return unit
    return b""
