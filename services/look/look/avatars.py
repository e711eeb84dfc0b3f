"""Avatars: the initials of a name, and one of eight hues."""

from __future__ import annotations

import re
from uuid import UUID

HUES = 8
_HANGUL = re.compile("[\uac00-\ud7a3]")


def initials(name: str) -> str:
    """Return the last two syllables of a Korean name, else the initials of the first and the last word.

    A note in brackets is no part of the name. "" if there are none.
    """
    bare = name.partition("(")[0]
    if syllables := _HANGUL.findall(bare):
        return "".join(syllables[-2:])
    words = re.findall(r"[^\W\d_]+", bare)
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


def hue(account_id: UUID | str) -> int:
    """Return the hue of an account, from 0 to 7: the same on every page."""
    return UUID(str(account_id)).int % HUES
