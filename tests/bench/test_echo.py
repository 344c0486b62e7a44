"""bench/echo.py: bursts, return loss, and the tables printed."""

import shutil

import numpy as np
import pytest

from bench import echo
from bench.speech import noise
from media.sound.pcm import SAMPLE_RATE_HZ, level_dbfs


def test_bursts_do_not_move_blocks() -> None:
    far = noise(6.0, -20.0)
    taken = echo.in_bursts(far, far)
    settled = slice(SAMPLE_RATE_HZ, 5 * SAMPLE_RATE_HZ)
    assert np.array_equal(taken[settled], far[settled])


def test_return_loss_is_the_drop_in_level() -> None:
    near = noise(2.0, -20.0)
    assert echo.return_loss_db(near, near // 10, 0.5, 2.0) == pytest.approx(20.0, abs=0.1)


def test_codec_keeps_the_level() -> None:
    hiss = noise(2.0, -20.0)
    coded = echo.through_opus(hiss)
    assert len(coded) == len(hiss)
    assert level_dbfs(coded) == pytest.approx(-20.0, abs=2.0)


def test_only_the_chosen_tables_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    # espeak-ng is a program of the system, which not every machine has.
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng: apt install espeak-ng")
    assert echo.main(["--seconds", "10", "--only", "noise", "cost"]) == 0
    printed = capsys.readouterr().out
    assert "white noise" in printed
    assert "cost" in printed
    assert "return loss" not in printed


def test_too_short_a_measurement_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        echo.main(["--seconds", "3"])
    assert left.value.code == 2
    assert "10 or more" in capsys.readouterr().err


def test_missing_espeak_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert echo.main([]) == 2
    assert "espeak-ng is missing" in capsys.readouterr().out
