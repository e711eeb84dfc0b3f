"""Find texts that break docs/glossary.csv: msgids, translations and untranslated sentences of the code.

A row of the glossary is a term, what it is in Korean and in English, and a regular expression of what not to
write. `where` says which texts the expression is searched in: `en`, `ko` or `both`.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import messages
from project import ROOT
from texts import HANGUL

GLOSSARY = Path("docs/glossary.csv")
COLUMNS = ["term", "ko", "en", "forbidden pattern", "where"]
# A context of words that an imported sheet may contain: what people write there, not what a page says.
INPUT_CONTEXTS = {"in cells", "in titles of columns", "titles of columns"}


class Rule(NamedTuple):
    """A row of the glossary that forbids something."""

    term: str
    words: dict[str, str]
    pattern: re.Pattern[str]
    languages: tuple[str, ...]


class Text(NamedTuple):
    """A sentence that people read, and where it is."""

    place: str
    language: str
    text: str


@cache
def rules(glossary: Path) -> Sequence[Rule]:
    """Read the glossary. Raise ValueError for a row that is not usable."""
    with glossary.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if header != COLUMNS:
        raise ValueError(f"{GLOSSARY}: the columns are {', '.join(COLUMNS)}")
    found = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(COLUMNS) or row[4] not in {"ko", "en", "both"}:
            raise ValueError(f"{GLOSSARY}:{number}: five columns, the last ko, en or both")
        term, korean, english, pattern, where = row
        if pattern:
            languages = ("ko", "en") if where == "both" else (where,)
            found.append(Rule(term, {"ko": korean, "en": english}, re.compile(pattern), languages))
    return found


def translations(app: Path) -> Iterator[Text]:
    """Yield each msgid of an app's catalogue and its translations."""
    path = messages.catalogue(app)
    place = path.relative_to(ROOT).as_posix()
    for message in messages.read(path):
        if not message.id or message.context in INPUT_CONTEXTS:
            continue
        where = f'{place}: "{messages.first(message)}"'
        ids = [message.id] if isinstance(message.id, str) else message.id
        forms = [message.string] if isinstance(message.string, str) else message.string
        yield from (Text(where, "en", str(text)) for text in dict.fromkeys(ids))
        yield from (Text(where, "ko", str(text)) for text in dict.fromkeys(forms or ()))


def untranslated(path: Path) -> Iterator[Text]:
    """Yield the sentences of a file that are not translated.

    In a template, each line outside its tags; in code, the strings with a space that are no docstrings.
    """
    source, place = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
    if path.suffix != ".py":
        for number, line in enumerate(source.splitlines(), 1):
            if HANGUL.search(line):
                yield Text(f"{place}:{number}", "ko", line.strip())
        return
    translated = {
        text for msgid, _ in messages.msgids(path) for text in ([msgid] if isinstance(msgid, str) else msgid)
    }
    for number, text in _strings(ast.parse(source)):
        if " " in text.strip() and text not in translated:
            yield Text(f"{place}:{number}", "ko" if HANGUL.search(text) else "en", text)


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the strings of code and their lines. An expression that is a string alone is a docstring."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def problems(text: Text, found: Sequence[Rule]) -> Iterator[str]:
    """Yield what is wrong with a text and what to write instead, as sentences."""
    for rule in found:
        if text.language in rule.languages and (match := rule.pattern.search(text.text)):
            instead = rule.words[text.language] or rule.words["ko"]
            yield f"{text.place}: “{match[0].strip()}” in “{text.text}”: write {instead} ({rule.term})"


def contradictions() -> Iterator[str]:
    """Yield the msgids that two services translate differently."""
    first_seen: dict[tuple[str, str | None], tuple[str, object]] = {}
    for app in messages.apps():
        place = messages.catalogue(app).relative_to(ROOT).as_posix()
        for message in messages.read(messages.catalogue(app)):
            key = (messages.first(message), message.context)
            other, korean = first_seen.setdefault(key, (place, message.string))
            if message.id and korean != message.string:
                text = f'"{key[0]}" is “{message.string}”, but “{korean}” in {other}'
                yield f"{place}: {text}; use one, or a context"


def check() -> list[str]:
    """Return every text that breaks the glossary, as sentences."""
    found = rules(ROOT / GLOSSARY)
    texts = [
        text for app in messages.apps() if messages.catalogue(app).exists() for text in translations(app)
    ]
    for name in messages.PACKAGES:
        for path in messages.sources(ROOT / "services" / name / name):
            texts += untranslated(path)
    for path in sorted((ROOT / "deploy/gateway").rglob("*.html")):
        texts += untranslated(path)
    return [*(problem for text in texts for problem in problems(text, found)), *contradictions()]


if __name__ == "__main__":
    wrong = check()
    if wrong:
        print(*wrong, sep="\n")
        print(f"\n{len(wrong)} to fix: the words are in {GLOSSARY}.")
    sys.exit(1 if wrong else 0)
