"""The language of a chat, from its own words. Main thread.

py3langid brings its model along; nothing is downloaded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from report.chat_extras import extra_packages
from report.chat_words import without_links

LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip  # several a line
"""Those that are told apart. With all 97 of the model, short messages were taken for rare ones."""
MIN_CONFIDENCE = 0.6
"""Measured: greetings such as "haha" stay below 0.35, short sentences are above 0.6."""
PART_CHARACTERS = 500
MAX_PARTS = 20
"""The language is that of most parts, evenly over the chat. The model is made for short texts: it
was not sure of 20,000 characters in which words come again and again, as they do in a chat."""


def find_language(texts: Iterable[str]) -> str:
    """Return the code of a language in ISO 639-1, or "" if there is too little to tell.

    Raises:
        MissingExtra: a package is missing.
    """
    with extra_packages():
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    identifier = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=MIN_CONFIDENCE
    )
    identifier.set_languages(LANGUAGES)
    found: Counter[str] = Counter()
    for part in _parts("\n".join(without_links(text) for text in texts)):
        code, _ = identifier.classify(part)
        if code in LANGUAGES:
            found[code] += 1
    return found.most_common(1)[0][0] if found else ""


def _parts(text: str) -> Iterator[str]:
    count = min(MAX_PARTS, -(-len(text) // PART_CHARACTERS))
    for number in range(count):
        start = number * len(text) // count
        yield text[start : start + PART_CHARACTERS]
