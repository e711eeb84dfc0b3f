"""Find texts on a page that are in another language than the page declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Page

from browser.demo import ROOT

# Every visible or announced text with its declared language, without long user input.
_TEXTS = """
() => {
  const found = [];
  const declared = one => {
    const holder = one.closest('[lang]');
    return holder && holder !== document.documentElement ? holder.lang : '';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest('script, style, code, pre, .prose, .mono, textarea, select[name=time_zone]')) continue;
    if (node.data.trim()) found.push([node.data, declared(parent)]);
  }
  for (const one of document.body.querySelectorAll('[aria-label], [title], [alt], [placeholder]'))
    for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
      if (one.getAttribute(name)) found.push([one.getAttribute(name), declared(one)]);
  found.push([document.title, '']);
  return found;
}
"""
_HANGUL = re.compile(r"[가-힣]")
_GAP = re.compile(r"%\(([a-z_]+)\)[sd]|%[sd]|\{([a-z_]*)\}")
# Both forms of a particle, in an escaped translation.
_PARTICLE = re.compile(r"\\\{([가-힣]+)/([가-힣]*)\\\}")
# Placeholders of numbers, by their usual names; others may contain user input.
_NUMBERS = {
    "count",
    "days",
    "late",
    "left",
    "minutes",
    "missing",
    "most",
    "n",
    "number",
    "points",
    "uses",
    "week",
}
# A text with fewer literal characters would match almost everything.
_MIN_CHARACTERS = 4
# Two or more English words and nothing else: an untranslated sentence.
_ENGLISH = re.compile(r"[A-Z][a-z]+(?:[ ’'-][a-z]+)+[.!?…]?")
# Intentional English on Korean pages: terms of GitHub's pages, and names.
ALLOWED = {
    "Payload URL",
    "Content type",
    "Pull requests",
    "Pull request reviews",
    "Check suites",
    "Check runs",
}


@dataclass(frozen=True)
class Phrase:
    """A text in both languages, as patterns whose placeholders match anything."""

    english: re.Pattern[str]
    korean: re.Pattern[str]
    english_text: str
    korean_text: str


@cache
def phrases() -> list[Phrase]:
    """Return all texts of the catalogues that differ between the languages."""
    found = []
    for file in sorted((ROOT / "services").glob("*/*/**/locale/ko/LC_MESSAGES/django.po")):
        with file.open("rb") as stream:
            catalog = read_po(stream, locale="ko")
        for message in catalog:
            ids = message.id if isinstance(message.id, tuple | list) else [message.id]
            strings = message.string if isinstance(message.string, tuple | list) else [message.string]
            for english in filter(None, ids):
                korean = strings[0]
                if korean and _HANGUL.search(korean) and _is_distinctive(english) and _is_distinctive(korean):
                    found.append(Phrase(_pattern(english), _pattern(korean), english, korean))
    return found


def _is_distinctive(text: str) -> bool:
    own = sum(sign.isalpha() for sign in _GAP.sub("", text))
    return own >= _MIN_CHARACTERS or (own > 0 and not _has_open_gap(text))


def _has_open_gap(text: str) -> bool:
    return any((gap[1] or gap[2] or gap[0]) not in {*_NUMBERS, "%d"} for gap in _GAP.finditer(text))


def _pattern(text: str) -> re.Pattern[str]:
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    pattern, end = "", 0
    for gap in _GAP.finditer(plain):
        pattern += re.escape(plain[end : gap.start()].replace("%%", "%"))
        pattern += ".{1,80}?" if _has_open_gap(gap[0]) else r"\d[\d,.]*"
        end = gap.end()
    pattern += re.escape(plain[end:].replace("%%", "%"))
    return re.compile(_PARTICLE.sub(r"(?:\1|\2)", pattern))


def wrong_texts(page: Page, language: str) -> Iterator[str]:
    """Yield the texts on the page that are in the other language."""
    found: list[list[Any]] = page.evaluate(_TEXTS)
    if page.locator("html").get_attribute("lang") != language:
        yield f"the page does not say that it is in {language}"
    texts = {" ".join(text.split()) for text, declared in found if declared in {"", language}}
    for text in sorted(texts):
        if language == "en" and _HANGUL.search(text):
            if phrase := next((phrase for phrase in phrases() if phrase.korean.fullmatch(text)), None):
                yield f"Korean on an English page: {text!r} (“{phrase.english_text}”)"
        elif language == "ko" and not _HANGUL.search(text) and text not in ALLOWED:
            if phrase := next((phrase for phrase in phrases() if phrase.english.fullmatch(text)), None):
                yield f"English on a Korean page: {text!r} ({phrase.korean_text})"
            elif _ENGLISH.fullmatch(text):
                yield f"English on a Korean page, in no catalogue: {text!r}"
