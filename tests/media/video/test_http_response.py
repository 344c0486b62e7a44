import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SourceError
from media.video.http_response import ResponseReader

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
)
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nbodyMORE"
UNTIL_END = b"HTTP/1.0 200 OK\nContent-Type: Image/JPEG; q=1\n\nthe whole body"


@pytest.mark.parametrize(
    ("answer", "body", "is_complete", "is_kept_alive"),
    [
        (CHUNKED, b"hello0123456789", True, True),
        (LENGTH, b"body", True, True),
        (UNTIL_END, b"the whole body", False, False),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH, b"body", True, True),
        (UNTIL_END.replace(b"HTTP/1.0", b"ICY"), b"the whole body", False, False),
        (b"HTTP/1.1 204\r\nConnection: close\r\n\r\n", b"", True, False),
    ],
)
def test_every_split_gives_the_same_body(
    answer: bytes, body: bytes, is_complete: bool, is_kept_alive: bool
) -> None:
    for cut in range(len(answer) + 1):
        reader = ResponseReader()
        assert reader.feed(answer[:cut]) + reader.feed(answer[cut:]) == body
        assert reader.is_complete is is_complete
        assert reader.head is not None
        assert reader.head.is_kept_alive is is_kept_alive
    reader = ResponseReader()
    assert b"".join(reader.feed(bytes([byte])) for byte in answer) == body


def test_head_is_parsed() -> None:
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 302 Found\r\nLocation:  /there \r\nContent-Length: 0\r\n\r\n")
    assert reader.head is not None
    assert (reader.head.status, reader.head.location) == (302, "/there")
    assert reader.is_complete
    reader = ResponseReader()
    reader.feed(UNTIL_END)
    assert reader.head is not None
    assert reader.head.content_type == "image/jpeg"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;" * 2_000,
    ],
)
def test_malformed_response_is_refused(answer: bytes) -> None:
    with pytest.raises(SourceError):
        ResponseReader().feed(answer)


@given(st.lists(st.binary(max_size=50)))
def test_random_bytes_give_bytes_or_a_source_error(parts: list[bytes]) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        reader = ResponseReader()
        try:
            reader.feed(start)
            for part in parts:
                reader.feed(part)
        except SourceError:
            pass
