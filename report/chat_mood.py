"""The mood of a chat over time, as VADER finds it from English words and emoji. Main thread."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from report.chat_extras import extra_packages
from report.chat_transcript import Message
from report.page import escape

MAX_CHARACTERS = 400
"""Of a message; its time grows with the square of the length, and its mood does not."""
MAX_EMOJI = 20
"""Of a message. VADER puts each into words: 1,000 took 0.8 s, and 8,000 took 54 s."""
NOTICEABLE = 0.05
"""A message above it is positive, one below its negative is negative: VADER's own advice."""

_EMOJI = ("So", "Sk")
"""Unicode's categories of most emoji, and of their colours of skin."""


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood of one message: -1 is the worst, 1 the best."""

    message: Message
    value: float

    @property
    def is_positive(self) -> bool:
        """True if it sounds friendly or happy."""
        return self.value >= NOTICEABLE

    @property
    def is_negative(self) -> bool:
        """True if it sounds angry or sad."""
        return self.value <= -NOTICEABLE


def find_moods(messages: Sequence[Message]) -> list[Mood]:
    """Return the mood of each message.

    Raises:
        MissingExtra: a package is missing.
    """
    with extra_packages():
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    analyzer = SentimentIntensityAnalyzer()
    return [
        Mood(message, analyzer.polarity_scores(_shortened(message.text))["compound"])
        for message in messages
    ]


def _shortened(text: str) -> str:
    kept = []
    emoji_count = 0
    for letter in text[:MAX_CHARACTERS]:
        if unicodedata.category(letter) in _EMOJI:
            emoji_count += 1
            if emoji_count > MAX_EMOJI:
                continue
        kept.append(letter)
    return "".join(kept)


# --- the drawing --------------------------------------------------------------------------------

WIDTH_PX = 800
HEIGHT_PX = 240
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 70, 12, 12, 34
MAX_POINTS = 60
"""Of a line; each is the mean of equally many messages."""
SMOOTHED_POINTS = 5
"""Each is averaged with its neighbours, so that the line shows a trend."""
MAX_DOTS = 400
"""With more messages, only the lines are drawn."""
MAX_LINES = 3
"""People with a line; a call has two."""


def draw_moods(moods: Sequence[Mood], writers: Sequence[str]) -> str:
    """Return a plot of the moods: a line for each person, and a dot for each message.

    Args:
        moods: at least one, in order.
        writers: those who get a line, in the order of the colours.
    """
    places = _places(moods)
    parts = [_axes(moods)]
    for number, writer in enumerate(writers[:MAX_LINES], 1):
        own = [
            (x, _y(mood.value))
            for x, mood in zip(places, moods, strict=True)
            if mood.message.writer == writer
        ]
        if len(moods) <= MAX_DOTS:
            parts += [
                f'<circle class="area-{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in own
            ]
        line = _means(own)
        if len(line) > 1:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
            parts.append(f'<polyline class="line-{number}" points="{points}"/>')
    return (
        f'<svg viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}</svg>"
    )


def _times(moods: Sequence[Mood]) -> list[datetime] | None:
    """Return the times of the messages, or None where some are missing, or all are the same."""
    times = [mood.message.at for mood in moods if mood.message.at is not None]
    return times if len(times) == len(moods) and min(times) < max(times) else None


def _places(moods: Sequence[Mood]) -> list[float]:
    """Return the place of each message on the horizontal axis: by time, or else by number."""
    times = _times(moods)
    if times is None:
        shares = [n / max(1, len(moods) - 1) for n in range(len(moods))]
    else:
        first, span = min(times), max(times) - min(times)
        shares = [(at - first) / span for at in times]
    return [LEFT_PX + share * (WIDTH_PX - LEFT_PX - RIGHT_PX) for share in shares]


def _y(value: float) -> float:
    middle = (TOP_PX + HEIGHT_PX - BOTTOM_PX) / 2
    return middle - value * (middle - TOP_PX)


def _means(own: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points of a line."""
    size = -(-len(own) // MAX_POINTS)
    groups = [own[at : at + size] for at in range(0, len(own), size or 1)]
    xs = [fmean(x for x, _ in group) for group in groups]
    ys = [fmean(y for _, y in group) for group in groups]
    reach = SMOOTHED_POINTS // 2
    return sorted((x, fmean(ys[max(0, at - reach) : at + reach + 1])) for at, x in enumerate(xs))


def _axes(moods: Sequence[Mood]) -> str:
    right = WIDTH_PX - RIGHT_PX
    parts = []
    for value, word in ((1, "positive"), (0, "neutral"), (-1, "negative")):
        y = _y(value)
        parts.append(f'<line class="axis" x1="{LEFT_PX}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="label" x="{LEFT_PX - 8}" y="{y + 4:.1f}" text-anchor="end">{word}</text>'
        )
    times = _times(moods)
    if times is None:
        left_word, right_word = "first message", "last message"
    else:
        first, last = min(times), max(times)
        form = "%H:%M" if first.date() == last.date() else "%d %b %H:%M"
        left_word, right_word = f"{first:{form}}", f"{last:{form}}"
    bottom = HEIGHT_PX - 10
    for x, anchor, word in ((LEFT_PX, "start", left_word), (right, "end", right_word)):
        parts.append(
            f'<text class="label" x="{x}" y="{bottom}" text-anchor="{anchor}">{escape(word)}</text>'
        )
    return "".join(parts)
