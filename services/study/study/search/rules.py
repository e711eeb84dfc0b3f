"""What a search looks for. Pure."""

from __future__ import annotations

import unicodedata

MAX_TEXT_LENGTH = 100


def clean_text(typed: str) -> str:
    """Return what is looked for: on one line, Hangul composed, in lower case; "" for nothing.

    macOS sends file names, and what is copied from them, with Hangul decomposed.
    """
    text = unicodedata.normalize("NFC", typed.replace("\x00", " "))
    return " ".join(text.split()).lower()[:MAX_TEXT_LENGTH].strip()
