"""A sheet of missions, CSV from any spreadsheet, read with every fault named by line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from study.missions.forms.mission import TITLE_LENGTH
from study.missions.models import CompletedBy
from study.missions.rules.plan import SheetRow, mission_key
from study.missions.rules.repositories import clean_repository

COLUMNS = ("part", "order", "title", "repository")
OPTIONAL_COLUMNS = ("completed_by",)
MAX_ROWS = 500
LAST_WEEK = 52
# As wide as the column of a part's name.
PART_LENGTH = 40


class RowForm(forms.Form):
    """A row of the sheet; its fields are the columns. Without a part, the mission is for everyone."""

    part = forms.CharField(max_length=PART_LENGTH, required=False, validators=[check_name])
    order = forms.CharField(required=False)
    title = forms.CharField(
        max_length=TITLE_LENGTH,
        validators=[check_name],
        error_messages={"required": _("The title is missing.")},
    )
    repository = forms.CharField(required=False)
    completed_by = forms.CharField(required=False)

    def clean_order(self) -> int:
        """Return the order as a number of weeks."""
        order: str = self.cleaned_data["order"]
        if order.isascii() and order.isdigit() and len(order) <= 4 and 1 <= int(order) <= LAST_WEEK:
            return int(order)
        message = _("A whole number from 1 to %(last)d is needed, not “%(found)s”.")
        raise ValidationError(message, params={"last": LAST_WEEK, "found": order[:20]})

    def clean_repository(self) -> str:
        """Owner and name in lower case."""
        return clean_repository(self.cleaned_data["repository"])

    def clean_completed_by(self) -> str:
        """Return the value of CompletedBy; an empty cell is a review."""
        found: str = self.cleaned_data["completed_by"]
        value = found.casefold() or CompletedBy.REVIEW.value
        if value in CompletedBy.values:
            return value
        message = _("One of %(values)s is needed, not “%(found)s”.")
        values = ", ".join(CompletedBy.values)
        raise ValidationError(message, params={"values": values, "found": found[:20]})


@dataclass(frozen=True)
class Fault:
    """What is wrong where. Lines count from 1, as an editor does; `column` is "" for the whole line."""

    line: int
    column: str
    message: str | Promise


def decode_sheet(raw: bytes) -> str:
    """Return the text of a file: UTF-8, marked UTF-16, else CP949 as Korean Excel saves it.

    ValidationError if it is none of these.
    """
    marked = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for encoding in (marked, "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(_("This file is not text. Save the sheet as CSV."))


def read_sheet(text: str) -> tuple[list[SheetRow], list[Fault]]:
    """Return the rows that are right, and everything that is wrong with the others."""
    try:
        lines = list(sheet_records(text.lstrip("\ufeff")))
    except csv.Error:
        return [], [Fault(1, "", _("This is not a table: a quotation mark may be missing."))]
    if not lines:
        return [], [Fault(1, "", _("The sheet is empty."))]
    (first, header), *records = lines
    names = [cell.strip().casefold() for cell in header]
    missing = [Fault(first, name, _("This column is missing.")) for name in COLUMNS if name not in names]
    twice = [name for name in (*COLUMNS, *OPTIONAL_COLUMNS) if names.count(name) > 1]
    if missing or twice:
        return [], missing + [Fault(first, name, _("This column appears twice.")) for name in twice]
    if not records:
        return [], [Fault(first, "", _("There are no rows below the column names."))]
    if len(records) > MAX_ROWS:
        too_many = _("More than %(max)d rows. Split the sheet.") % {"max": MAX_ROWS}
        return [], [Fault(records[MAX_ROWS][0], "", too_many)]
    return _read_rows(records, names)


def _read_rows(records: list[tuple[int, list[str]]], names: list[str]) -> tuple[list[SheetRow], list[Fault]]:
    rows: dict[tuple[str, str], SheetRow] = {}
    faults: list[Fault] = []
    for line, cells in records:
        if len(cells) != len(names):
            message = _("%(found)d cells, but the first line names %(wanted)d columns.")
            faults.append(Fault(line, "", message % {"found": len(cells), "wanted": len(names)}))
            continue
        form = RowForm(dict(zip(names, cells, strict=True)))
        if not form.is_valid():
            faults += [Fault(line, column, str(errors[0])) for column, errors in form.errors.items()]
            continue
        row = SheetRow(line=line, **form.cleaned_data)
        if earlier := rows.get(mission_key(row.repository, row.title)):
            message = _("The same repository and title as on line %(line)d.")
            faults.append(Fault(line, "title", message % {"line": earlier.line}))
        else:
            rows[mission_key(row.repository, row.title)] = row
    return list(rows.values()), faults


def sheet_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold something, each with the number of its first line. Raise csv.Error."""
    head = text.lstrip().partition("\n")[0]
    # Spreadsheets write what their country uses; in what is pasted, titles may contain commas.
    delimiter = "\t" if "\t" in head else max(",;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1
