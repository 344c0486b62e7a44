"""bench/echo.py: what it plays to the clean-up, and that it prints its tables."""

import shutil

import numpy as np
import pytest

from bench import echo
from bench.speech import noise
from media.sound.pcm import SAMPLE_RATE_HZ, level_dbfs


def test_bursts_keep_each_block_at_its_place() -> None:
    far = noise(6.0, -20.0)
    taken = echo.in_bursts(far, far)
    settled = slice(SAMPLE_RATE_HZ, 5 * SAMPLE_RATE_HZ)
    assert np.array_equal(taken[settled], far[settled])


def test_return_loss_is_by_how_much_it_became_softer() -> None:
    near = noise(2.0, -20.0)
    assert echo.return_loss_db(near, near // 10, 0.5, 2.0) == pytest.approx(20.0, abs=0.1)


def test_the_codec_keeps_the_level() -> None:
    hiss = noise(2.0, -20.0)
    coded = echo.through_opus(hiss)
    assert len(coded) == len(hiss)
    assert level_dbfs(coded) == pytest.approx(-20.0, abs=2.0)


def test_what_was_asked_for_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng: apt install espeak-ng")
    assert echo.main(["--seconds", "10", "--only", "noise", "cost"]) == 0
    printed = capsys.readouterr().out
    assert "white noise" in printed
    assert "cost" in printed
    assert "return loss" not in printed


def test_too_short_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        echo.main(["--seconds", "3"])
    assert left.value.code == 2
    assert "10 or more" in capsys.readouterr().err


def test_missing_espeak_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert echo.main([]) == 2
    assert "espeak-ng is missing" in capsys.readouterr().out
