"""Claims about net/link/link.py, with real TLS over a pair of sockets."""

import contextlib
import random
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import pytest

from core.clock import now_us
from net.errors import LinkLost, ProtocolError
from net.link.link import HANG_UP_S, Link
from net.link.tls import client_context, server_context
from net.protocol.control import Accept, Bye, encode_control
from net.protocol.framing import Message, MessageParser, MessageType, encode_message
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S
from tests.support.link_pair import LinkPair

WAIT_S = 0.5


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a caller and a listener."""
    return client_context(), server_context(
        load_or_make_identity(tmp_path_factory.mktemp("identity"))
    )


@pytest.fixture
def ends(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[LinkPair]:
    """Return the two ends of one link."""
    with contextlib.closing(LinkPair(contexts)) as both:
        yield both


class Threads:
    """The threads of a test, and the errors that ended them."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def start(self, body: Callable[[], object]) -> None:
        """Run `body` in a thread; note the error that ends it."""

        def run() -> None:
            try:
                body()
            except Exception as error:  # noqa: BLE001 - stored for the test
                self.errors.append(error)

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def join(self) -> None:
        """Wait until all threads have ended."""
        for thread in self._threads:
            thread.join(DEADLINE_S)
        assert not any(thread.is_alive() for thread in self._threads), "a thread still runs"


def send_all(link: Link) -> None:
    """Send as a send thread does."""
    while link.send_next(WAIT_S):
        pass
    link.end_sending()


def receive_all(link: Link, on_message: Callable[[Message], None]) -> None:
    """Receive as a receive thread does."""
    while link.receive(on_message):
        pass


def refuse(message: Message) -> None:
    raise AssertionError(f"{message} came")


def test_messages_go_both_ways_in_order_between_four_threads(ends: LinkPair) -> None:
    threads = Threads()
    dice = random.Random(5)
    links = [ends.link(0), ends.link(1)]
    sent = [[dice.randbytes(dice.randint(1, 16_000)) for _ in range(300)] for _ in links]
    came: list[list[bytes]] = [[], []]
    all_came = [threading.Event(), threading.Event()]

    def collect(index: int, message: Message) -> None:
        assert message.type == MessageType.VIDEO
        came[index].append(message.payload)
        if len(came[index]) == len(sent[1 - index]):
            all_came[index].set()

    for index, link in enumerate(links):
        threads.start(partial(send_all, link))
        threads.start(partial(receive_all, link, partial(collect, index)))
        for payload in sent[index]:
            link.outbox.put_video([encode_message(MessageType.VIDEO, payload)])
    for event in all_came:
        assert event.wait(DEADLINE_S)
    for link in links:
        link.outbox.finish()
    threads.join()
    assert threads.errors == []
    assert came == [sent[1], sent[0]]


def test_later_control_overtakes_waiting_video(ends: LinkPair) -> None:
    near, far = ends.link(0), ends.link(1)
    near.outbox.put_video([encode_message(MessageType.VIDEO, b"%d" % n) for n in range(3)])
    came: list[Message] = []
    assert near.send_next(WAIT_S)
    near.outbox.put_control(b"bye")
    for _ in range(3):
        assert near.send_next(WAIT_S)
    while len(came) < 4:
        assert far.receive(came.append)
    assert [m.payload for m in came] == [b"0", b"bye", b"1", b"2"]


def test_one_message_is_one_tls_record(ends: LinkPair) -> None:
    near = ends.link(0)
    near.outbox.put_video([encode_message(MessageType.VIDEO, bytes(16_380))])
    near.send_next(WAIT_S)
    ends.sockets[1].settimeout(DEADLINE_S)
    header = ends.sockets[1].recv(5, socket.MSG_WAITALL)
    assert header[:3] == b"\x17\x03\x03"
    rest = int.from_bytes(header[3:], "big")
    assert len(ends.sockets[1].recv(rest, socket.MSG_WAITALL)) == rest
    ends.sockets[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        ends.sockets[1].recv(1)


def test_unsent_bytes_of_the_handshake_are_sent_first(ends: LinkPair) -> None:
    near_tls = ends.streams[0]
    near_tls.write(encode_message(MessageType.CONTROL, b"accept"))
    near = ends.link(0, unsent=near_tls.take_outgoing())
    near.outbox.put_control(b"ping")
    far = ends.link(1)
    came: list[Message] = []
    assert near.send_next(WAIT_S)
    while len(came) < 2:
        assert far.receive(came.append)
    assert [m.payload for m in came] == [b"accept", b"ping"]


def test_messages_that_the_handshake_read_are_received(ends: LinkPair) -> None:
    whole = encode_message(MessageType.CONTROL, b"picture_state")
    parser = MessageParser()
    parser.feed(whole + whole[:3])
    far_tls, near_tls = ends.streams[1], ends.streams[0]
    far_tls.write(whole[3:] + whole)
    near_tls.feed(far_tls.take_outgoing())
    near = ends.link(0, parser)
    ends.sockets[1].shutdown(socket.SHUT_WR)
    came: list[Message] = []
    receive_all(near, came.append)
    assert [m.payload for m in came] == [b"picture_state"] * 3


def test_end_that_the_handshake_read_ends_the_receive_thread(ends: LinkPair) -> None:
    far_tls, near_tls = ends.streams[1], ends.streams[0]
    far_tls.close()
    near_tls.feed(far_tls.take_outgoing())
    assert not ends.link(0).receive(refuse)


def test_end_of_the_stream_ends_the_receive_thread(ends: LinkPair) -> None:
    near, far = ends.link(0), ends.link(1)
    near.outbox.put_control(b"bye")
    near.outbox.finish()
    threads = Threads()
    threads.start(lambda: send_all(near))
    came: list[Message] = []
    threads.start(lambda: receive_all(far, came.append))
    threads.join()
    assert threads.errors == []
    assert [m.payload for m in came] == [b"bye"]


def test_messages_are_still_received_after_our_end(ends: LinkPair) -> None:
    near, far = ends.link(0), ends.link(1)
    near.outbox.finish()
    send_all(near)
    far.outbox.put_control(b"bye")
    far.outbox.finish()
    send_all(far)
    came: list[Message] = []
    receive_all(near, came.append)
    assert [m.payload for m in came] == [b"bye"]


@pytest.mark.parametrize("cut", [1, 3, 4, 50])
def test_incomplete_message_before_the_end_is_not_received(ends: LinkPair, cut: int) -> None:
    whole = encode_message(MessageType.VIDEO, bytes(100))
    ends.write(whole + whole[:cut])
    ends.sockets[1].shutdown(socket.SHUT_WR)
    came: list[Message] = []
    receive_all(ends.link(0), came.append)
    assert len(came) == 1


def test_message_that_announces_too_much_is_a_protocol_error(ends: LinkPair) -> None:
    ends.write(encode_message(MessageType.AUDIO, b"x") + b"\x02\x00\xff\xff")
    near = ends.link(0)
    came: list[Message] = []
    with pytest.raises(ProtocolError, match="message of 65535 bytes"):
        receive_all(near, came.append)
    assert len(came) == 1


def test_data_that_does_not_decrypt_is_a_protocol_error(ends: LinkPair) -> None:
    ends.sockets[1].sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    with pytest.raises(ProtocolError, match="does not decrypt"):
        receive_all(ends.link(0), refuse)


def test_bytes_other_than_tls_are_a_protocol_error(ends: LinkPair) -> None:
    ends.sockets[1].sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ProtocolError):
        receive_all(ends.link(0), refuse)


def test_error_of_the_callback_ends_the_receive_thread(ends: LinkPair) -> None:
    def reject(message: Message) -> None:
        raise ProtocolError("not now")

    ends.write(encode_message(MessageType.CONTROL, b"x"))
    with pytest.raises(ProtocolError, match="not now"):
        receive_all(ends.link(0), reject)


def test_close_from_another_thread_ends_both_threads_without_an_error(ends: LinkPair) -> None:
    near = ends.link(0)
    threads = Threads()
    threads.start(lambda: send_all(near))
    threads.start(lambda: receive_all(near, refuse))
    near.close()
    near.close()
    threads.join()
    assert threads.errors == []


def test_close_ends_a_send_thread_that_is_blocked_by_a_full_socket(ends: LinkPair) -> None:
    ends.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    is_stuck = threading.Event()

    class StuckSocket:
        """The near socket; sets the event when it accepts no more bytes."""

        def __getattr__(self, name: str) -> object:
            return getattr(ends.sockets[0], name)

        def send(self, data: bytes) -> int:
            try:
                return ends.sockets[0].send(data)
            except TimeoutError:
                is_stuck.set()
                raise

    near = ends.link(0, sock=cast(socket.socket, StuckSocket()))
    near.outbox.put_video(encode_message(MessageType.VIDEO, bytes(16_000)) for _ in range(1_000))
    threads = Threads()
    threads.start(lambda: send_all(near))
    assert is_stuck.wait(DEADLINE_S)
    near.close()
    threads.join()
    assert threads.errors == []


def test_audio_waits_only_for_the_bytes_in_the_kernel(ends: LinkPair) -> None:
    near = ends.link(0)
    fragment = encode_message(MessageType.VIDEO, bytes(16_000))
    near.outbox.put_video(fragment for _ in range(1_000))
    sent = 0
    while select.select([], [ends.sockets[0]], [], 0)[1]:
        assert near.send_next(0)
        sent += 1
    for _ in range(3):
        assert near.send_next(0)  # Sends nothing: the kernel has no room.
    near.outbox.put_audio(encode_message(MessageType.AUDIO, b"sound"), 0)
    threads = Threads()
    threads.start(lambda: send_all(near))
    far, came = ends.link(1), list[int]()
    while MessageType.AUDIO not in came:
        assert far.receive(lambda message: came.append(message.type))
    assert came.index(MessageType.AUDIO) == sent
    near.close()
    threads.join()


def test_close_ends_a_send_thread_that_waits_for_the_socket(ends: LinkPair) -> None:
    near = ends.link(0)
    near.outbox.put_video(encode_message(MessageType.VIDEO, bytes(16_000)) for _ in range(1_000))
    while select.select([], [ends.sockets[0]], [], 0)[1]:
        assert near.send_next(0)
    threads = Threads()
    threads.start(lambda: send_all(near))
    near.close()
    threads.join()
    assert threads.errors == []


def test_closed_peer_is_a_lost_link_for_the_send_thread(ends: LinkPair) -> None:
    near = ends.link(0)
    ends.sockets[1].close()
    near.outbox.put_control(b"anybody there?")
    with pytest.raises(LinkLost, match="broke"):
        send_all(near)


def test_ending_a_broken_link_raises_no_error(ends: LinkPair) -> None:
    near = ends.link(0)
    ends.sockets[1].close()
    near.end_sending()
    near.release()
    near.release()


def test_released_link_holds_no_socket(ends: LinkPair) -> None:
    near = ends.link(0)
    near.release()
    assert ends.sockets[0].fileno() == -1
    assert not near.receive(refuse)


def test_hang_up_sends_a_bye_and_ends_the_stream(ends: LinkPair) -> None:
    link = ends.link(0)
    threads = Threads()
    threads.start(lambda: link.hang_up("done"))
    assert ends.read_controls() == [Bye("done")]
    ends.sockets[1].close()
    threads.join()
    assert threads.errors == []


def test_hang_up_sends_unsent_bytes_of_the_handshake_first(ends: LinkPair) -> None:
    ends.streams[0].write(encode_message(MessageType.CONTROL, encode_control(Accept())))
    link = ends.link(0, unsent=ends.streams[0].take_outgoing())
    threads = Threads()
    threads.start(link.hang_up)
    assert ends.read_controls() == [Accept(), Bye()]
    ends.sockets[1].close()
    threads.join()


def test_hang_up_reads_before_it_closes_so_that_its_bye_arrives(ends: LinkPair) -> None:
    """A TCP socket that is closed with unread data resets the connection."""
    link = ends.link(0)
    ends.write(b"pictures that nobody reads any more" * 1_000)
    threads = Threads()
    threads.start(link.hang_up)
    assert ends.read_controls() == [Bye()]
    ends.sockets[1].close()
    threads.join()


def test_hang_up_ends_although_the_other_side_never_closes(ends: LinkPair) -> None:
    began_us = now_us()
    ends.link(0).hang_up()
    assert now_us() - began_us >= HANG_UP_S * 1e6 * 0.9


def test_hang_up_of_a_broken_link_raises_no_error(ends: LinkPair) -> None:
    link = ends.link(0)
    ends.sockets[1].close()
    link.hang_up()
