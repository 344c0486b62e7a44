"""Both ends of one link over a pair of sockets, with real TLS."""

import socket
import ssl

from net.link.link import Link
from net.link.tls import TlsStream
from net.protocol.control import Control, decode_control
from net.protocol.framing import MessageParser, MessageType
from tests.support.deadline import DEADLINE_S


class LinkPair:
    """Two ends after TLS; a test creates their links, or sends messages without one."""

    def __init__(self, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
        self.sockets = socket.socketpair()
        self.streams = (
            TlsStream(contexts[0], server_side=False),
            TlsStream(contexts[1], server_side=True),
        )
        near, far = self.streams
        for _ in range(3):
            near.handshake()
            far.feed(near.take_outgoing())
            far.handshake()
            near.feed(far.take_outgoing())
        assert near.handshake()
        assert far.handshake()
        self.links: list[Link] = []

    def link(
        self,
        index: int,
        parser: MessageParser | None = None,
        unsent: bytes = b"",
        sock: socket.socket | None = None,
    ) -> Link:
        """Create the link of one end; it closes with the pair."""
        link = Link(
            sock or self.sockets[index], self.streams[index], parser or MessageParser(), unsent
        )
        self.links.append(link)
        return link

    def write(self, plaintext: bytes) -> None:
        """Send bytes from the far end without a link."""
        self.streams[1].write(plaintext)
        self.sockets[1].sendall(self.streams[1].take_outgoing())

    def close(self) -> None:
        """Close links and sockets."""
        for link in self.links:
            link.release()
        for sock in self.sockets:
            sock.close()

    def read_controls(self) -> list[Control]:
        """Return the control messages that reach the far end, up to the end of the stream."""
        stream, sock, parser = self.streams[1], self.sockets[1], MessageParser()
        sock.settimeout(DEADLINE_S)
        controls: list[Control] = []
        is_open = True
        while is_open:
            data = sock.recv(65_536)
            is_open = bool(data)
            stream.feed(data) if data else stream.feed_eof()
            while plaintext := stream.read(65_536):
                parser.feed(plaintext)
            while (message := parser.next_message()) is not None:
                if message.type == MessageType.CONTROL:
                    control = decode_control(message.payload)
                    assert control is not None
                    controls.append(control)
        return controls
