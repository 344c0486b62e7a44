"""Claims about call/devices.py."""

import sys

import pytest

from call import devices
from media.video.devices import CameraDevice


def test_elsewhere_than_on_a_terminal_each_line_begins_with_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cameras = [CameraDevice(0, "Front\x1b[31m"), CameraDevice(2, "[bold]Back")]
    monkeypatch.setattr(devices, "list_cameras", lambda: cameras)
    assert devices.run_devices() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["0\tFront[31m", "2\t[bold]Back"]
    assert [line.split("\t")[0] for line in lines[2:5]] == ["test", "screen", "none"]


def test_a_computer_without_cameras_still_lists_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "list_cameras", list)
    assert devices.run_devices() == 0
    output = capsys.readouterr()
    assert output.out.startswith("test\t")
    assert "No camera was found" in output.err


def test_a_terminal_gets_a_table_in_which_names_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    devices.print_sources([("0", "[bold]Front")])
    shown = capsys.readouterr().out
    assert "--camera" in shown
    assert "[bold]Front" in shown
