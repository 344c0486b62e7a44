"""media/video/http_login.py: the answers of the RFCs' own examples, and of cameras' dialects."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.http_login import CameraLogin, Credentials, can_answer, parse_challenges

MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_7616 = (
    f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={{}}, '
    f'nonce="{NONCE}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OWN = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def login(credentials: Credentials | None = MUFASA, own: str = OWN) -> CameraLogin:
    return CameraLogin(credentials, lambda: own)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_example_of_rfc_7616_gets_its_response(algorithm: str, response: str) -> None:
    digest = login()
    assert digest.header("GET", "/dir/index.html") is None
    assert digest.accept([RFC_7616.format(algorithm)])
    header = digest.header("GET", "/dir/index.html") or ""
    assert header.startswith('Digest username="Mufasa", realm="http-auth@example.org", ')
    for part in (
        f'response="{response}"',
        f"algorithm={algorithm}",
        "qop=auth",
        "nc=00000001",
        f'cnonce="{OWN}"',
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ):
        assert part in header


def test_camera_without_qop_gets_the_older_response() -> None:
    digest = login()
    assert digest.accept(['Digest realm="cam", nonce="abc"'])
    header = digest.header("GET", "/") or ""
    # md5(md5("Mufasa:cam:Circle of Life"):"abc":md5("GET:/")), section 2.1 of RFC 2069
    assert 'response="f5bf793090a25d6bb015979b49c58b08"' in header
    assert "qop" not in header
    assert "nc=" not in header


def test_strongest_challenge_is_answered() -> None:
    digest = login()
    assert digest.accept(
        ['Basic realm="x"', RFC_7616.format("MD5") + ", " + RFC_7616.format("SHA-256")]
    )
    assert "algorithm=SHA-256" in (digest.header("GET", "/") or "")


def test_each_request_counts_up() -> None:
    digest = login()
    digest.accept([RFC_7616.format("MD5")])
    headers = [digest.header("GET", "/") or "" for _ in range(3)]
    assert [f"nc=0000000{n}" in header for n, header in enumerate(headers, 1)] == [True] * 3


def test_basic_is_sent_when_asked_or_when_no_way_is_named() -> None:
    for headers in (['Basic realm="x"'], []):
        basic = login(Credentials("ü", "p"))
        assert basic.header("GET", "/") is None
        assert basic.accept(headers)
        assert basic.header("GET", "/") == "Basic w7w6cA=="


def test_camera_with_digest_never_gets_basic_for_a_bare_refusal() -> None:
    digest = login()
    assert digest.accept([RFC_7616.format("MD5")])
    digest.confirm()
    assert not digest.accept([])
    assert digest.header("GET", "/") is None


def test_refused_password_is_not_sent_again() -> None:
    for header in (RFC_7616.format("MD5"), 'Basic realm="x"'):
        digest = login()
        assert digest.accept([header])
        assert not digest.accept([header])


def test_expired_nonce_is_replaced() -> None:
    digest = login()
    assert digest.accept(['Digest realm="cam", nonce="first"'])
    assert digest.accept(['Digest realm="cam", nonce="second", stale=TRUE'])
    assert 'nonce="second"' in (digest.header("GET", "/") or "")
    digest.confirm()
    assert digest.accept(['Digest realm="cam", nonce="third"'])


def test_url_without_a_user_and_unknown_ways_give_up() -> None:
    assert not login(None).accept(['Basic realm="x"'])
    for header in ("Negotiate", 'Digest realm="x", nonce="y", algorithm=SHA-512', "Digest"):
        assert not login().accept([header])
        assert not can_answer(header)


def test_words_in_quotes_are_no_challenge() -> None:
    (challenge,) = parse_challenges('Digest realm="a, Basic b", nonce="n\\"1", QOP=auth')
    assert challenge.scheme == "digest"
    assert challenge.parameters == {"realm": "a, Basic b", "nonce": 'n"1', "qop": "auth"}


@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=20))
def test_no_challenge_breaks_the_request(parts: list[str], nonce: str) -> None:
    numbers = count()
    digest = CameraLogin(MUFASA, lambda: str(next(numbers)))
    headers = [f'Digest realm="{parts}", nonce="{nonce}x", algorithm="{nonce}"', *parts]
    if digest.accept(headers):
        header = digest.header("GET", "/")
        assert header is not None
        assert not any(character < " " for character in header)
