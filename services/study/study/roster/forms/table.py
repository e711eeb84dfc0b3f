"""A table from a file or a text: CSV, a pasted sheet, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from study.missions.forms.sheet import Fault, decode_sheet, sheet_records
from study.roster.rules import Table

MAX_FILE_SIZE = 5 * 1024 * 1024
MAX_UNZIPPED_SIZE = 50 * 1024 * 1024
# Of tags and attributes in all parts of a workbook: what is parsed needs up to 200 bytes of memory for each.
MAX_MARKS = 1_000_000
MAX_ROWS = 2000
# Blank lines included.
MAX_LINES = 5000
# Of every spreadsheet: a cell at the very end is found too.
MAX_SHEET_LINES = 1_048_576
MAX_COLUMNS = 100
# Nothing that is used is longer; answers to other questions are cut.
MAX_CELL_LENGTH = 300
MAX_FAULTS = 1000
# What a form carries from the preview to the confirmation, in bytes.
MAX_TABLE_SIZE = 2_000_000

_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_file(raw: bytes) -> tuple[Table | None, list[Fault]]:
    """Return the table of a file, or everything that keeps it from being one."""
    if raw.startswith(_OLD_EXCEL):
        return _broken(
            _("This is an old or password-protected Excel file. Save it as XLSX without a password.")
        )
    if raw.startswith(b"PK"):
        return _read_workbook(raw)
    try:
        return read_text(decode_sheet(raw))
    except ValidationError:
        return _broken(_("This is neither a CSV nor an XLSX file."))


def read_text(text: str) -> tuple[Table | None, list[Fault]]:
    """Return the table of a text, or everything that keeps it from being one."""
    if "\x00" in text:
        return _broken(_("This is neither a CSV nor an XLSX file."))
    try:
        lines = list(sheet_records(text.lstrip("\ufeff")))
    except csv.Error:
        return _broken(_("This is not a table: a quotation mark may be missing."))
    formulas = (
        Fault(line, get_column_letter(index), _("A formula. Replace it by its value."))
        for line, cells in lines
        for index, cell in enumerate(cells[:MAX_COLUMNS], start=1)
        if _is_formula(cell)
    )
    return _table(lines, list(islice(formulas, MAX_FAULTS)))


def write_text(table: Table) -> str:
    """Return the table as a text that `read_text` reads with the same numbers of lines."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    written = 0
    for line, cells in ((1, table.titles), *table.records):
        out.write("\n" * (line - written - 1))
        writer.writerow(cells)
        written = max(line, written + 1)
    return out.getvalue()


def _read_workbook(raw: bytes) -> tuple[Table | None, list[Fault]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            # Other compressions are never used in workbooks, and may ask for much memory at once.
            if any(entry.compress_type not in _COMPRESSIONS for entry in archive.infolist()):
                return _broken(_("The file is broken, protected, or no XLSX workbook. Save it again."))
            # Reading stops at the size that an entry declares, so that a wrong one hides nothing.
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED_SIZE:
                return _broken(_("The file is bigger than 50 MiB when it is unpacked."))
            if _count_marks(archive) > MAX_MARKS:
                return _broken(_("The sheet holds too much text. Leave only the columns that are needed."))
        # Not closed by a context manager: a workbook has none.
        workbook = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        try:
            # A hidden sheet is none that the operator means.
            sheet = next((sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"), None)
            if sheet is None:
                return _broken(_("The file has no sheet with cells."))
            return _read_cells(sheet)
        finally:
            workbook.close()
    except Exception:  # noqa: BLE001 - openpyxl and defusedxml raise anything about a broken file
        return _broken(_("The file is broken, protected, or no XLSX workbook. Save it again."))


def _count_marks(archive: zipfile.ZipFile) -> int:
    """Return how many tags and attributes the parts have, a little more than the limit if there are more."""
    marks = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while chunk := part.read(64 * 1024):
                marks += chunk.count(b"<") + chunk.count(b"=")
                if marks > MAX_MARKS:
                    return marks
    return marks


def _read_cells(sheet: Any) -> tuple[Table | None, list[Fault]]:
    faults: list[Fault] = []
    lines: list[tuple[int, list[str]]] = []
    before = None
    for line, row in enumerate(sheet.iter_rows(max_row=MAX_SHEET_LINES, max_col=MAX_COLUMNS + 1), start=1):
        # All rows that the workbook leaves out are the same one: a million cost nothing.
        if row is before or all(cell.value is None for cell in row):
            before = row
            continue
        cells = []
        for index, cell in enumerate(row, start=1):
            text = _text(cell.value)
            if cell.value is not None and len(faults) < MAX_FAULTS:
                column = get_column_letter(index)
                # Also a text like a formula: the text that the preview sends back would be one.
                if cell.data_type == "f" or _is_formula(text):
                    faults.append(Fault(line, column, _("A formula. Replace it by its value.")))
                elif cell.data_type == "e":
                    faults.append(Fault(line, column, _("An error of a formula.")))
            cells.append(text)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append((line, cells))
        # Enough to say that there are too many.
        if len(lines) > MAX_ROWS + 1 or (lines and lines[-1][0] > MAX_LINES):
            break
    return _table(lines, faults)


def _is_formula(text: str) -> bool:
    return text.lstrip().startswith("=")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A text of the workbook's table of texts can be long, and be in every cell.
        return _cut(value[: 3 * MAX_CELL_LENGTH])
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _table(lines: list[tuple[int, list[str]]], faults: list[Fault]) -> tuple[Table | None, list[Fault]]:
    if not lines:
        return _broken(_("The sheet is empty."))
    (first, titles), *records = lines
    faults = faults + list(_shape_faults(first, titles, records))
    if faults:
        return None, faults
    cut = [(line, [_cut(cell) for cell in cells[: len(titles)]]) for line, cells in records]
    table = Table([_cut(title) for title in titles], cut)
    if len(write_text(table).encode()) > MAX_TABLE_SIZE:
        return _broken(_("The sheet holds too much text. Leave only the columns that are needed."))
    return table, []


def _shape_faults(first: int, titles: list[str], records: list[tuple[int, list[str]]]) -> Iterator[Fault]:
    if not any(title.strip() for title in titles):
        yield Fault(first, "", _("The first line has no titles of columns."))
    if len(titles) > MAX_COLUMNS:
        yield Fault(first, "", _("More than %(max)d columns.") % {"max": MAX_COLUMNS})
    if not records:
        yield Fault(first, "", _("There are no rows below the titles."))
    if len(records) > MAX_ROWS:
        yield Fault(
            records[MAX_ROWS][0], "", _("More than %(max)d rows. Split the sheet.") % {"max": MAX_ROWS}
        )
    elif records and records[-1][0] > MAX_LINES:
        yield Fault(records[-1][0], "", _("Too many blank lines. Delete them."))
    for line, cells in records[:MAX_ROWS]:
        if any(cell.strip() for cell in cells[len(titles) :]):
            message = _("%(found)d cells, but the first line has %(wanted)d titles.")
            yield Fault(line, "", message % {"found": len(cells), "wanted": len(titles)})


def _cut(cell: str) -> str:
    # Cut again, it must be the same text: the digest of the preview is taken of it.
    return " ".join(cell.split())[:MAX_CELL_LENGTH].rstrip()


def _broken(message: str) -> tuple[None, list[Fault]]:
    return None, [Fault(1, "", message)]
