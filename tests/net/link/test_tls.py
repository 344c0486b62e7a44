"""Claims about net/link/tls.py, with real TLS in memory."""

import contextlib
import random
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.errors import LinkLost, NetError, NotOurProtocol, ProtocolError
from net.link.tls import ALPN, RECORD_BYTES, TlsStream, client_context, server_context
from net.trust.identity import Identity, load_or_make_identity
from tests.net.link.tls_ends import Contexts, Ends, carry, ends_of, shake_hands

READ_BYTES = 64 * 1024


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return load_or_make_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture(scope="module")
def contexts(identity: Identity) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a caller and a listener."""
    return client_context(), server_context(identity)


@pytest.fixture
def ends(contexts: Contexts) -> Ends:
    """Return caller and listener after their handshake."""
    return shake_hands(ends_of(contexts))


def read_all(stream: TlsStream) -> bytes:
    return b"".join(iter(lambda: stream.read(READ_BYTES), None))


def other_context(context: ssl.SSLContext, **attributes: object) -> ssl.SSLContext:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in attributes.items():
        setattr(context, name, value)
    return context


def test_contexts_allow_tls_1_3_only(contexts: Contexts) -> None:
    for context in contexts:
        assert context.minimum_version is context.maximum_version is ssl.TLSVersion.TLSv1_3


def test_handshake_agrees_on_our_alpn_and_shows_the_listeners_certificate(
    ends: Ends, identity: Identity
) -> None:
    caller, listener = ends
    assert caller.alpn() == listener.alpn() == ALPN == "visavis/1"
    assert caller.peer_certificate_der() == identity.certificate_der
    assert listener.peer_certificate_der() is None
    caller.require_our_protocol()
    listener.require_our_protocol()


def test_both_ends_share_a_channel_binding_that_no_other_stream_has(contexts: Contexts) -> None:
    bindings = set()
    for _ in range(3):
        caller, listener = shake_hands(ends_of(contexts))
        assert caller.channel_binding() == listener.channel_binding()
        bindings.add(caller.channel_binding())
    assert len(bindings) == 3
    assert {len(binding) for binding in bindings} <= {32, 48}


def test_handshake_accepts_single_bytes(contexts: Contexts) -> None:
    caller, listener = ends_of(contexts)
    is_complete = [False, False]
    for _ in range(4):
        for index, (sender, receiver) in enumerate(((caller, listener), (listener, caller))):
            is_complete[index] = sender.handshake()
            for byte in sender.take_outgoing():
                receiver.feed(bytes([byte]))
                receiver.handshake()
    assert is_complete == [True, True]


def test_nothing_follows_the_handshake(contexts: Contexts) -> None:
    caller, listener = ends_of(contexts)
    caller.handshake()
    carry(caller, listener)
    listener.handshake()
    carry(listener, caller)
    assert caller.handshake()
    carry(caller, listener)
    assert listener.handshake()
    assert listener.take_outgoing() == b""  # No session tickets.
    assert caller.take_outgoing() == b""


def test_plaintext_is_read_in_order_both_ways(ends: Ends) -> None:
    for sender, receiver in (ends, ends[::-1]):
        sender.write(b"first")
        sender.write(memoryview(b"second"))
        assert sender.has_outgoing
        carry(sender, receiver)
        assert sender.take_outgoing() == b""
        assert receiver.read(READ_BYTES) == b"first"
        assert receiver.read(3) == b"sec"
        assert receiver.read(READ_BYTES) == b"ond"
        assert receiver.read(READ_BYTES) is None


@pytest.mark.parametrize("size", [0, 1, RECORD_BYTES])
def test_plaintext_that_fits_uses_one_record_at_most(ends: Ends, size: int) -> None:
    caller, listener = ends
    caller.write(bytes(size))
    outgoing = caller.take_outgoing()
    assert len(outgoing) == (5 + size + 1 + 16 if size else 0)  # Header, content type, tag.
    listener.feed(outgoing)
    assert read_all(listener) == bytes(size)


def test_long_plaintext_arrives_whole_in_many_records(ends: Ends) -> None:
    caller, listener = ends
    message = random.Random(1).randbytes(3 * 1024 * 1024 + 7)
    caller.write(message)
    outgoing = memoryview(caller.take_outgoing())
    received = bytearray()
    for start in range(0, len(outgoing), 1000):
        listener.feed(outgoing[start : start + 1000])
        received += read_all(listener)
    assert received == message


def test_clean_end_follows_all_written_data(ends: Ends) -> None:
    caller, listener = ends
    caller.write(b"bye")
    caller.close()
    carry(caller, listener)
    assert listener.read(READ_BYTES) == b"bye"
    assert listener.read(READ_BYTES) == b""
    assert listener.read(READ_BYTES) == b""


def test_peer_can_still_be_read_after_our_close(ends: Ends) -> None:
    caller, listener = ends
    listener.write(b"before it")
    listener.write(b"and more")
    outgoing = listener.take_outgoing()
    caller.feed(outgoing[:-10])
    caller.close()
    caller.close()
    caller.feed(outgoing[-10:])
    assert caller.read(6) == b"before"
    assert caller.read(READ_BYTES) == b" it"
    assert caller.read(READ_BYTES) == b"and more"
    carry(caller, listener)
    assert listener.read(READ_BYTES) == b""
    listener.write(b"after it")
    listener.close()
    carry(listener, caller)
    assert caller.read(READ_BYTES) == b"after it"
    assert caller.read(READ_BYTES) == b""


def test_broken_stream_after_our_close_is_an_end(ends: Ends) -> None:
    caller, _ = ends
    caller.close()
    caller.feed_eof()
    assert caller.read(READ_BYTES) == b""


def test_write_after_our_close_is_a_lost_link(ends: Ends) -> None:
    ends[0].close()
    with pytest.raises(LinkLost):
        ends[0].write(b"too late")


def test_end_without_goodbye_is_a_lost_link_each_time(ends: Ends) -> None:
    caller, listener = ends
    caller.write(b"last words")
    carry(caller, listener)
    listener.feed_eof()
    assert listener.read(READ_BYTES) == b"last words"
    for _ in range(2):
        with pytest.raises(LinkLost, match="without a goodbye"):
            listener.read(READ_BYTES)
    with pytest.raises(LinkLost, match="without a goodbye"):
        listener.write(b"anybody there?")


@given(st.data())
def test_changed_byte_is_a_protocol_error(contexts: Contexts, data: st.DataObject) -> None:
    caller, listener = shake_hands(ends_of(contexts))
    caller.write(b"a message of some length")
    outgoing = bytearray(caller.take_outgoing())
    # Not in the length, which would make TLS wait for more.
    place = data.draw(st.sampled_from([0, *range(5, len(outgoing))]))
    outgoing[place] ^= data.draw(st.integers(1, 255))
    listener.feed(bytes(outgoing))
    with pytest.raises(ProtocolError):
        listener.read(READ_BYTES)
    with pytest.raises(ProtocolError):
        listener.read(READ_BYTES)
    # The peer receives an alert.
    carry(listener, caller)
    with pytest.raises(LinkLost, match="broke off"):
        caller.read(READ_BYTES)


def test_read_and_write_before_the_handshake_are_bugs(contexts: Contexts) -> None:
    caller, _ = ends_of(contexts)
    uses: tuple[Callable[[], object], ...] = (
        lambda: caller.write(b"early"),
        lambda: caller.read(1),
        caller.alpn,
        caller.peer_certificate_der,
    )
    for use in uses:
        with pytest.raises(RuntimeError, match="handshake is not complete"):
            use()
    caller.close()
    assert not caller.has_outgoing


def check_strange_bytes(stream: TlsStream, parts: list[bytes]) -> None:
    """Check that the stream wants more bytes, or finds that they are not our protocol."""
    with contextlib.suppress(NotOurProtocol):
        stream.handshake()
        for part in parts:
            stream.feed(part)
            assert not stream.handshake()


junk = st.lists(st.binary(min_size=1, max_size=80), max_size=8)
record_starts = st.sampled_from(
    [b"", b"\x16\x03\x01", b"\x16\x03\x03\x00\x10", b"\x14\x03\x03\x00\x01\x01", b"\x17\x03\x03"]
)


@given(record_starts, junk, st.booleans())
def test_random_bytes_are_too_few_or_not_our_protocol(
    contexts: Contexts, start: bytes, parts: list[bytes], is_caller: bool
) -> None:
    check_strange_bytes(ends_of(contexts)[0 if is_caller else 1], [start, *parts])


@given(st.data())
def test_client_hello_with_a_changed_byte_is_harmless(
    contexts: Contexts, data: st.DataObject
) -> None:
    caller, listener = ends_of(contexts)
    caller.handshake()
    hello = bytearray(caller.take_outgoing())
    # Not in the record's version, which nobody reads, RFC 8446 section 5.1.
    place = data.draw(st.sampled_from([0, *range(3, len(hello))]))
    hello[place] ^= data.draw(st.integers(1, 255))
    check_strange_bytes(listener, [bytes(hello)])
    check_strange_bytes(caller, [listener.take_outgoing()])


def refusal_of(stream: TlsStream, opening: bytes) -> str:
    with contextlib.suppress(NetError):
        stream.handshake()
    stream.feed(opening)
    with pytest.raises(NotOurProtocol) as caught:
        stream.handshake()
    return caught.value.sentence


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        (b"GET / HTTP/1.1\r\nHost: alice\r\n\r\n", "browser"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "web server"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (b"hello, is anybody there?\r\n", "plain text"),
        (b"\x00" * 40, "another kind"),
    ],
)
@pytest.mark.parametrize("index", [0, 1])
def test_program_of_another_kind_is_named(
    contexts: Contexts, opening: bytes, name: str, index: int
) -> None:
    assert name in refusal_of(ends_of(contexts)[index], opening)


def test_caller_with_only_tls_1_2_is_refused(contexts: Contexts) -> None:
    old = other_context(
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), maximum_version=ssl.TLSVersion.TLSv1_2
    )
    caller, listener = ends_of((old, contexts[1]))
    caller.handshake()
    carry(caller, listener)
    with pytest.raises(NotOurProtocol, match="older TLS"):
        listener.handshake()
    carry(listener, caller)  # The alert is sent despite the error.
    with pytest.raises(NotOurProtocol, match="another version of TLS"):
        caller.handshake()


def test_listener_with_only_tls_1_2_is_refused(contexts: Contexts, identity: Identity) -> None:
    old = other_context(
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), maximum_version=ssl.TLSVersion.TLSv1_2
    )
    old.load_cert_chain(identity.pem_path)
    caller, listener = ends_of((contexts[0], old))
    caller.handshake()
    carry(caller, listener)
    with pytest.raises(NetError):
        listener.handshake()
    carry(listener, caller)
    with pytest.raises(NotOurProtocol, match="another version of TLS"):
        caller.handshake()


@pytest.mark.parametrize("protocols", [[], ["h2", "http/1.1"]])
def test_caller_without_our_alpn_is_refused(contexts: Contexts, protocols: list[str]) -> None:
    other = other_context(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    if protocols:
        other.set_alpn_protocols(protocols)
    caller, listener = shake_hands(ends_of((other, contexts[1])))
    assert caller.alpn() is None
    assert listener.alpn() is None
    with pytest.raises(NotOurProtocol, match="speaks TLS"):
        listener.require_our_protocol()


def test_connection_closed_during_the_handshake_is_a_lost_link(contexts: Contexts) -> None:
    caller, listener = ends_of(contexts)
    caller.handshake()
    listener.feed(caller.take_outgoing()[:50])
    listener.feed_eof()
    caller.feed_eof()
    for stream in (caller, listener):
        with pytest.raises(LinkLost, match="before it was encrypted"):
            stream.handshake()


def test_session_keys_are_never_written_to_a_file(
    identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(key_log))
    shake_hands(ends_of((client_context(), server_context(identity))))
    assert not key_log.exists()
