"""What a user gives that cannot be used, and terminals that lack letters."""

from pathlib import Path

from tests.support.peer_process import Input, StartPeer


def test_demo_with_a_camera_that_is_no_picture_fails_as_its_caller_does(
    start: StartPeer, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("milk\neggs\n")
    demo = start("demo", "--headless", "--camera=notes.txt", stdin=Input.NULL)
    assert demo.wait() == 2
    assert "notes.txt is neither a video nor a picture. Give a video or picture" in demo.said
    assert [line.split() for line in demo.out.splitlines()] == [
        ["caller:", "no", "call"],
        ["listener:", "no", "call"],
    ]


def test_terminal_without_utf_8_gets_letters_that_it_has(start: StartPeer) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    listener = start("listen", "--name=Zoë")
    caller = start("connect", f"127.0.0.1:{listener.port}", environment=ascii_only)
    caller.wait_said(r"Ringing Zo\xeb...")
    listener.wait_event("ringing")
    listener.type_line("n")
    assert caller.wait() == 4
    assert caller.said.isascii()
