import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import SourceError
from media.video.http_login import Credentials
from media.video.http_target import HttpTarget


def test_url_is_split_into_its_parts() -> None:
    target = HttpTarget.parse("https://Phone.local/vi deo?q=1 2")
    assert (target.is_tls, target.host, target.port) == (True, "phone.local", 443)
    assert target.path + target.query == "/vi%20deo?q=1%202"
    assert target.request().startswith(b"GET /vi%20deo?q=1%202 HTTP/1.1\r\nHost: phone.local\r\n")


def test_ipv6_keeps_its_brackets_in_the_request() -> None:
    target = HttpTarget.parse("http://[fe80::1]:8080/video")
    assert (target.host, target.port) == ("fe80::1", 8080)
    assert b"\r\nHost: [fe80::1]:8080\r\n" in target.request()


def test_host_names_beyond_ascii_are_encoded() -> None:
    assert HttpTarget.parse("http://kamera-küche.local/").host == "xn--kamera-kche-0hb.local"


def test_user_and_password_are_decoded_and_never_shown() -> None:
    target = HttpTarget.parse("http://us%40er:pa%3Ass@phone/")
    assert target.credentials == Credentials("us@er", "pa:ss")
    assert "pa:ss" not in target.label + repr(target) + repr(target.credentials)
    assert b"pa:ss" not in target.request()
    assert b"\r\nAuthorization: Basic eA==\r\n" in target.request("Basic eA==")


def test_redirect_keeps_the_password_only_for_the_same_host_and_port() -> None:
    target = HttpTarget.parse("http://u:p@phone:8080/a/b")
    assert target.redirected("c?d").label == "http://phone:8080/a/c"
    assert target.redirected("c?d").credentials == target.credentials
    assert target.redirected("http://phone:8081/").credentials is None
    assert target.redirected("https://phone:8080/").credentials is None
    assert target.redirected("//other/x").credentials is None


def test_redirect_never_leaves_tls_or_http() -> None:
    target = HttpTarget.parse("https://phone/")
    with pytest.raises(SourceError, match="without encryption"):
        target.redirected("http://phone/")
    with pytest.raises(SourceError):
        target.redirected("file:///etc/passwd")


@given(st.text(max_size=40))
def test_random_url_is_one_clean_request_or_a_value_error(text: str) -> None:
    try:
        target = HttpTarget.parse("http://" + text)
    except ValueError:
        return
    head = target.request()
    assert head.count(b"\r\n\r\n") == 1
    assert head.endswith(b"\r\n\r\n")
    assert all(b": " in line for line in head[:-4].split(b"\r\n")[1:])
