"""Choose the Korean particle after a name that is only known when a message is rendered.

A translation writes both forms after the placeholder, the one after a final consonant first, as in
`%(name)s{eul/reul}` in Hangul. The marker is read from the catalogue before a value is filled in, so no value
can contain one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from django.utils.translation import trans_real
from django.utils.translation.reloader import translation_file_changed

MARKER = re.compile(
    r"(?P<value>%\((?P<name>\w+)\)[sd](?:</\w+>|[’”」』\"')\]])*)\{(?P<forms>[^{}/]+/[^{}/]*)\}"
)
# Hangul syllables in Unicode: 28 in a row differ only in their final consonant, of which rieul is the eighth.
FIRST_SYLLABLE, LAST_SYLLABLE, FINALS, FINAL_RIEUL = 0xAC00, 0xD7A3, 28, 8
# "(eu)ro", the one particle that takes its second form after rieul too.
EURO = "\uc73c\ub85c"


class Final(Enum):
    """The final consonant of a syllable."""

    NONE = 0
    RIEUL = 1
    OTHER = 2


# As digits and Latin characters are read in Korean: 1 il, 7 chil, 8 pal, L el, R al;
# 0 yeong, 3 sam, 6 yuk, M em, N en.
READ_FINALS = {**dict.fromkeys("178LRlr", Final.RIEUL), **dict.fromkeys("036MNmn", Final.OTHER)}


def final_consonant(text: str) -> Final:
    """Return the final consonant of the last alphanumeric character of a text."""
    last = next((sign for sign in reversed(text) if sign.isalnum()), "")
    if last and FIRST_SYLLABLE <= ord(last) <= LAST_SYLLABLE:
        final = (ord(last) - FIRST_SYLLABLE) % FINALS
        return Final.RIEUL if final == FINAL_RIEUL else Final.OTHER if final else Final.NONE
    return READ_FINALS.get(last, Final.NONE)


def particle(text: str, forms: str) -> str:
    """Return the form that follows a name: of "A/B", A after a final consonant, else B."""
    after_consonant, after_vowel = forms.split("/")
    final = final_consonant(html.unescape(text))
    if final is Final.NONE or (final is Final.RIEUL and after_consonant == EURO):
        return after_vowel
    return after_consonant


class ParticleText(str):
    """A translation with markers: formatting it with values chooses the particles."""

    __slots__ = ()

    def __str__(self) -> str:
        # A plain copy would lose the markers' meaning.
        return self

    def __mod__(self, values: Any) -> str:
        def resolve(match: re.Match[str]) -> str:
            return match["value"] + particle(str(values[match["name"]]), match["forms"])

        chosen = MARKER.sub(resolve, self) if isinstance(values, Mapping) else self
        return str.__mod__(chosen, values)


def _with_particles(text: str) -> str:
    return ParticleText(text) if MARKER.search(text) else text


class Translation(trans_real.DjangoTranslation):
    """A language's catalogue whose messages choose their particles."""

    def gettext(self, message: str) -> str:
        """Translate a message."""
        return _with_particles(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Translate a message with a number."""
        return _with_particles(super().ngettext(msgid1, msgid2, n))


def install() -> None:
    """Make Django load catalogues as `Translation`: it has no setting for it.

    What is loaded already is dropped, as Django's autoreload does when a catalogue has changed.
    """
    trans_real.DjangoTranslation = Translation  # type: ignore[misc]
    translation_file_changed(sender=None, file_path=Path("django.mo"))
