"""Claims about report/chat_transcript.py: both forms are read back, and a bad file does no harm."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from call.session.chat_file import ChatRecord, save_chat
from report.chat_transcript import MAX_NAMES, OTHERS, Transcript, parse_chat
from report.errors import UnreadableSource
from report.source import read_lines
from tests.support.saved_chats import chat_lines, heading, line
from ui.sharing import ChatMessage

BEGAN_MS = 1_795_000_000_000
TEXT = """Chat of Ann with Bee with a hat, 2026-11-18 23:59

[23:59:58] Ann: Hello
    Bee

    the end
[23:59:59] Bee with a hat: I know: it is late
[00:00:05] Ann (not delivered): Good night
"""


def parse(*lines: str) -> Transcript:
    return parse_chat(lines, UTC)


def texts(chat: Transcript) -> list[str]:
    return [message.text for message in chat.messages]


@pytest.mark.parametrize("name", ["chat.jsonl", "chat.txt"])
def test_chat_is_read_back_as_it_was_saved(tmp_path: Path, name: str) -> None:
    sent = (
        ChatMessage("Hello\nBee", BEGAN_MS + 1_000, is_own=True, is_delivered=False),
        ChatMessage("Grüße 👍", BEGAN_MS + 2_000, is_own=False),
    )
    save_chat(ChatRecord("Ann", "Bee: the 2nd", BEGAN_MS, sent), tmp_path / name)
    chat = parse_chat(read_lines(tmp_path / name))
    assert (chat.you, chat.peer, chat.damaged_count) == ("Ann", "Bee: the 2nd", 0)
    assert [
        (m.at and m.at.timestamp(), m.name, m.is_own, m.is_delivered, m.text) for m in chat.messages
    ] == [
        (BEGAN_MS / 1000 + 1, "Ann", True, False, "Hello\nBee"),
        (BEGAN_MS / 1000 + 2, "Bee: the 2nd", False, True, "Grüße 👍"),
    ]


def test_text_has_names_with_the_word_between_them_empty_lines_and_a_midnight() -> None:
    chat = parse(*TEXT.splitlines())
    assert (chat.you, chat.peer) == ("Ann", "Bee with a hat")
    assert texts(chat) == ["Hello\nBee\n\nthe end", "I know: it is late", "Good night"]
    assert [message.is_delivered for message in chat.messages] == [True, True, False]
    assert [message.at for message in chat.messages] == [
        datetime(2026, 11, 18, 23, 59, 58, tzinfo=UTC),
        datetime(2026, 11, 18, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 19, 0, 0, 5, tzinfo=UTC),
    ]


def test_text_of_two_with_one_name_makes_nobody_the_user() -> None:
    chat = parse("Chat of Ann with Ann, 2026-11-18 11:00", "", "[11:00:01] Ann: Hello")
    assert chat.writers() == ("Ann",)


def test_user_with_the_name_of_the_peer_is_told_apart() -> None:
    lines = (heading("Ann", "Ann"), line("a"), line("b", is_own=False, changed={"from": "Ann"}))
    assert parse(*lines).writers() == ("Ann (you)", "Ann")


def test_user_comes_first_whoever_wrote_first() -> None:
    assert parse(heading(), line("a", is_own=False), line("b")).writers() == ("Ann (you)", "Bee")


def test_lines_that_are_cut_or_damaged_are_counted_and_the_rest_is_kept() -> None:
    whole = chat_lines(["one", "two", "three"])
    cut = [whole[1][20:], *whole[2:], whole[3][:-9], "", "[1, 2]", '{"text": "x"}', "[" * 100_000]
    chat = parse(*cut)
    assert texts(chat) == ["two", "three"]
    assert chat.damaged_count == 5
    assert (chat.you, chat.peer) == ("Ann", "Bee")


def test_values_of_the_wrong_type_do_no_harm() -> None:
    lines = (
        heading(changed={"you": 1, "peer": [], "began": {}}),
        line("a", changed={"at": 5, "from": None}),
        line("b", changed={"at": "yesterday"}),
        line("c", changed={"at": "0001-01-01T00:00:00+23:00"}),
        line("d", changed={"is_delivered": "no"}),
    )
    chat = parse(*lines)
    assert texts(chat) == ["a", "b", "c", "d"]
    assert [message.at for message in chat.messages][:3] == [None, None, None]
    assert chat.messages[0].name == "Somebody"


def test_nothing_that_moves_a_cursor_or_turns_the_writing_is_kept() -> None:
    nasty = "\x1b[2J\u202eevil\u2066 \x00\ud800x\u2028y"
    chat = parse(heading(nasty, nasty), line(nasty, changed={"from": nasty}))
    shown = chat.you + chat.peer + chat.messages[0].name + chat.messages[0].text
    assert not set("\x1b\u202e\u2066\x00\ud800\u2028") & set(shown)
    assert "evil" in chat.messages[0].text


def test_message_without_anything_to_see_is_left_out() -> None:
    assert texts(parse(heading(), line("\u202e\x07"), line("a"))) == ["a"]


def test_file_with_many_names_shows_few() -> None:
    lines = [line("a", is_own=False, changed={"from": f"No. {n}"}) for n in range(100)]
    chat = parse(heading(), *lines)
    assert len(chat.writers()) == MAX_NAMES
    assert chat.messages[-1].name == OTHERS


def test_message_with_very_many_lines_is_read_whole() -> None:
    lines = ["[11:00:01] Ann: a", *["    b"] * 100_000]
    chat = parse("Chat of Ann with Bee, 2026-11-18 11:00", *lines)
    assert chat.messages[0].text.count("\n") == 100_000


def test_form_of_a_newer_version_is_refused_with_the_next_step() -> None:
    with pytest.raises(UnreadableSource) as raised:
        parse(heading(changed={"chat": 2}))
    assert "version" in raised.value.next_step
