"""Claims about report/chat_mood.py: what is friendly, and how it is drawn."""

import xml.etree.ElementTree as ET

import pytest

from report.chat_mood import HEIGHT_PX, MAX_DOTS, WIDTH_PX, Mood, draw_moods, find_moods
from tests.support.saved_chats import message

WRITERS = ("Ann (you)", "Bee")


@pytest.mark.parametrize(
    ("text", "is_positive", "is_negative"),
    [
        ("I love the town hall, it is wonderful!", True, False),
        ("That was awful, I am so angry", False, True),
        ("The train arrives at noon", False, False),
        ("😀", True, False),
        ("", False, False),
    ],
)
def test_mood_follows_the_words(text: str, is_positive: bool, is_negative: bool) -> None:
    (mood,) = find_moods([message(text)])
    assert (mood.is_positive, mood.is_negative) == (is_positive, is_negative)


def test_message_full_of_emoji_is_judged_by_its_first_ones() -> None:
    # VADER alone would take minutes for it.
    long, short = find_moods([message("😀" * 300 + "😡" * 3_000), message("😀" * 20)])
    assert long.value == short.value


def draw(moods: list[Mood]) -> ET.Element:
    drawing = ET.fromstring(draw_moods(moods, WRITERS))
    for circle in drawing.findall(".//{*}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= WIDTH_PX
        assert 0 <= float(circle.attrib["cy"]) <= HEIGHT_PX
    return drawing


def test_each_message_is_a_dot_and_each_person_has_a_line() -> None:
    moods = [Mood(message("a", is_own=n % 2 == 0, second=n), n / 10) for n in range(10)]
    drawing = draw(moods)
    assert len(drawing.findall(".//{*}circle")) == 10
    assert [line.attrib["class"] for line in drawing.findall(".//{*}polyline")] == [
        "line-1",
        "line-2",
    ]


def test_better_mood_is_higher() -> None:
    drawing = draw([Mood(message("a", second=0), 1.0), Mood(message("b", second=9), -1.0)])
    best, worst = drawing.findall(".//{*}circle")
    assert float(best.attrib["cy"]) < float(worst.attrib["cy"])
    assert float(best.attrib["cx"]) < float(worst.attrib["cx"])


def test_long_chat_has_lines_of_few_points_and_no_dots() -> None:
    moods = [Mood(message("a", second=n), 0.5) for n in range(20 * MAX_DOTS)]
    drawing = draw(moods)
    assert not drawing.findall(".//{*}circle")
    (line,) = drawing.findall(".//{*}polyline")
    assert 20 < len(line.attrib["points"].split()) < 100


def test_messages_without_times_are_drawn_in_their_order() -> None:
    moods = [Mood(message("a", second=5), value) for value in (0.1, 0.2, 0.3)]
    places = [float(circle.attrib["cx"]) for circle in draw(moods).findall(".//{*}circle")]
    assert places == sorted(set(places))


def test_single_message_can_be_drawn() -> None:
    assert len(draw([Mood(message("a"), 0.0)]).findall(".//{*}circle")) == 1
