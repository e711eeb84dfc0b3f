"""Find coined words in names, comments, docstrings, templates, stylesheets and documentation.

words.toml lists the words and what to write instead. A finding is a word in a file, however often it occurs.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from project import ROOT, tracked

TABLE = Path(__file__).with_suffix(".toml")
DOCUMENTS = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/*.md", "deploy/*/README.md*",
)  # fmt: skip
# The table itself, and what is copied into the chart.
EXCLUDED = ("tools/words", "tools/tests/test_words", "deploy/helm/seodang/files/")
# A term that contains a coined word.
TERMS = re.compile(r"(?i)dead[ _]?letters?")
LIMIT = re.compile(r"_?(MOST|LONGEST|LARGEST|FEWEST|LEAST)(_|$)")
VARIABLES = {"one", "those"}
WORD = re.compile(r"[A-Za-z]+")
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
CSS_CLASS = re.compile(r'\.([a-z][\w-]*)|class="([^"]*)"')

CONFIG = tomllib.loads(TABLE.read_text(encoding="utf-8"))
ALLOWED: dict[str, list[str]] = CONFIG["allowed"]
MAX_ALLOWED = 80
BUDGET: dict[str, int] = CONFIG["budget"]


class Finding(NamedTuple):
    """A coined word in a file."""

    path: str
    word: str
    hint: str

    @property
    def folder(self) -> str:
        """The folder whose budget counts the finding, or an empty string."""
        return next((folder for folder in BUDGET if self.path.startswith(folder)), "")


Found = Iterator[tuple[str, str]]


class Words:
    """The table of coined words. Each method yields (word, hint)."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._exact, self._modules, self._css = table["names"], table["modules"], table["css"]
        metaphors = _with_plurals(table["metaphors"])
        self._in_test_names = metaphors
        self._in_names = metaphors | table["verbs"] | _with_plurals(table["parts"])
        self._in_prose = metaphors | table["verbs"] | _with_plurals(table["prose"])

    def in_name(self, name: str) -> Found:
        """Search a Python name: as a whole, then by its parts. A test's name is a sentence."""
        if LIMIT.match(name):
            yield name, "MAX_… or MIN_…"
        elif name in VARIABLES:
            yield name, "the noun of what it holds"
        elif name in self._exact:
            yield name, self._exact[name]
        else:
            words = self._in_test_names if name.startswith("test_") else self._in_names
            for part in map(str.lower, PARTS.findall(TERMS.sub("", name))):
                if part in words:
                    yield part, words[part]

    def in_path(self, path: Path) -> Found:
        """Search the path of a Python file."""
        is_ours = path.parts[:2] != ("services", "e2e")
        for part in (*path.parts[:-1], path.stem):
            if is_ours and part in self._modules:
                yield part, self._modules[part]
            else:
                yield from self.in_name(part)

    def in_text(self, text: str) -> Found:
        """Search prose."""
        for word in map(str.lower, WORD.findall(TERMS.sub("", text))):
            if word in self._in_prose:
                yield word, self._in_prose[word]

    def in_css(self, text: str) -> Found:
        """Search the class names in a stylesheet or a page."""
        for selector, attribute in CSS_CLASS.findall(text):
            for name in (selector, *attribute.split()):
                if name in self._css:
                    yield f".{name}", self._css[name]


def _with_plurals(words: dict[str, str]) -> dict[str, str]:
    return {f"{word}s": hint for word, hint in words.items()} | words


def names(source: str) -> Iterator[str]:
    """Yield each name that Python code defines: class, function, parameter, variable, attribute or alias."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.alias(asname=str(name)):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def prose(source: str) -> Iterator[str]:
    """Yield each comment and docstring of Python code."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def search(path: Path, text: str, words: Words) -> Found:
    """Yield each coined word in a file, as often as it occurs. `path` is relative to the root."""
    if path.suffix == ".py":
        yield from words.in_path(path)
        for name in names(text):
            yield from words.in_name(name)
        for part in prose(text):
            yield from words.in_text(part)
        return
    if path.suffix in {".html", ".css"}:
        yield from words.in_css(text)
    if path.suffix != ".css":
        yield from words.in_text(text)


def files() -> Iterator[Path]:
    """Yield the files to search."""
    for path in tracked("*.py", "*/templates/*.html", "*/templates/*.txt", "*.css", *DOCUMENTS):
        if "migrations" not in path.parts and not str(path.relative_to(ROOT)).startswith(EXCLUDED):
            yield path


def find(paths: Iterable[Path], words: Words) -> list[Finding]:
    """Return the findings that are not allowed, ordered by path and word."""
    relative = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}
    found = {
        Finding(path, word, hint)
        for path, text in relative.items()
        for word, hint in search(Path(path), text, words)
        if word not in ALLOWED.get(path, ())
    }
    return sorted(found)


def problems(found: list[Finding]) -> Iterator[str]:
    """Yield the findings of each folder that is over its budget, and an allow-list that is too long."""
    count = Counter(finding.folder for finding in found)
    excess = {folder for folder in count if count[folder] > BUDGET.get(folder, 0)}
    for path, word, hint in (finding for finding in found if finding.folder in excess):
        yield f"{path}: {word} → {hint or 'say it literally'}"
    for folder in excess - {""}:
        yield f"{folder}: {count[folder]} coined words, {BUDGET[folder]} at most"
    if (allowed := sum(map(len, ALLOWED.values()))) > MAX_ALLOWED:
        yield f"{allowed} words are allowed, {MAX_ALLOWED} at most"


if __name__ == "__main__":
    wrong = list(problems(find(files(), Words(CONFIG))))
    print("\n".join(wrong))
    sys.exit(bool(wrong))
