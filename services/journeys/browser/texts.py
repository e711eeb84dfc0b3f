"""Whether a page speaks the language it says it does, as far as the catalogues and the eye can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Page

from browser.demo import ROOT

# Every text that is seen or read out, with its declared language; what people write at length is left out.
_TEXTS = """
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest('script, style, code, pre, .prose, .mono, textarea, select[name=time_zone]')) continue;
    if (node.data.trim()) found.push([node.data, parent.closest('[lang]')?.lang || '']);
  }
  for (const one of document.body.querySelectorAll('[aria-label], [title], [alt], [placeholder]'))
    for (const name of ['aria-label', 'title', 'alt', 'placeholder'])
      if (one.getAttribute(name)) found.push([one.getAttribute(name), one.closest('[lang]')?.lang || '']);
  found.push([document.title, document.documentElement.lang]);
  return found;
}
"""
_HANGUL = re.compile(r"[가-힣]")
_GAP = re.compile(r"%\\?\([a-z_]+\\?\)[sd]|%s|%d|\\?\{[a-z_]*\\?\}")
# Two English words or more, and nothing but words: a sentence that nobody translated.
_ENGLISH = re.compile(r"[A-Z][a-z]+(?:[ ’'-][a-z]+)+[.!?…]?")
# English on Korean pages on purpose: what GitHub's own pages say, and what things are called.
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
    """One text of the product in both languages, as patterns whose gaps may hold anything."""

    english: re.Pattern[str]
    korean: re.Pattern[str]
    english_text: str
    korean_text: str


@cache
def phrases() -> list[Phrase]:
    """All that the catalogues hold and that differ."""
    found = []
    for file in sorted((ROOT / "services").glob("*/*/**/locale/ko/LC_MESSAGES/django.po")):
        with file.open("rb") as stream:
            catalog = read_po(stream, locale="ko")
        for message in catalog:
            ids = message.id if isinstance(message.id, tuple | list) else [message.id]
            strings = message.string if isinstance(message.string, tuple | list) else [message.string]
            for english in filter(None, ids):
                korean = strings[0]
                if korean and _HANGUL.search(korean) and len(_GAP.sub("", english).strip()) > 2:
                    found.append(Phrase(_pattern(english), _pattern(korean), english, korean))
    return found


def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))
    return re.compile(_GAP.sub(".{1,80}?", escaped.replace(r"%%", "%")))


def wrong_texts(page: Page, language: str) -> Iterator[str]:
    """The texts on the page that are in the other language."""
    found: list[list[Any]] = page.evaluate(_TEXTS)
    texts = {" ".join(text.split()) for text, declared in found if declared in {"", language}}
    for text in sorted(texts):
        if language == "en" and _HANGUL.search(text):
            if phrase := next((one for one in phrases() if one.korean.fullmatch(text)), None):
                yield f"Korean on an English page: {text!r} (“{phrase.english_text}”)"
        elif language == "ko" and not _HANGUL.search(text) and text not in ALLOWED:
            if phrase := next((one for one in phrases() if one.english.fullmatch(text)), None):
                yield f"English on a Korean page: {text!r} ({phrase.korean_text})"
            elif _ENGLISH.fullmatch(text):
                yield f"English on a Korean page, in no catalogue: {text!r}"
