"""The messages that wait in an outbox, parsed."""

from media.packet import AudioPacket
from net.link.outbox import Outbox
from net.protocol.audio_message import AudioStream
from net.protocol.control import Control, decode_control
from net.protocol.framing import MessageParser, MessageType


def take_sent(outbox: Outbox) -> list[Control | AudioPacket]:
    """Empty the outbox, and return its messages in order."""
    parser, stream = MessageParser(), AudioStream()
    came: list[Control | AudioPacket] = []
    while (message := outbox.take(0)) is not None:
        parser.feed(message)
        parsed = parser.next_message()
        assert parsed is not None
        if parsed.type == MessageType.AUDIO:
            came.append(stream.decode(parsed.payload))
        else:
            control = decode_control(parsed.payload)
            assert control is not None
            came.append(control)
    return came
