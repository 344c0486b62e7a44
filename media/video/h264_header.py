"""H.264 sequence headers: the size and format of a packet before it is decoded. Pure.

Source: ITU-T H.264, 7.3.1 (NAL units), 7.3.2.1.1 (sequence parameter set), 7.4.2.1.1 (cropping).
"""

from collections.abc import Iterator

import msgspec

from media.errors import CodecError

NAL_SPS = 7
MAX_SPS_BYTES = 1024
_PROFILES_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


class SequenceHeader(msgspec.Struct, frozen=True):
    """The fields of a sequence parameter set that a decoder checks.

    Attributes:
        width_px, height_px: the size after cropping, as shown.
        coded_width_px, coded_height_px: the size before cropping, which takes memory.
    """

    width_px: int
    height_px: int
    coded_width_px: int
    coded_height_px: int
    chroma_format: int
    bit_depth: int
    reference_frames: int


def sequence_headers(packet: bytes) -> Iterator[bytes]:
    """Yield an Annex B packet's sequence parameter sets, without start code and type byte."""
    start = packet.find(b"\x00\x00\x01")
    while start != -1:
        begin = start + 3
        start = packet.find(b"\x00\x00\x01", begin)
        if begin < len(packet) and packet[begin] & 0x1F == NAL_SPS:
            yield packet[begin + 1 : start if start != -1 else len(packet)]


class _Bits:
    """Reads bits, the highest bit of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def read(self, count: int) -> int:
        if count > self._left:
            raise CodecError("a picture's header is cut short")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > 31:
                raise CodecError("a picture's header is malformed")
        return (1 << zeros) - 1 + self.read(zeros)

    def signed_exp_golomb(self) -> int:
        value = self.exp_golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed_exp_golomb()) % 256
        last = following or last


def parse_sequence_header(unit: bytes) -> SequenceHeader:
    """Parse a sequence parameter set, given without its type byte.

    Raises:
        CodecError: it is cut short, too long or malformed.
    """
    if len(unit) > MAX_SPS_BYTES:
        raise CodecError("a picture's header is too long")
    bits = _Bits(unit.replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.read(8)
    bits.read(16)
    bits.exp_golomb()
    chroma_format, bit_depth, has_planes = 1, 8, 0
    if profile in _PROFILES_WITH_CHROMA:
        chroma_format = bits.exp_golomb()
        if chroma_format == 3:
            has_planes = bits.read(1)
        bit_depth = 8 + max(bits.exp_golomb(), bits.exp_golomb())
        bits.read(1)
        if bits.read(1):
            for index in range(12 if chroma_format == 3 else 8):
                if bits.read(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.exp_golomb()
    _skip_picture_order_count(bits)
    reference_frames = bits.exp_golomb()
    bits.read(1)
    width_in_blocks = bits.exp_golomb() + 1
    height_in_units = bits.exp_golomb() + 1
    is_progressive = bits.read(1)
    if not is_progressive:
        bits.read(1)
    bits.read(1)
    crop_left = crop_right = crop_top = crop_bottom = 0
    if bits.read(1):
        crop_left, crop_right, crop_top, crop_bottom = (bits.exp_golomb() for _ in range(4))
    unit_x = 2 if chroma_format in (1, 2) and not has_planes else 1
    unit_y = (2 if chroma_format == 1 and not has_planes else 1) * (2 - is_progressive)
    coded_width, coded_height = width_in_blocks * 16, height_in_units * 16 * (2 - is_progressive)
    return SequenceHeader(
        coded_width - (crop_left + crop_right) * unit_x,
        coded_height - (crop_top + crop_bottom) * unit_y,
        coded_width,
        coded_height,
        chroma_format,
        bit_depth,
        reference_frames,
    )


def _skip_picture_order_count(bits: _Bits) -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.read(1)
        bits.signed_exp_golomb()
        bits.signed_exp_golomb()
        count = bits.exp_golomb()
        if count > 255:
            raise CodecError("a picture's header is malformed")
        for _ in range(count):
            bits.signed_exp_golomb()
