"""The control messages and their bytes. Pure: no I/O, no clock.

Each is a msgpack map with its tag under `type`; unknown fields are ignored, so that a later
version may add some. Sizes are bounded here, so that nobody else needs to ask.
"""

from typing import Annotated, TypeAlias, get_args

import msgspec
from msgspec import Meta

from net.errors import ProtocolError

PROTOCOL_VERSION = 1

Name = Annotated[str, Meta(max_length=256)]
ReasonText = Annotated[str, Meta(max_length=256)]
Nonce = Annotated[bytes, Meta(min_length=32, max_length=32)]
Exchange = Annotated[bytes, Meta(min_length=33, max_length=33)]
Mac = Annotated[bytes, Meta(min_length=32, max_length=32)]
Counter = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Sequence = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Timestamp = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SizePx = Annotated[int, Meta(ge=16, le=16_384)]
Codec = Annotated[str, Meta(max_length=32)]


class _Control(
    msgspec.Struct,
    frozen=True,
    tag_field="type",
    tag=lambda name: "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_"),
):
    """One control message; its tag is its name in snake case."""


class Decodable(msgspec.Struct, frozen=True):
    """A codec that a peer decodes, and the largest picture it takes."""

    codec: Codec
    width_px: SizePx
    height_px: SizePx


class Hello(_Control, frozen=True):
    """The first message of both sides; the only one whose layout no version changes.

    Attributes:
        version: of the protocol.
        name: what to call this peer; unproven, to be cleaned before it is shown.
        nonce: 32 random bytes; the caller sends the SHA-256 of its nonce instead, and so has
            chosen it before it saw the other one.
        can_decode: pictures, in order of preference.
        can_hear: codecs of sound, in order of preference.
    """

    version: Counter
    name: Name
    nonce: Nonce
    can_decode: Annotated[list[Decodable], Meta(max_length=16)] = []
    can_hear: Annotated[list[Codec], Meta(max_length=16)] = []


class Proof(_Control, frozen=True):
    """The caller's key, and that it holds it: a signature over the transcript so far."""

    nonce: Nonce
    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Annotated[bytes, Meta(max_length=1024)]


class CodeProof(_Control, frozen=True):
    """A proof, and the caller's half of SPAKE2: it claims to know the call code."""

    nonce: Nonce
    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Annotated[bytes, Meta(max_length=1024)]
    exchange: Exchange


class CodeAnswer(_Control, frozen=True):
    """The callee's half of SPAKE2."""

    exchange: Exchange


class CodeConfirm(_Control, frozen=True):
    """That this end has the key that both have if both know the code; the caller's goes first."""

    mac: Mac


class Ringing(_Control, frozen=True, omit_defaults=True):
    """The callee asks its person.

    Attributes:
        name: what to call the callee, where its hello did not say it to a stranger.
    """

    name: Name = ""


class Accept(_Control, frozen=True):
    """The person said yes: the call begins."""


class Reject(_Control, frozen=True, omit_defaults=True):
    """There will be no call, and why.

    Attributes:
        wait_s: after which another attempt makes sense; 0 where that is not a matter of time.
    """

    reason: ReasonText
    wait_s: Annotated[int, Meta(ge=0, le=86_400)] = 0


class Bye(_Control, frozen=True):
    """The end of a call or of a ring; answered by a bye."""

    reason: ReasonText = ""


class Ping(_Control, frozen=True):
    """Asks for a pong; `sent_us` is on the asker's clock."""

    sent_us: Timestamp


class Pong(_Control, frozen=True):
    """Answers a ping: its time given back, and two of the answerer's clock."""

    sent_us: Timestamp
    received_us: Timestamp
    replied_us: Timestamp


class Feedback(_Control, frozen=True):
    """What has arrived of the other side's pictures, counted since accept.

    Attributes:
        video_bytes: encoded bytes, of packets begun too.
        video_packets: complete packets.
        decoded: packets that left the decoder's inbox, decoded or discarded.
        arrived_us: when the newest complete packet was complete, on the receiver's clock.
    """

    video_bytes: Counter
    video_packets: Counter
    decoded: Counter
    arrived_us: Timestamp


class KeyframeRequest(_Control, frozen=True):
    """The decoder lost the thread: a picture that decodes alone, please."""


class VideoFormat(_Control, frozen=True):
    """What the pictures are, from packet `from_sequence` on."""

    codec: Codec
    width_px: SizePx
    height_px: SizePx
    from_sequence: Sequence


class PictureState(_Control, frozen=True):
    """Whether pictures come, and if not, why: `sent`, `none` or `hidden`."""

    state: Annotated[str, Meta(max_length=32)]


class AudioFormat(_Control, frozen=True):
    """What the sound is, from packet `from_sequence` on: always mono, 48 kHz."""

    codec: Codec
    from_sequence: Sequence


class SoundState(_Control, frozen=True):
    """Whether sound comes, and if not, why: `sent`, `none` or `muted`."""

    state: Annotated[str, Meta(max_length=32)]


class Discovery(_Control, frozen=True):
    """How this end is found again, told to one who is known; once in a call, or again.

    Attributes:
        secret: by which its advertisements are recognized.
        port: where it listens when it does, or 0.
    """

    secret: Annotated[bytes, Meta(min_length=32, max_length=32)]
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0


class CompareWords(_Control, frozen=True):
    """This end cannot know who the other is, unless people compare the words."""


Control: TypeAlias = (
    Hello
    | Proof
    | CodeProof
    | CodeAnswer
    | CodeConfirm
    | Ringing
    | Accept
    | Reject
    | Bye
    | Ping
    | Pong
    | Feedback
    | KeyframeRequest
    | VideoFormat
    | PictureState
    | AudioFormat
    | SoundState
    | Discovery
    | CompareWords
)


class _TagOnly(msgspec.Struct):
    type: str


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Control] = msgspec.msgpack.Decoder(Control)
_tag_decoder = msgspec.msgpack.Decoder(_TagOnly)
_known_tags = frozenset(kind.__struct_config__.tag for kind in get_args(Control))


def encode_control(control: Control) -> bytes:
    """Return the payload of a CONTROL message."""
    return _encoder.encode(control)


def decode_control(payload: bytes) -> Control | None:
    """Return the control message of a payload, or None where its tag is unknown.

    Raises:
        ProtocolError: it is not a map with a tag, or not what its tag says.
    """
    try:
        control: Control = _decoder.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError) as error:
        try:
            tag = _tag_decoder.decode(payload).type
        except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError):
            raise ProtocolError("a control message is malformed") from error
        if tag in _known_tags:
            raise ProtocolError(f"a message {tag} is malformed") from error
        return None
    return control
