"""The word cloud of a chat, as a drawing. Main thread; a large cloud takes a second.

wordcloud finds a place for each word; we draw the words as text of an SVG instead of its picture.
So they follow the page's colours, can be searched, and the browser has the letters of each script
and joins them. `textLength` holds a word to the width that was measured, whichever font draws it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from media.video.fonts import FONTS, FontFile
from report.chat_extras import import_wordcloud
from report.page import escape

WIDTH_PX = 800
HEIGHT_PX = 360
MIN_FONT_PX = 13
MAX_FONT_PX = 72
MARGIN_PX = 6
MAX_WORDS = 60
MIN_WORDS = 3
COLOURS = 3
"""Classes `word-1` to `word-3` of the page's style."""


def word_cloud(words: Sequence[tuple[str, int]]) -> str:
    """Return the drawing; the same words give the same one.

    Args:
        words: with their counts, the most frequent first; at least one.
    Raises:
        MissingExtra: a package is missing.
    """
    words = words[:MAX_WORDS]
    cloud_class = import_wordcloud().WordCloud
    with TemporaryDirectory(prefix="visavis-") as folder:
        font = Path(folder, "font")
        font.write_bytes(_font_of(words).read())
        texts = _place(words, font, cloud_class)
    return (
        f'<svg viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(texts)}</svg>"
    )


def _font_of(words: Sequence[tuple[str, int]]) -> FontFile:
    """Return the font for most of the letters; words in others are measured only roughly."""
    letters: Counter[FontFile] = Counter()
    for word, count in words:
        for letter in word:
            font = next((font for font in FONTS if font.is_for(ord(letter))), FONTS[0])
            letters[font] += count
    return letters.most_common(1)[0][0]


def _place(
    words: Sequence[tuple[str, int]], font: Path, cloud_class: Callable[..., Any]
) -> list[str]:
    from PIL.ImageFont import truetype

    cloud = cloud_class(
        font_path=str(font),
        width=WIDTH_PX,
        height=HEIGHT_PX,
        margin=MARGIN_PX,
        min_font_size=MIN_FONT_PX,
        max_font_size=MAX_FONT_PX,
        max_words=MAX_WORDS,
        prefer_horizontal=1,
        relative_scaling=0.5,
        random_state=1,
        color_func=lambda *_, **__: "",
    ).generate_from_frequencies(dict(words))
    counts = dict(words)
    texts = []
    for rank, ((word, _), size_px, (top, left), _, _) in enumerate(cloud.layout_):
        measured = truetype(str(font), size_px)
        ink_left, ink_top, _, _ = measured.getbbox(word, anchor="ls")
        width = measured.getlength(word)
        shown = escape(word)
        texts.append(
            f'<text class="word-{rank % COLOURS + 1}" x="{left - ink_left:.0f}"'
            f' y="{top - ink_top:.0f}" font-size="{size_px}" textLength="{width:.0f}"'
            f' lengthAdjust="spacingAndGlyphs">{shown}<title>{shown}: {counts[word]}</title></text>'
        )
    return texts
