"""report/page.py and page_file.py: the document stands alone, escapes, and is written whole."""

import base64
import hashlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report.errors import UnwritablePage
from report.page import Figure, Figures, Page, Plot, Section, Table, Text, to_html
from report.page_file import write_page

NASTY = "<script>alert(1)</script>\"'&"
EMPTY_DRAWING = '<svg viewBox="0 0 1 1"></svg>'
PAGE = Page(
    title=NASTY,
    subtitle=NASTY,
    lead=(NASTY,),
    sections=(
        Section(
            NASTY,
            (
                Text(NASTY),
                Figures((Figure(NASTY, NASTY, NASTY),)),
                Table((NASTY,), ((NASTY,),)),
                Plot(EMPTY_DRAWING, NASTY, NASTY),
            ),
        ),
    ),
)
VOID = {"meta"}


class Reader(HTMLParser):
    """Reads a document, and checks that its elements are nested."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def policy_of(reader: Reader) -> str:
    return next(value for name, value in reader.attributes if "default-src" in value)


def test_text_of_a_file_becomes_no_element() -> None:
    reader = Reader(to_html(PAGE))
    assert reader.open == []
    assert "script" not in reader.elements
    assert ("aria-label", NASTY) in reader.attributes


def test_page_loads_nothing() -> None:
    document = to_html(PAGE)
    reader = Reader(document)
    assert not {"src", "href", "srcset", "action"} & {name for name, _ in reader.attributes}
    assert "url(" not in document
    assert "@import" not in document
    assert policy_of(reader).startswith("default-src 'none'; style-src")


def test_policy_permits_only_the_pages_own_script() -> None:
    script = "document.title += '!';"
    reader = Reader(to_html(replace(PAGE, script=script)))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy_of(reader)
    assert reader.elements.count("script") == 1


def test_older_page_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_page(PAGE, path)
    write_page(replace(PAGE, title="Newer"), path)
    assert "<title>Newer</title>" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_other_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.html"
    path.write_text("mine")
    with pytest.raises(UnwritablePage) as caught:
        write_page(PAGE, path)
    assert "is not a report" in caught.value.sentence
    assert "--output" in caught.value.next_step
    assert path.read_text() == "mine"


def test_place_that_takes_no_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "page.html", tmp_path / "a\0b"):
        with pytest.raises(UnwritablePage) as caught:
            write_page(PAGE, path)
        assert "cannot be written" in caught.value.sentence
        assert caught.value.next_step


def test_private_page_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_page(PAGE, path, is_private=True)
    assert path.stat().st_mode & 0o777 == 0o600
