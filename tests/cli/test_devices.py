"""Claims about cli/devices.py."""

import sys

import pytest

from cli import devices
from media.errors import SourceError
from media.sound.portaudio import DeviceList, SoundDevice
from media.video.camera_list import CameraDevice


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the sound devices of this computer by invented ones."""
    found = DeviceList(
        (
            SoundDevice(0, "Built-in", records=True, plays=True),
            SoundDevice(3, "USB\x1b[1m", records=True, plays=False),
            SoundDevice(4, "[bold]HDMI", records=False, plays=True),
        ),
        "Built-in",
        "Built-in",
    )

    class Audio:
        def list(self) -> DeviceList:
            return found

        def close(self) -> None:
            pass

    monkeypatch.setattr(devices, "PortAudio", Audio)


def test_each_line_begins_with_its_value_if_output_is_not_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cameras = [CameraDevice(0, "Front\x1b[31m"), CameraDevice(2, "[bold]Back")]
    monkeypatch.setattr(devices, "list_cameras", lambda: cameras)
    assert devices.run_devices() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["0\tFront[31m", "2\t[bold]Back"]
    assert [line.split("\t")[0] for line in lines[2:5]] == ["test", "screen", "none"]


def test_sound_devices_are_listed_with_their_option(capsys: pytest.CaptureFixture[str]) -> None:
    devices.run_devices()
    lines = capsys.readouterr().out.splitlines()
    microphones = [line for line in lines if line.startswith("--mic ")]
    assert microphones[:2] == ["--mic 0\tBuilt-in", "--mic 3\tUSB[1m"]
    assert [line.split("\t")[0] for line in microphones[2:]] == [
        *("--mic default", "--mic FILE.wav", "--mic tone", "--mic none")
    ]
    speakers = [line for line in lines if line.startswith("--speaker ")]
    assert speakers[:2] == ["--speaker 0\tBuilt-in", "--speaker 4\t[bold]HDMI"]


def test_missing_portaudio_is_reported_and_the_rest_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise SourceError("PyAudio is not installed", "Run make setup")

    monkeypatch.setattr(devices, "PortAudio", fail)
    assert devices.run_devices() == 0
    output = capsys.readouterr()
    assert "No sound: PyAudio is not installed. Run make setup." in output.err
    assert "--mic tone\t" in output.out


def test_missing_cameras_are_reported_and_the_rest_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "list_cameras", list)
    assert devices.run_devices() == 0
    output = capsys.readouterr()
    assert output.out.startswith("test\t")
    assert "No camera was found" in output.err


def test_terminal_gets_a_table_without_markup_from_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    devices.print_choices("--camera", [("0", "[bold]Front")], prefix="")
    shown = capsys.readouterr().out
    assert "--camera" in shown
    assert "[bold]Front" in shown
