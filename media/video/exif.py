"""The orientation of a JPEG, as its camera stored it. Pure: no I/O, no clock.

FFmpeg reports how far a picture is turned, but not whether it is mirrored as well, as pictures of
some front cameras are.

    FF E1 | length 2 | "Exif" 0 0 | TIFF: byte order 2, 42, offset of the first directory 4
    directory: count 2, entries of 12 bytes: tag 2, type 2, count 4, value 4

Source: Exif 2.32, sections 4.5.2 and 4.6.4.
"""

_BEGIN = b"\xff\xd8"
_APP1 = 0xE1
_SCAN = 0xDA
_MARK = b"Exif\x00\x00"
_BYTE_ORDERS = {b"II": "little", b"MM": "big"}
_ORIENTATION = 0x0112
_ENTRY_BYTES = 12
_MAX_ENTRIES = 200


def jpeg_orientation(data: bytes) -> int | None:
    """Return the orientation, 1 to 8, or None if the file states none."""
    if data[:2] != _BEGIN:
        return None
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _SCAN:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            return None
        if data[at + 1] == _APP1 and data[at + 4 : at + 10] == _MARK:
            return _read_tiff(data[at + 10 : at + 2 + length])
        at += 2 + length
    return None


def _read_tiff(tiff: bytes) -> int | None:
    order = _BYTE_ORDERS.get(tiff[:2])
    if order is None:
        return None

    def number(at: int, size: int) -> int:
        field = tiff[at : at + size]
        return int.from_bytes(field, "little" if order == "little" else "big")

    begin = number(4, 4)
    for entry in range(min(number(begin, 2), _MAX_ENTRIES)):
        at = begin + 2 + entry * _ENTRY_BYTES
        if number(at, 2) == _ORIENTATION:
            orientation = number(at + 8, 2)
            return orientation if 1 <= orientation <= 8 else None
    return None
