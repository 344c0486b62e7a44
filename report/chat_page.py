"""The page about a saved chat. Main thread.

Summary, word cloud and mood need packages of the extra `report`; without one, a sentence stands in
the place of the part.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from report.chat_cloud import MIN_WORDS, word_cloud
from report.chat_counts import Count, count_chat, total
from report.chat_language import LANGUAGES, find_language
from report.chat_mood import Mood, draw_moods, find_moods
from report.chat_sample import Sample, take_sample
from report.chat_summary import MIN_MESSAGES, WITHOUT_SPACES, summarize
from report.chat_transcript import Message, Transcript, parse_chat
from report.chat_view import SCRIPT, STYLE, show_transcript
from report.chat_words import frequent_words
from report.errors import MissingExtra
from report.page import Block, Page, Plot, Section, Table, Text
from report.source import read_lines, shown_path

MAX_CLOUD_WORDS = 60
WORDS_IN_TEXT = 12
"""Of the cloud, for those who cannot see it."""
MIN_DRAWN = 3
"""Messages of which a mood over time is drawn."""
MAX_QUOTED = 200
"""Characters of a message that is quoted in a sentence."""


def make_chat_page(path: Path) -> Page:
    """Return the page about a saved chat.

    Raises:
        UnreadableSource: the file cannot be read, or a newer version wrote it.
    """
    chat = parse_chat(read_lines(path))
    counts = count_chat(chat)
    sample = take_sample(chat.messages)
    return Page(
        title=_title(chat),
        subtitle=_subtitle(chat, path),
        lead=tuple(_lead(chat, counts, sample)),
        sections=tuple(_sections(chat, counts, sample)) if chat.messages else (),
        script=SCRIPT if chat.messages else "",
        style=STYLE,
    )


def _sections(chat: Transcript, counts: tuple[Count, ...], sample: Sample) -> Iterator[Section]:
    yield Section("Who wrote how much", (_table(counts),))
    language, note = _find_language(sample)
    if note:
        yield Section("", (Text(note, is_muted=True),))
    yield _section("Summary", lambda: _summary(chat, sample, language))
    yield _section("Most frequent words", lambda: _cloud(chat, sample, language))
    yield _section("Mood", lambda: _mood(chat, sample, language))
    yield Section("Transcript", (show_transcript(chat),))


def _find_language(sample: Sample) -> tuple[str, str]:
    """Return the language of a chat and "", or "" and why it is not known."""
    try:
        return find_language(message.text for message in sample.messages), ""
    except MissingExtra as error:
        return "", f"{error.sentence}, so the chat is taken for English. {error.next_step}."


def _section(heading: str, blocks: Callable[[], Sequence[Block]]) -> Section:
    """Return a section, or one that says which package it needs."""
    try:
        return Section(heading, tuple(blocks()))
    except MissingExtra as error:
        sentence = f"{error.sentence}, so this part is missing. {error.next_step}."
        return Section(heading, (Text(sentence, is_muted=True),))


# --- in words -----------------------------------------------------------------------------------


def _title(chat: Transcript) -> str:
    return f"Your chat with {chat.peer}" if chat.peer else "Your chat"


def _subtitle(chat: Transcript, path: Path) -> str:
    began = f"{chat.began:%d %B %Y, %H:%M} · " if chat.began else ""
    return f"{began}{shown_path(Path(path.name))}"


def _lead(chat: Transcript, counts: tuple[Count, ...], sample: Sample) -> list[str]:
    if not chat.messages:
        lead = ["This chat has no messages: nobody wrote anything before it was saved."]
    else:
        everything = total(counts, "")
        lead = [
            f"{_counted(everything.messages, 'message')} with"
            f" {_counted(everything.words, 'word')}{_span(chat)}."
        ]
    if chat.damaged_count:
        are = "line is" if chat.damaged_count == 1 else "lines are"
        lead.append(
            f"{chat.damaged_count:,} {are} missing here, since the file is cut or damaged there."
            " If you saved the chat elsewhere too, make the report from that file."
        )
    if any("\ufffd" in message.text for message in chat.messages):
        lead.append(
            "The file is not all UTF-8: letters that could not be read are shown as \ufffd. Save"
            " it as UTF-8, then make the report again."
        )
    if sample.step > 1:
        lead.append(
            "The chat is long, so summary, words and mood are those of one message in"
            f" {sample.step:,}; the transcript and the counts have all."
        )
    return lead


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _span(chat: Transcript) -> str:
    times = [message.at for message in chat.messages if message.at is not None]
    if len(times) < 2:
        return ""
    first, last = min(times), max(times)
    minutes = round((last - first).total_seconds() / 60)
    if minutes < 1:
        return ", all within a minute"
    hours, rest = divmod(minutes, 60)
    within = [_counted(hours, "hour")] if hours else []
    within += [_counted(rest, "minute")] if rest else []
    return f", within {' and '.join(within)}"


def _table(counts: tuple[Count, ...]) -> Table:
    rows = counts if len(counts) == 1 else (*counts, total(counts, "All"))
    return Table(
        ("", "Messages", "Lines", "Words", "Characters"),
        tuple(
            (row.name, *(f"{n:,}" for n in (row.messages, row.lines, row.words, row.characters)))
            for row in rows
        ),
        is_numeric=True,
    )


# --- the parts that need packages ---------------------------------------------------------------


def _parts_of_names(chat: Transcript) -> set[str]:
    names = {chat.you, chat.peer, *(message.name for message in chat.messages)}
    return {part for name in names for part in name.split()}


def _cloud(chat: Transcript, sample: Sample, language: str) -> Sequence[Block]:
    words = frequent_words(
        (message.text for message in sample.messages),
        language,
        most=MAX_CLOUD_WORDS,
        left_out=_parts_of_names(chat),
    )
    if len(words) < MIN_WORDS:
        return (Text("There are too few words to compare."),)
    listed = ", ".join(f"{word} ({count:,})" for word, count in words[:WORDS_IN_TEXT])
    return (
        Plot(word_cloud(words), "The larger, the more often", f"Most frequent words: {listed}"),
        Text(f"Most frequent: {listed}."),
    )


def _summary(chat: Transcript, sample: Sample, language: str) -> Sequence[Block]:
    if len(sample.messages) < MIN_MESSAGES:
        return (Text("The chat is so short that it is its own summary."),)
    if language in WITHOUT_SPACES:
        return (
            Text(
                "There is no summary of a chat in"
                f" {LANGUAGES[language]}: YAKE, which makes it, needs spaces between words.",
                is_muted=True,
            ),
        )
    summary = summarize(sample.messages, language, _parts_of_names(chat))
    if not summary.phrases:
        return (Text("The messages have no subject in common."),)
    blocks: list[Block] = [Text(f"Mostly about: {', '.join(summary.phrases)}.")]
    if summary.messages:
        rows = tuple((_time(each), each.writer, _shortened(each)) for each in summary.messages)
        blocks.append(Table(("When", "Who", "What says most about it"), rows))
    return blocks


def _mood(chat: Transcript, sample: Sample, language: str) -> Sequence[Block]:
    if language not in ("", "en"):
        return (
            Text(
                "The mood can be found in English only, and this chat is in"
                f" {LANGUAGES[language]}.",
                is_muted=True,
            ),
        )
    moods = find_moods(sample.messages)
    positive = [mood for mood in moods if mood.is_positive]
    negative = [mood for mood in moods if mood.is_negative]
    neutral_count = len(moods) - len(positive) - len(negative)
    sentences = [
        f"{_counted(len(positive), 'message')} of {len(moods):,} sound positive,"
        f" {len(negative):,} negative and {neutral_count:,} neither."
    ]
    if positive:
        sentences.append(f"The most positive: {_quote(max(positive, key=lambda m: m.value))}")
    if negative:
        sentences.append(f"The most negative: {_quote(min(negative, key=lambda m: m.value))}")
    blocks: list[Block] = [Text(sentence) for sentence in sentences]
    if len(moods) >= MIN_DRAWN:
        writers = chat.writers()
        blocks.insert(0, Plot(draw_moods(moods, writers), _caption(writers), sentences[0]))
    blocks.append(
        Text(
            "VADER finds this from English words and emoji alone: it knows no other language, and"
            " no irony.",
            is_muted=True,
        )
    )
    return blocks


def _caption(writers: Sequence[str]) -> str:
    lines = ("solid", "dashed", "dotted")
    return "; ".join(f"{writer}: {line} line" for writer, line in zip(writers, lines, strict=False))


def _quote(mood: Mood) -> str:
    message = mood.message
    at = f" at {_time(message)}" if message.at else ""
    return f"\u2068{message.name}\u2069{at}: “\u2068{_shortened(message)}\u2069”"


def _time(message: Message) -> str:
    return f"{message.at:%H:%M}" if message.at else ""


def _shortened(message: Message) -> str:
    text = " ".join(message.text.split())
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED].rstrip()}…"
