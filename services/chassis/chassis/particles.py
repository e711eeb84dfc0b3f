"""Choose the Korean particle after a name that is only known when a message is rendered.

A translation writes both forms after the placeholder: `%(name)s{을/를} 삭제할까요?`. The marker is read
from the catalogue before a value is filled in, so no value can contain one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import trans_real
from django.utils.translation.reloader import translation_file_changed

MARKER = re.compile(
    r"(?P<value>%\((?P<name>\w+)\)[sd](?:</\w+>|[’”」』\"')\]])*)\{(?P<forms>[^{}/]+/[^{}/]*)\}"
)
# Digits as they are read: 영 일 이 삼 사 오 육 칠 팔 구; and the letters 엘 엠 엔 알. Others end in a vowel.
FINAL_SOUNDS = {**dict.fromkeys("178LRlr", "ㄹ"), **dict.fromkeys("036MNmn", "ㄴ")}
FIRST_SYLLABLE, LAST_SYLLABLE, FINALS, FINAL_RIEUL = 0xAC00, 0xD7A3, 28, 8


def final_sound(text: str) -> str:
    """Return the final consonant of the last syllable of a name: "ㄹ", "ㄴ" for any other, "" for none."""
    last = next((sign for sign in reversed(text) if sign.isalnum()), "")
    if last and FIRST_SYLLABLE <= ord(last) <= LAST_SYLLABLE:
        final = (ord(last) - FIRST_SYLLABLE) % FINALS
        return "ㄹ" if final == FINAL_RIEUL else "ㄴ" if final else ""
    return FINAL_SOUNDS.get(last, "")


def particle(text: str, forms: str) -> str:
    """Return the form that follows a name: of "을/를", "을" after a final consonant, else "를".

    A form of "으로/로" is "로" after ㄹ too.
    """
    closed, opened = forms.split("/")
    sound = final_sound(html.unescape(text))
    return closed if sound and not (sound == "ㄹ" and closed.startswith("으로")) else opened


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
