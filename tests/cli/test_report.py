"""cli/report.py: where the page goes, what is refused, and the exit status."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from call.endings import ending_of_error
from call.errors import SourceFileError
from cli.arguments import parse_arguments
from cli.report import run_report
from core.exit_status import ExitStatus

CALLS = Path(__file__).resolve().parents[1] / "report/calls"


def copy(folder: Path) -> Path:
    source = folder / "figures"
    source.write_bytes((CALLS / "good.jsonl").read_bytes())
    return source


def run(*words: object) -> int:
    return run_report(parse_arguments(["report", *map(str, words)]))


def test_page_lies_beside_its_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = copy(tmp_path)
    assert run(source) == ExitStatus.OK
    page = tmp_path / "figures.html"
    assert "Your call with Bee" in page.read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{page}\n"


def test_output_names_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page"
    assert run(copy(tmp_path), "--output", page) == ExitStatus.OK
    assert page.exists()
    assert not (tmp_path / "figures.html").exists()


def test_events_of_the_run_are_shown(tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.write_text(
        '{"at":"2026-11-27T06:40:00.000Z","event":"accepted"}\n'
        '{"at":"2026-11-27T06:40:20.000Z","event":"ended","sentence":"You hung up"}\n'
    )
    run(copy(tmp_path), "--events", events)
    assert "The end: You hung up" in (tmp_path / "figures.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "There is no file"),
        ("", "is a folder"),
        ("/", "is a folder"),
        ("junk", "neither statistics nor"),
    ],
)
def test_wrong_source_is_a_sentence_and_status_2(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "junk").write_bytes(bytes(range(256)))
    with pytest.raises(SourceFileError) as caught:
        run(tmp_path / name)
    ending = ending_of_error(caught.value, after_accept=False)
    assert ending.exit_status == ExitStatus.USAGE
    assert said in ending.error_sentence
    assert ending.error_next_step


def test_file_that_is_no_report_is_kept(tmp_path: Path) -> None:
    source = copy(tmp_path)
    page = tmp_path / "figures.html"
    page.write_text("mine")
    with pytest.raises(SourceFileError) as caught:
        run(source)
    assert "--output" in caught.value.next_step
    assert page.read_text() == "mine"


def test_page_and_its_picture_need_two_files(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError) as caught:
        run(copy(tmp_path), "--png", "--output", tmp_path / "page.png")
    assert "both the page and its picture" in caught.value.sentence
    assert not (tmp_path / "page.png").exists()


def test_picture_lies_beside_the_page(tmp_path: Path, qapp: QApplication) -> None:
    run(copy(tmp_path), "--png", "--output", tmp_path / "page.html")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_events_belong_to_statistics(tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text('{"chat":1,"you":"Al","peer":"Bee","began":"2026-11-27T06:40:12.345Z"}\n')
    with pytest.raises(SourceFileError) as caught:
        run(chat, "--events", chat)
    assert "is a saved chat" in caught.value.sentence


def test_statistics_are_never_overwritten_by_their_report(tmp_path: Path) -> None:
    source = copy(tmp_path)
    before = source.read_bytes()
    with pytest.raises(SourceFileError):
        run(source, "--output", source)
    assert source.read_bytes() == before


def test_report_on_nothing_is_asked_what_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(["report"])
    assert caught.value.code == ExitStatus.USAGE
    assert "report call.jsonl" in capsys.readouterr().err
