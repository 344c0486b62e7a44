"""Claims about report/chat_view.py: the transcript is all there, and nothing in it is markup."""

from html.parser import HTMLParser

from report.chat_transcript import Transcript, parse_chat
from report.chat_view import SCRIPT, show_transcript
from tests.support.saved_chats import BEGAN, chat_lines, heading, line

NASTY = "</p></li></ol><script>alert('x')</script> \"&amp;"


class Reader(HTMLParser):
    """Reads the rows of a transcript."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "li":
            self.rows.append([])
            self.classes.append(dict(attrs).get("class") or "")

    def handle_data(self, data: str) -> None:
        if self.rows and data.strip():
            self.rows[-1].append(data)


def shown(*lines: str) -> Reader:
    return Reader(show_transcript(parse_chat(lines, BEGAN.tzinfo)))


def test_each_message_has_writer_time_and_text_below_its_day() -> None:
    reader = shown(heading(), line("Hi\nBee"), line("Hello", is_own=False, second=86_400))
    assert reader.rows == [
        ["Wednesday, 18 November 2026"],
        ["Ann", "11:00:00", "Hi\nBee"],
        ["Thursday, 19 November 2026"],
        ["Bee", "11:00:00", "Hello"],
    ]
    assert reader.classes == ["day", "own", "day", ""]


def test_message_that_was_not_delivered_says_it() -> None:
    reader = shown(heading(), line("Hi", changed={"is_delivered": False}))
    assert "not delivered" in reader.rows[-1]


def test_markup_in_names_and_texts_stays_text() -> None:
    reader = shown(heading(NASTY, NASTY), line(NASTY, changed={"from": NASTY}))
    assert "script" not in reader.tags
    assert reader.rows[-1] == [NASTY, "11:00:00", NASTY]


def test_message_without_a_time_is_shown_without() -> None:
    assert shown(heading(), line("Hi", changed={"at": None})).rows == [["Ann", "Hi"]]


def test_script_makes_no_markup_of_what_was_written() -> None:
    for danger in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval"):
        assert danger not in SCRIPT


def test_very_long_chat_is_shown_whole() -> None:
    chat = parse_chat(chat_lines(["x"] * 100_000), BEGAN.tzinfo)
    assert isinstance(chat, Transcript)
    assert show_transcript(chat).count("<p>x</p>") == 100_000
