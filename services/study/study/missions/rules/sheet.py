"""A sheet of missions, CSV from any spreadsheet, read with every fault named by line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chassis.names import name_fault
from study.missions.rules.repositories import BadRepository, repository_name

COLUMNS = ("part", "order", "title", "repository")
MAX_FILE_SIZE = 256 * 1024
MAX_ROWS = 500
LAST_WEEK = 52
# As wide as the columns of the tables.
PART_LENGTH, TITLE_LENGTH, REPOSITORY_LENGTH = 40, 120, 140


class NotText(ValueError):
    """The bytes are no text in any encoding that spreadsheets save."""


@dataclass(frozen=True)
class Fault:
    """What is wrong where. Lines count from 1, as an editor does; `column` is "" for the whole line."""

    line: int
    column: str
    message: str | Promise


@dataclass(frozen=True)
class SheetRow:
    """One mission as the sheet gives it. `part` is "" for everyone; `repository` is lower-case owner/name."""

    line: int
    part: str
    order: int
    title: str
    repository: str


def text_of(raw: bytes) -> str:
    """The text of a file: UTF-8, marked UTF-16, else CP949 as Korean Excel saves it. NotText if none."""
    marked = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for encoding in (marked, "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText


def read_sheet(text: str) -> tuple[list[SheetRow], list[Fault]]:
    """The rows that are right, and everything that is wrong with the others. Both may be there."""
    try:
        lines = list(_records(text.lstrip("\ufeff")))
    except csv.Error:
        return [], [Fault(1, "", _("This is no table: a quotation mark may be open."))]
    if not lines:
        return [], [Fault(1, "", _("The sheet is empty."))]
    (first, header), *records = lines
    names = [cell.strip().casefold() for cell in header]
    if faults := _header_faults(first, names):
        return [], faults
    if not records:
        return [], [Fault(first, "", _("Below the names of the columns there is no row."))]
    if len(records) > MAX_ROWS:
        too_many = _("More than %(max)d rows. Split the sheet.") % {"max": MAX_ROWS}
        return [], [Fault(records[MAX_ROWS][0], "", too_many)]
    return _read(records, names)


def _read(records: list[tuple[int, list[str]]], names: list[str]) -> tuple[list[SheetRow], list[Fault]]:
    rows: list[SheetRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, cells in records:
        if len(cells) != len(names):
            message = _("%(found)d cells, but the first line names %(wanted)d columns.")
            faults.append(Fault(line, "", message % {"found": len(cells), "wanted": len(names)}))
            continue
        found = _row(line, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
        if isinstance(found, list):
            faults += found
        elif earlier := seen.get(found.repository):
            message = _("The same repository as on line %(line)d.")
            faults.append(Fault(line, "repository", message % {"line": earlier}))
        else:
            seen[found.repository] = line
            rows.append(found)
    return rows, faults


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, each with the number of its first line."""
    head = text.lstrip().partition("\n")[0]
    # Spreadsheets write what their country uses.
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _header_faults(line: int, names: list[str]) -> list[Fault]:
    missing = [Fault(line, name, _("This column is missing.")) for name in COLUMNS if name not in names]
    twice = [Fault(line, name, _("This column is there twice.")) for name in COLUMNS if names.count(name) > 1]
    return missing + twice


def _row(line: int, cells: Mapping[str, str]) -> SheetRow | list[Fault]:
    faults = [
        Fault(line, name, message)
        for name, message in (
            ("part", _too_long(cells["part"], PART_LENGTH) or (cells["part"] and name_fault(cells["part"]))),
            ("order", _order_fault(cells["order"])),
            ("title", _title_fault(cells["title"])),
            ("repository", _repository_fault(cells["repository"])),
        )
        if message
    ]
    if faults:
        return faults
    repository = repository_name(cells["repository"])
    return SheetRow(line, cells["part"], int(cells["order"]), cells["title"], repository)


def _too_long(text: str, max_length: int) -> str | Promise:
    return _("Longer than %(max)d characters.") % {"max": max_length} if len(text) > max_length else ""


def _order_fault(text: str) -> str | Promise:
    whole = text.isascii() and text.isdigit() and len(text) <= 4
    if whole and 1 <= int(text) <= LAST_WEEK:
        return ""
    return _("A whole number from 1 to %(last)d is needed, not “%(found)s”.") % {
        "last": LAST_WEEK,
        "found": text[:20],
    }


def _title_fault(text: str) -> str | Promise:
    return (_too_long(text, TITLE_LENGTH) or name_fault(text)) if text else _("The title is missing.")


def _repository_fault(text: str) -> str | Promise:
    try:
        repository_name(text)
    except BadRepository:
        return _("“%(found)s” is no repository on GitHub.") % {"found": text[:80]}
    return ""
