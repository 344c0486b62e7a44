"""The language of a chat, from its own words. Main thread.

py3langid brings its model along; nothing is downloaded.
"""

from collections.abc import Iterable

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
MAX_CHARACTERS = 20_000
"""Enough to be sure; the rest is not looked at."""


def find_language(texts: Iterable[str]) -> str:
    """Return the code of a language in ISO 639-1, or "" if there is too little to tell.

    Raises:
        MissingExtra: a package is missing.
    """
    with extra_packages():
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    kept: list[str] = []
    length = 0
    for text in texts:
        if length >= MAX_CHARACTERS:
            break
        kept.append(without_links(text)[:MAX_CHARACTERS])
        length += len(kept[-1])
    identifier = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=MIN_CONFIDENCE
    )
    identifier.set_languages(LANGUAGES)
    code, _ = identifier.classify("\n".join(kept))
    return code if code in LANGUAGES else ""
