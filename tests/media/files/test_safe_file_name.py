"""Claims about media/files/safe_file_name.py: no name from a peer does harm."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.files.safe_file_name import MAX_NAME_BYTES, numbered, safe_file_name

NAMES = st.one_of(
    st.text(max_size=300),
    st.text('abC0. -_/\\:*"?<>|\0\n\u202e¹COMcon', max_size=40),
)


@given(NAMES)
def test_any_name_becomes_a_visible_name_without_a_folder(text: str) -> None:
    name = safe_file_name(text)
    assert name
    assert not set(name) & set('/\\<>:"|?*')
    assert name[0] not in ". -"
    assert name[-1] not in ". "
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert not {unicodedata.category(letter) for letter in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert safe_file_name(name) == name


@given(NAMES, st.integers(2, 9_999))
def test_numbered_name_is_safe_too(text: str, number: int) -> None:
    name = numbered(safe_file_name(text), number)
    assert f"({number})" in name
    assert len(name.encode()) <= MAX_NAME_BYTES + 7


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("a/b\\c/", "file"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("...hidden", "hidden"),
        (".bashrc", "bashrc"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux .txt", "_Aux .txt"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("lpt³", "_lpt³"),
        ("CONIN$", "_CONIN$"),
        ("console.txt", "console.txt"),
        ("-rf", "_-rf"),
        ("a:b*c?.txt", "a_b_c_.txt"),
        ("evil.txt:stream", "evil.txt_stream"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x1b[2J\x07.txt", "a[2J.txt"),
        ("a   \u00a0 b.txt", "a b.txt"),
        ("picture.jpg          .exe", "picture.jpg .exe"),
        ("name. . .", "name"),
        ("Grüße 好 👍.pdf", "Grüße 好 👍.pdf"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("\u200b\u3164", "file"),
        ("\ud800", "file"),
        ("x" * 10_000, "x" * 180),
        ("x" * 10_000 + ".pdf", "x" * 176 + ".pdf"),
        ("a." + "x" * 10_000, "a." + "x" * 178),
        ("好" * 1_000 + ".txt", "好" * 58 + ".txt"),
    ],
)
def test_name_is_stored_as(text: str, name: str) -> None:
    assert safe_file_name(text) == name


@pytest.mark.parametrize(
    ("name", "second"),
    [("a.txt", "a (2).txt"), ("a", "a (2)"), ("a.tar.gz", "a.tar (2).gz")],
)
def test_number_stands_before_the_suffix(name: str, second: str) -> None:
    assert numbered(name, 2) == second
