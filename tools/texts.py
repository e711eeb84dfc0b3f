"""Find untranslated text: text in a template outside its tags, Hangul in source code."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import DebugLexer, TokenType

# Names are the same in every language; a language is named in itself.
NAMES = {"API", "CSV", "GitHub", "JSON", "Markdown", "OpenAPI", "REST", "SHA", "Seodang", "URL"}
NAMES |= {"한국어", "English"}
SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title"}
SILENT = {"code", "kbd", "samp", "script", "style", "svg"}
WORD = re.compile(r"[^\W\d_]{2,}")
NO_WORD = re.compile(r"&#?\w+;|https?://\S+")
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+")
BLOCKS = {"comment": "endcomment", "blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans"}


def untranslated(text: str, path: Path) -> list[str]:
    """Return the untranslated texts of a file, as sentences with their line."""
    problems = [
        f"{path}:{number}: {word} belongs in locale/ko, not in a source; write English and translate it"
        for number, line in enumerate(text.splitlines(), 1)
        for word in HANGUL.findall(line)
        if word not in NAMES
    ]
    if path.suffix in {".html", ".txt"}:
        page = _Page()
        page.feed(without_tags(text))
        page.close()
        problems += [f"{path}:{number}: “{words}” is not translated" for number, words in page.found]
    return problems


def bare(text: str) -> str:
    """Return the text if it contains a word that is not a name; else an empty string."""
    words = [word for word in WORD.findall(NO_WORD.sub(" ", text)) if word not in NAMES]
    return " ".join(text.split()) if words else ""


def without_tags(text: str) -> str:
    """Return the template without tags, variables, comments and translated text.

    Line numbers are kept.
    """
    kept, inside = [], ""
    for token in DebugLexer(text).tokenize():
        name = token.contents.split()[0] if token.token_type is TokenType.BLOCK and token.contents else ""
        if token.token_type is TokenType.TEXT and not inside:
            kept.append(token.contents)
            continue
        if inside and name == inside:
            inside = ""
        elif not inside and token.token_type is TokenType.BLOCK:
            # {% block page_class %} fills an attribute that nobody reads.
            inside = "endblock" if token.contents.endswith("_class") else BLOCKS.get(name, "")
        start, end = token.position or (0, 0)
        kept.append("\n" * text[start:end].count("\n"))
    return "".join(kept)


class _Page(HTMLParser):
    """Finds words in text, also of plain text, and in attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SILENT or given.get("translate") == "no":
            self._silent.append(tag)
        spoken = SPOKEN | ({"value"} if given.get("type") in {"submit", "button", "reset"} else set())
        for name, value in attrs:
            if name in spoken and value and (words := bare(value)):
                self.found.append((self.getpos()[0], words))

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        line = self.getpos()[0]
        for offset, text in enumerate(data.split("\n")):
            if words := bare(text):
                self.found.append((line + offset, words))
