"""Claims about report/chat_cloud.py: all words are there, apart from each other, in any script."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from report.chat_cloud import HEIGHT_PX, WIDTH_PX, word_cloud

ROOT = Path(__file__).resolve().parent.parent.parent
WORDS = [("town", 9), ("hall", 6), ("Maria", 5), ("budget", 3), ("bus", 2), ("train", 1)]


def texts_of(words: list[tuple[str, int]]) -> list[ET.Element]:
    return ET.fromstring(word_cloud(words)).findall(".//{*}text")


def test_every_word_is_drawn_and_a_frequent_one_is_larger() -> None:
    texts = texts_of(WORDS)
    assert [text.text for text in texts] == [word for word, _ in WORDS]
    sizes_px = [int(text.attrib["font-size"]) for text in texts]
    assert sizes_px == sorted(sizes_px, reverse=True)
    assert sizes_px[0] > sizes_px[-1]


def test_words_lie_in_the_drawing_and_apart() -> None:
    boxes = []
    for text in texts_of(WORDS):
        left, baseline = float(text.attrib["x"]), float(text.attrib["y"])
        width, size = float(text.attrib["textLength"]), float(text.attrib["font-size"])
        # The height of a letter without its parts above and below, so that boxes are not too large.
        boxes.append((left, baseline - size / 2, left + width, baseline))
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= WIDTH_PX
        assert bottom <= HEIGHT_PX
    for at, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            is_beside = right <= other[0] or other[2] <= left
            assert is_beside or bottom <= other[1] or other[3] <= top


def test_same_words_give_the_same_cloud() -> None:
    assert word_cloud(WORDS) == word_cloud(WORDS)


def test_words_of_any_script_are_drawn() -> None:
    words = [("القاعة", 4), ("予算", 3), ("नमस्ते", 2), ("town", 1)]
    assert {text.text for text in texts_of(words)} == {word for word, _ in words}


def test_markup_in_a_word_stays_text() -> None:
    assert texts_of([("<b>&\"'", 2), ("a", 1)])[0].text == "<b>&\"'"


def test_cloud_leaves_nothing_in_the_home(tmp_path: Path) -> None:
    # In a new process, since matplotlib makes its folders when it is loaded.
    code = "from report.chat_cloud import word_cloud; word_cloud([('a', 2), ('b', 1)])"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment = kept | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=120)
    assert not list(tmp_path.iterdir())
