"""Claims about report/chat_page.py: each part is there, or a sentence says why not."""

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.arguments import parse_arguments
from cli.report import run_report
from core.program import REPORT_STEP
from report.chat_page import make_chat_page
from report.page import Page, Plot, Section, Table, Text, to_html
from tests.support.saved_chats import chat_lines, heading, line, save

ENGLISH = (
    "Hi, can you hear me now?",
    "Yes, loud and clear, that is wonderful",
    "The conference starts on Friday in the town hall",
    "I love the town hall, it is beautiful",
    "It has no projector, that is a terrible shame",
    "A projector costs 150 euros a day",
    "Then we rent the projector for Friday",
    "Please ask Maria about the town hall",
    "I will ask Maria tomorrow morning",
    "Thank you, bye!",
)
GERMAN = (
    "Hallo, kannst du mich hören?",
    "Ja, aber das Bild hängt manchmal",
    "Die Konferenz beginnt am Freitag im Rathaus",
    "Das Rathaus ist schön, aber es hat keinen Beamer",
)


def section(page: Page, heading: str) -> Section:
    (found,) = [each for each in page.sections if each.heading == heading]
    return found


def sentences(part: Section) -> str:
    return " ".join(block.text for block in part.blocks if isinstance(block, Text))


def test_page_has_counts_summary_words_mood_and_transcript(tmp_path: Path) -> None:
    page = make_chat_page(save(tmp_path, ENGLISH))
    assert page.title == "Your chat with Bee"
    assert page.lead == ("10 messages with 69 words, within 2 minutes.",)
    (table,) = section(page, "Who wrote how much").blocks
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["Ann (you)", "Bee", "All"]
    subjects, quoted = section(page, "Summary").blocks
    assert isinstance(subjects, Text)
    assert "town hall" in subjects.text
    assert isinstance(quoted, Table)
    assert all(row[2] in ENGLISH for row in quoted.rows)
    assert any(isinstance(block, Plot) for block in section(page, "Most frequent words").blocks)
    mood = section(page, "Mood")
    assert any(isinstance(block, Plot) for block in mood.blocks)
    assert "terrible shame" in sentences(mood)
    html = to_html(page)
    assert all(html.count(f"<p>{text}</p>") >= 1 for text in ENGLISH)


def test_mood_of_another_language_is_left_out_with_the_reason(tmp_path: Path) -> None:
    (block,) = section(make_chat_page(save(tmp_path, GERMAN)), "Mood").blocks
    assert isinstance(block, Text)
    assert "German" in block.text


@pytest.mark.parametrize(
    ("package", "heading"),
    [
        ("wordcloud", "Most frequent words"),
        ("vaderSentiment", "Mood"),
        ("yake", "Summary"),
        ("py3langid", ""),
    ],
)
def test_part_without_its_package_is_left_out_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, heading: str
) -> None:
    path = save(tmp_path, ENGLISH)
    whole = make_chat_page(path)
    monkeypatch.setattr(builtins, "__import__", without(package))
    page = make_chat_page(path)
    (block,) = section(page, heading).blocks
    assert isinstance(block, Text)
    assert f"The package {package} is not installed" in block.text
    assert REPORT_STEP in block.text
    others = [each for each in page.sections if each.heading != heading]
    assert others == [each for each in whole.sections if each.heading != heading]


def without(package: str) -> Callable[..., Any]:
    """Return an `import` that does not find a package."""
    real = builtins.__import__

    def find(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(name, *rest)

    return find


def test_chat_without_messages_says_so(tmp_path: Path) -> None:
    page = make_chat_page(save(tmp_path, ()))
    assert "no messages" in page.lead[0]
    assert page.sections == ()
    assert "<script" not in to_html(page)


@pytest.mark.parametrize("texts", [("hi",), ("👍", "👍"), ("???",), ("ok", "ok", "ok")])
def test_tiny_chat_has_a_page(tmp_path: Path, texts: tuple[str, ...]) -> None:
    page = make_chat_page(save(tmp_path, texts))
    assert "its own summary" in sentences(section(page, "Summary"))
    assert "too few words" in sentences(section(page, "Most frequent words"))


def test_missing_lines_are_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_bytes("\n".join(chat_lines(ENGLISH)).encode()[150:-30])
    lead = " ".join(make_chat_page(path).lead)
    assert "2 lines are missing" in lead


def test_letters_that_are_not_utf_8_are_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    text = json.dumps(json.loads(line("Grüße")), ensure_ascii=False)
    path.write_bytes(f"{heading()}\n{text}\n".encode("latin-1"))
    assert any("UTF-8" in sentence for sentence in make_chat_page(path).lead)


def test_hostile_chat_makes_a_harmless_page(tmp_path: Path) -> None:
    nasty = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \x1b[2J\u202e"
    path = tmp_path / "chat.jsonl"
    lines = [heading(nasty, nasty)]
    lines += [line(f"{nasty} hall {n} town", second=n, changed={"from": nasty}) for n in range(9)]
    lines += [line("x" * 900_000), line("good but bad 😀 " * 20_000)]
    path.write_text("\n".join(lines), encoding="utf-8")
    html = to_html(make_chat_page(path))
    assert html.count("<script") == 1
    assert "<img" not in html
    assert not set("\x1b\u202e") & set(html)


def test_command_writes_the_page_of_a_chat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path, ENGLISH)
    before = path.read_bytes()
    assert run_report(parse_arguments(["report", str(path)])) == 0
    page = tmp_path / "chat.jsonl.html"
    assert capsys.readouterr().out == f"{page}\n"
    assert "Your chat with Bee" in page.read_text("utf-8")
    assert path.read_bytes() == before
