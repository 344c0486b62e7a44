"""bench/onscreen.py and its modules: contents, rounds, figures, quality, and one real call."""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from bench.calls import WARM_UP_S
from bench.children import Cost
from bench.figures import Subject
from bench.film import HEIGHT_PX, RATE_HZ, WIDTH_PX
from bench.hosts import loopback
from bench.onscreen import main, parse
from bench.onscreen_contents import CONTENTS, TEXT, describe, write_content
from bench.onscreen_quality import compare, full_range_luma
from bench.onscreen_subjects import OURS, SOUND, SUBJECTS, all_subjects
from bench.onscreen_table import add_ratios, median_of_rounds, rotate
from bench.onscreen_trial import Trial, measure_trial, summarize
from media.video.frame_stamp import read_stamp

S = 1_000_000


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_content(TEXT, tmp_path_factory.mktemp("text"))


def test_each_subject_comes_first_in_turn() -> None:
    assert [rotate("abc", number) for number in range(4)] == [
        *(["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]),
    ]


def test_ratio_needs_both_figures() -> None:
    ours = Subject("ours", {"p50_ms": 30.0, "cpu": 1.2, "mbps": 2.0, "p95_ms": None})
    add_ratios(ours, Subject("other", {"p50_ms": 20.0, "cpu": 0.8, "mbps": None, "p95_ms": 30.0}))
    assert ours.values["p50_ratio"] == pytest.approx(1.5)
    assert ours.values["cpu_ratio"] == pytest.approx(1.5)
    assert ours.values["mbps_ratio"] is ours.values["p95_ratio"] is None


def test_median_of_ratios_is_not_the_ratio_of_medians() -> None:
    rounds = [
        Subject("x", {"p50_ms": own, "p50_ratio": own / other})
        for own, other in ((30.0, 10.0), (20.0, 20.0), (40.0, 40.0))
    ]
    median = median_of_rounds(rounds)
    assert median.values == {"p50_ms": 30.0, "p50_ratio": 1.0}
    assert median.raw == [each.values for each in rounds]


def test_pictures_outside_the_span_do_not_count() -> None:
    pairs = [(9 * S, 500_000), (10 * S, 20_000), (11 * S, 30_000), (12 * S, 900_000)]
    values = summarize("x", pairs, (10 * S, 12 * S), Cost(0.5, (1.0,)), 0.0).values
    assert values["worst_ms"] == pytest.approx(30.0)
    assert values["fps"] == pytest.approx(1.0)
    assert values["mbps"] is None


def test_contents_are_described() -> None:
    assert all(describe(content) for content in CONTENTS)


def test_text_is_stamped_and_scrolls_once_a_second(text: Path) -> None:
    files = sorted(text.iterdir())
    assert len(files) == 10 * RATE_HZ
    pictures = [cv2.imread(str(files[n]), cv2.IMREAD_GRAYSCALE) for n in (1, 2, RATE_HZ + 1)]
    assert [read_stamp(picture) for picture in pictures if picture is not None] == [1, 2, 31]
    lower: list[Any] = [picture[100:].astype(int) for picture in pictures if picture is not None]
    assert np.abs(lower[0] - lower[1]).mean() < 0.1
    assert np.abs(lower[0] - lower[2]).mean() > 1


def test_limited_and_full_range_luma_agree() -> None:
    grey = np.full((HEIGHT_PX * 3 // 2, WIDTH_PX), 235, np.uint8)
    limited = av.VideoFrame.from_ndarray(grey, format="yuv420p")
    assert full_range_luma(limited).max() == pytest.approx(255)
    full = av.VideoFrame.from_ndarray(grey, format="yuvj420p")
    assert full_range_luma(full).max() == pytest.approx(235)


def test_quality_is_that_of_the_picture_with_the_number(text: Path) -> None:
    first = round(WARM_UP_S * RATE_HZ)
    files = sorted(text.iterdir())[: first + 2]

    def pictures(blur_px: int) -> list[av.VideoFrame]:
        skipped = [av.VideoFrame(WIDTH_PX, HEIGHT_PX, "yuv420p")] * first
        pixels = cv2.imread(str(files[-1]))
        assert pixels is not None
        soft = cv2.blur(pixels, (blur_px, blur_px))
        return [*skipped, av.VideoFrame.from_ndarray(np.asarray(soft, np.uint8), format="bgr24")]

    def quality(blur_px: int) -> tuple[float, float]:
        planar = [each.reformat(format="yuv420p") for each in pictures(blur_px)]
        values = compare(planar, text)
        psnr_db, likeness = values["psnr_db"], values["ssim"]
        assert isinstance(psnr_db, float)
        assert isinstance(likeness, float)
        return psnr_db, likeness

    sharp, soft = quality(1), quality(5)
    assert sharp[0] > 40 > soft[0]
    assert 1 >= sharp[1] > 0.98 > soft[1]


def test_call_without_pictures_has_no_quality(text: Path) -> None:
    assert compare([], text) == {"psnr_db": None, "ssim": None}


def test_sound_adds_a_subject_beside_the_others() -> None:
    assert SOUND not in parse([]).subject
    assert parse(["--sound"]).subject[:2] == [OURS, SOUND]
    assert set(all_subjects()) == set(SUBJECTS)


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--seconds", "0.5"], ["--link", "moon"]])
def test_useless_options_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2


def test_pictures_of_a_real_call_are_read_from_the_screen(text: Path, tmp_path: Path) -> None:
    subject = all_subjects()[OURS]
    measured = measure_trial(
        Trial(text, 2.0, tmp_path, loopback()), subject.title, subject.start
    ).values
    for key in ("p50_ms", "fps", "cpu", "mbps"):
        value = measured[key]
        assert isinstance(value, float)
        assert value > 0
