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
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from project import ROOT, tracked

DOCUMENTS = (":(glob)*.md", "docs/*.md", "deploy/*/README.md*")
# The table itself, and what is copied into the chart.
EXCLUDED = ("tools/words", "tools/tests/test_words", "deploy/helm/seodang/files/")
# Terms and folders that contain a coined word.
TERMS = re.compile(r"(?i)dead[ _]?letters?|docs[-_/]pictures|\bpictures/")
LIMIT = re.compile(r"_?(MOST|LONGEST|LARGEST|FEWEST|LEAST)(_|$)")
VARIABLES = {"one", "those"}
WORD = re.compile(r"[A-Za-z]+")
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
CSS_CLASS = re.compile(r'\.([a-z][\w-]*)|class="([^"]*)"')
MAX_ALLOWED = 80


def with_plurals(words: dict[str, str]) -> dict[str, str]:
    """Return the words and their plurals, each with its hint."""
    return {f"{word}s": hint for word, hint in words.items()} | words


TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
ALLOWED: dict[str, list[str]] = TABLE["allowed"]
IN_TEST_NAMES = with_plurals(TABLE["metaphors"])
IN_NAMES = IN_TEST_NAMES | TABLE["verbs"] | with_plurals(TABLE["parts"])
IN_PROSE = IN_TEST_NAMES | TABLE["verbs"] | with_plurals(TABLE["prose"])


class Finding(NamedTuple):
    """A coined word in a file, and what to write instead."""

    path: str
    word: str
    hint: str


def in_name(name: str) -> Iterator[tuple[str, str]]:
    """Yield the coined words of a Python name: the whole, or its parts. A test's name is a sentence."""
    if LIMIT.match(name):
        yield name, "MAX_… or MIN_…"
    elif name in VARIABLES:
        yield name, "the noun of what it holds"
    elif name in TABLE["names"]:
        yield name, TABLE["names"][name]
    else:
        words = IN_TEST_NAMES if name.startswith("test_") else IN_NAMES
        parts = map(str.lower, PARTS.findall(TERMS.sub("", name)))
        yield from ((part, words[part]) for part in parts if part in words)


def in_text(text: str) -> Iterator[tuple[str, str]]:
    """Yield the coined words of prose."""
    words = map(str.lower, WORD.findall(TERMS.sub("", text)))
    yield from ((word, IN_PROSE[word]) for word in words if word in IN_PROSE)


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


def search(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """Yield each coined word in a file, as often as it occurs. `path` is relative to the root."""
    if path.suffix == ".py":
        modules = {} if path.parts[:2] == ("services", "e2e") else TABLE["modules"]
        for name in (*path.parts[:-1], path.stem):
            yield from [(name, modules[name])] if name in modules else in_name(name)
        for name in names(text):
            yield from in_name(name)
        for part in prose(text):
            yield from in_text(part)
        return
    if path.suffix in {".html", ".css"}:
        classes = " ".join(selector or attribute for selector, attribute in CSS_CLASS.findall(text)).split()
        yield from ((f".{name}", TABLE["css"][name]) for name in classes if name in TABLE["css"])
    if path.suffix != ".css":
        yield from in_text(text)


def files() -> Iterator[Path]:
    """Yield the files to search."""
    for path in tracked("*.py", "*/templates/*.html", "*/templates/*.txt", "*.css", *DOCUMENTS):
        if "migrations" not in path.parts and not str(path.relative_to(ROOT)).startswith(EXCLUDED):
            yield path


def find() -> list[Finding]:
    """Return the findings that are not allowed, ordered by path and word."""
    found = set()
    for path in files():
        place = path.relative_to(ROOT)
        for word, hint in search(place, path.read_text(encoding="utf-8")):
            if word not in ALLOWED.get(str(place), ()):
                found.add(Finding(str(place), word, hint))
    return sorted(found)


def problems(found: list[Finding]) -> Iterator[str]:
    """Yield each finding with its hint, and an allow-list that is too long."""
    for finding in found:
        yield f"{finding.path}: {finding.word} → {finding.hint or 'say it literally'}"
    if (allowed := sum(map(len, ALLOWED.values()))) > MAX_ALLOWED:
        yield f"{allowed} words are allowed, {MAX_ALLOWED} at most"


if __name__ == "__main__":
    wrong = list(problems(find()))
    print("\n".join(wrong))
    sys.exit(bool(wrong))
