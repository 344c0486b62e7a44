"""The control messages and their encoding. Pure: no I/O, no clock.

Each message is a msgpack map with its tag under `type`. Unknown fields are ignored, so that later
versions can add fields. The types bound every size, so that no other module has to check. Messages
of chat, of files and of measurements are in `chat_messages.py`, `file_messages.py` and
`goodput_messages.py`.
"""

from typing import Annotated, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from net.errors import ProtocolError
from net.protocol.chat_messages import Chat, ChatReceived, Features
from net.protocol.control_base import ControlMessage, Counter, Timestamp
from net.protocol.file_messages import (
    FileAccept,
    FileCancel,
    FileEnd,
    FileOffer,
    FileProgress,
    FileStored,
)
from net.protocol.goodput_messages import (
    Filler,
    FillerEnd,
    GoodputProof,
    GoodputReady,
    GoodputReport,
)

PROTOCOL_VERSION = 1

Name = Annotated[str, Meta(max_length=256)]
ReasonText = Annotated[str, Meta(max_length=256)]
"""One of `Reason`, or any other text from a later version."""
Nonce = Annotated[bytes, Meta(min_length=32, max_length=32)]
ExchangeHalf = Annotated[bytes, Meta(min_length=33, max_length=33)]
Mac = Annotated[bytes, Meta(min_length=32, max_length=32)]
CallId = Annotated[bytes, Meta(min_length=16, max_length=16)]
Generation = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Sequence = Annotated[int, Meta(ge=0, le=2**32 - 1)]
SizePx = Annotated[int, Meta(ge=16, le=16_384)]
Codec = Annotated[str, Meta(max_length=32)]


class Decodable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A codec that a peer decodes, and the largest picture that it accepts in it.

    Attributes:
        takes_full_range: whether the pictures may have full range, 0 to 255, if they say so
            themselves. Without it they have limited range, 16 to 235.
    """

    codec: Codec
    width_px: SizePx
    height_px: SizePx
    takes_full_range: bool = False


class Hello(ControlMessage, frozen=True):
    """The first message of both peers, and the only one whose layout no version changes.

    Attributes:
        version: the sender's version of the protocol.
        name: the sender's name for itself; unproven, so clean it before you show it.
        nonce: 32 random bytes from the callee. The caller sends the SHA-256 of its nonce, which
            commits it to that nonce before it sees the callee's.
        can_decode: the video codecs that the sender decodes, in order of preference.
        can_hear: the audio codecs that the sender decodes, in order of preference.
        measures_goodput: only in a hello that opens no call: the caller wants to measure, and the
            callee can. Left out everywhere else.
    """

    version: Counter
    name: Name
    nonce: Nonce
    can_decode: Annotated[list[Decodable], Meta(max_length=16)] = msgspec.field(
        default_factory=list
    )
    can_hear: Annotated[list[Codec], Meta(max_length=16)] = msgspec.field(default_factory=list)
    measures_goodput: bool | UnsetType = UNSET


class Proof(ControlMessage, frozen=True):
    """The caller's certificate, and a signature over the transcript by its key."""

    nonce: Nonce
    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Annotated[bytes, Meta(max_length=1024)]


class CodeProof(ControlMessage, frozen=True):
    """A proof that includes the caller's half of SPAKE2, sent by a caller with a call code."""

    nonce: Nonce
    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Annotated[bytes, Meta(max_length=1024)]
    exchange: ExchangeHalf


class CodeAnswer(ControlMessage, frozen=True):
    """The callee's half of SPAKE2."""

    exchange: ExchangeHalf


class CodeConfirm(ControlMessage, frozen=True):
    """A MAC with the SPAKE2 key, which both peers share if both know the code. Caller first."""

    mac: Mac


class Ringing(ControlMessage, frozen=True, omit_defaults=True):
    """The callee rings: its user is being asked.

    Attributes:
        name: the callee's name, if its hello withheld it from a stranger.
    """

    name: Name = ""


class Accept(ControlMessage, frozen=True):
    """The callee's user accepted, and the call begins; or the call continues on this link."""


class Reject(ControlMessage, frozen=True, omit_defaults=True):
    """The callee refuses the call.

    Attributes:
        wait_s: seconds after which another attempt makes sense; 0 if waiting does not help.
    """

    reason: ReasonText
    wait_s: Annotated[int, Meta(ge=0, le=86_400)] = 0


class Bye(ControlMessage, frozen=True):
    """The end of a call or a ring. The peer answers it with a bye."""

    reason: ReasonText = ""


class Ping(ControlMessage, frozen=True):
    """A request for a pong. `sent_us` is on the sender's clock."""

    sent_us: Timestamp


class Pong(ControlMessage, frozen=True):
    """The answer to a ping: its `sent_us`, and two times on the answering peer's clock."""

    sent_us: Timestamp
    received_us: Timestamp
    replied_us: Timestamp


class Feedback(ControlMessage, frozen=True):
    """The receiver's report on the video that has arrived since accept.

    Attributes:
        video_bytes: encoded bytes, including those of an incomplete packet.
        video_packets: complete packets.
        decoded: packets that left the decoder's queue, decoded or discarded.
        arrived_us: when the newest packet was complete, on the receiver's clock.
        began_us: when the first fragment of the newest packet arrived; 0 if unknown.
        bytes_us: when the last of `video_bytes` arrived; 0 if unknown.
        train_bytes, train_us: of the largest packet since the last report, the bytes after its
            first fragment, and the time in which they arrived.
    """

    video_bytes: Counter
    video_packets: Counter
    decoded: Counter
    arrived_us: Timestamp
    began_us: Timestamp = 0
    bytes_us: Timestamp = 0
    train_bytes: Counter = 0
    train_us: Timestamp = 0


class KeyframeRequest(ControlMessage, frozen=True):
    """A request for a keyframe, because the decoder cannot continue without one."""


class VideoFormat(ControlMessage, frozen=True):
    """The format of the video from packet `from_sequence` on."""

    codec: Codec
    width_px: SizePx
    height_px: SizePx
    from_sequence: Sequence


class PictureState(ControlMessage, frozen=True, omit_defaults=True):
    """The sender's video: `sent`, `none` or `hidden`.

    Attributes:
        is_paused: the link is too small for pictures; one may come now and then.
        is_screen: the pictures show a screen or a window, not what a camera sees.
    """

    state: Annotated[str, Meta(max_length=32)]
    is_paused: bool = False
    is_screen: bool = False


class AudioFormat(ControlMessage, frozen=True):
    """The format of the audio from packet `from_sequence` on; always mono at 48 kHz."""

    codec: Codec
    from_sequence: Sequence


class SoundState(ControlMessage, frozen=True):
    """The sender's audio: `sent`, `none` or `muted`."""

    state: Annotated[str, Meta(max_length=32)]


class Discovery(ControlMessage, frozen=True):
    """The details with which a peer finds the sender again. For known peers only; may be repeated.

    Attributes:
        secret: the key with which the peer recognizes the sender's advertisements.
        port: the port on which the sender usually listens, or 0.
    """

    secret: Annotated[bytes, Meta(min_length=32, max_length=32)]
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0


class CompareWords(ControlMessage, frozen=True):
    """The sender cannot verify the peer unless the two users compare the words."""


class RecordingState(ControlMessage, frozen=True):
    """Whether the sender records the call."""

    is_recording: bool


class ResumeShare(ControlMessage, frozen=True):
    """The sender can resume the call on another link. Sent once, at the start of a call.

    Attributes:
        share: 32 random bytes; both shares together make the call's identity.
    """

    share: Nonce


class Resume(ControlMessage, frozen=True):
    """The caller's first message on a link that is to continue a call.

    Attributes:
        generation: grows with every attempt; the first link of a call is generation 1.
        mac: the caller's, with the call's secret, for this link only.
    """

    call_id: CallId
    generation: Generation
    mac: Mac


class ResumeAnswer(ControlMessage, frozen=True):
    """The callee's MAC with the call's secret, for this link only. Accept or reject follows."""

    mac: Mac


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
    | RecordingState
    | ResumeShare
    | Resume
    | ResumeAnswer
    | Features
    | Chat
    | ChatReceived
    | FileOffer
    | FileAccept
    | FileProgress
    | FileEnd
    | FileStored
    | FileCancel
    | GoodputProof
    | GoodputReady
    | Filler
    | FillerEnd
    | GoodputReport
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
    """Return the control message in a payload, or None if its tag is unknown.

    Raises:
        ProtocolError: the payload is not a map with a tag, or does not match its tag.
    """
    try:
        control: Control = _decoder.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError) as error:
        try:
            tag = _tag_decoder.decode(payload).type
        except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError):
            raise ProtocolError("The other side sent a malformed control message") from error
        if tag in _known_tags:
            raise ProtocolError(f"The other side sent a malformed {tag} message") from error
        return None
    return control
