"""Changed files and their patches: packing for the database, parsing into lines, and highlighting."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from pygments.lexers import get_lexer_for_filename
from pygments.token import Token
from pygments.util import ClassNotFound

# GitHub lists no more files of a comparison.
MAX_FILES = 300
# Characters of a line that are stored and shown; the longest lines are of generated files.
MAX_LINE_LENGTH = 1000
# Characters of a line that a comment on it repeats.
MAX_EXCERPT_LENGTH = 200
# Characters of a file that are highlighted at most: a lexer may need quadratic time.
MAX_HIGHLIGHTED = 100_000
# Bytes of the packed files. MySQL accepts 64 MiB in a statement.
MAX_CONTENT_SIZE = 4 * 1024 * 1024
# How long after an error GitHub is asked again.
RETRY_DELAY = timedelta(minutes=1)
# How long fetched files are kept; they are fetched again when they are opened.
RETENTION = timedelta(days=30)

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@")


class File(msgspec.Struct, frozen=True):
    """A changed file. `patch` has lines of at most MAX_LINE_LENGTH + 1 characters."""

    path: str
    status: str = "modified"
    additions: int = 0
    deletions: int = 0
    previous_path: str = ""
    patch: str = ""

    @property
    def has_lines(self) -> bool:
        return bool(self.patch)

    @property
    def has_only_moved(self) -> bool:
        """Return True if only its name changed."""
        return bool(self.previous_path) and not (self.additions or self.deletions)

    @property
    def is_omitted(self) -> bool:
        """Return True if GitHub leaves out its lines because they are too many."""
        return not self.patch and bool(self.additions or self.deletions)


@dataclass(frozen=True)
class Line:
    """A line of a patch. `side` is "old" for a removed line, else "new"; `number` is of that side."""

    kind: str  # added, removed or context
    old: int | None
    new: int | None
    text: str

    @property
    def side(self) -> str:
        return "old" if self.new is None else "new"

    @property
    def number(self) -> int:
        return self.new or self.old or 0

    def is_on(self, side: str) -> bool:
        """Return whether the file has the line before ("old") or after ("new") the change."""
        return (self.old if side == "old" else self.new) is not None

    @property
    def is_cut(self) -> bool:
        """Return True if the line is longer than what is stored of it."""
        return len(self.text) > MAX_LINE_LENGTH

    @property
    def shown(self) -> str:
        return self.text[:MAX_LINE_LENGTH]


@dataclass(frozen=True)
class Hunk:
    """Lines that follow each other, under GitHub's heading "@@ -1,9 +1,13 @@ …"."""

    heading: str
    lines: list[Line] = field(default_factory=list)


def pack_files(files: Iterable[File]) -> bytes | None:
    """Return the files as compressed JSON, with long lines cut; None if that exceeds MAX_CONTENT_SIZE."""
    packed = zlib.compress(msgspec.json.encode([_cut_lines(file) for file in files]))
    return packed if len(packed) <= MAX_CONTENT_SIZE else None


def unpack_files(content: bytes) -> list[File]:
    """Return the files that `pack_files` has packed."""
    return msgspec.json.decode(zlib.decompress(content), type=list[File])


def _cut_lines(file: File) -> File:
    # One character more than is shown says that there was more; the first one is the sign.
    patch = "\n".join(line[: MAX_LINE_LENGTH + 2] for line in file.patch.split("\n"))
    return msgspec.structs.replace(file, patch=patch)


def parse_patch(patch: str) -> list[Hunk]:
    """Return the hunks of a file's patch; lines before the first heading are left out."""
    hunks: list[Hunk] = []
    old = new = 0
    for text in patch.split("\n"):
        if match := _HUNK.match(text):
            old, new = int(match[1]), int(match[2])
            hunks.append(Hunk(text[:MAX_LINE_LENGTH]))
        elif not hunks or not text:
            # GitHub's patches end without a newline; an empty line of the file begins with a space.
            continue
        elif text[0] == "+":
            hunks[-1].lines.append(Line("added", None, new, text[1:]))
            new += 1
        elif text[0] == "-":
            hunks[-1].lines.append(Line("removed", old, None, text[1:]))
            old += 1
        elif text[0] == " ":
            hunks[-1].lines.append(Line("context", old, new, text[1:]))
            old, new = old + 1, new + 1
    return hunks


def find_line(files: Iterable[File], *, path: str, side: str, number: int) -> Line | None:
    """Return the line of that side and number in the patch of that file, or None."""
    for file in files:
        if file.path == path:
            for hunk in parse_patch(file.patch):
                for line in hunk.lines:
                    if number == (line.old if side == "old" else line.new):
                        return line
    return None


# The kind of a token, by the nearest of its Pygments types; other tokens have none.
_KINDS = {
    Token.Keyword: "keyword",
    Token.Operator.Word: "keyword",
    Token.Name.Tag: "keyword",
    Token.Name.Function: "name",
    Token.Name.Class: "name",
    Token.Name.Decorator: "name",
    Token.Name.Attribute: "name",
    Token.Literal.String: "string",
    Token.Literal.Number: "number",
    Token.Comment: "comment",
}

# The kind ("" for the rest) and the text of a part of a line.
Run = tuple[str, str]


def highlight(path: str, hunk: Hunk) -> list[list[Run]]:
    """Return the runs of each line of a hunk; one run without a kind in a file of an unknown language.

    A hunk is read from its first line on, as if the file began there.
    """
    plain = [[("", line.shown)] for line in hunk.lines]
    if sum(len(line.shown) for line in hunk.lines) > MAX_HIGHLIGHTED:
        return plain
    try:
        lexer = get_lexer_for_filename(path.rpartition("/")[2], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return plain
    runs: dict[str, list[list[Run]]] = {}
    for side in ("old", "new"):
        # A lexer reads a lone carriage return as the end of a line.
        texts = [line.shown.rstrip("\r").replace("\r", " ") for line in hunk.lines if line.is_on(side)]
        runs[side] = _split(lexer.get_tokens("\n".join(texts)))
        if len(runs[side]) != max(len(texts), 1):
            return plain
    highlighted = []
    rest = {side: iter(lines) for side, lines in runs.items()}
    for line in hunk.lines:
        of_sides = {side: next(lines) for side, lines in rest.items() if line.is_on(side)}
        highlighted.append(of_sides[line.side])
    return highlighted


def _split(tokens: Iterable[tuple[Any, str]]) -> list[list[Run]]:
    """Return the runs of each line of a text; neighbours of the same kind are one."""
    lines: list[list[Run]] = [[]]
    for token, text in tokens:
        kind = next((_KINDS[parent] for parent in reversed(token.split()) if parent in _KINDS), "")
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if part and lines[-1] and lines[-1][-1][0] == kind:
                lines[-1][-1] = (kind, lines[-1][-1][1] + part)
            elif part:
                lines[-1].append((kind, part))
    return lines
