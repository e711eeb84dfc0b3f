"""Tables as files: CSV and XLSX that no spreadsheet computes anything from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMATS = ("csv", "xlsx")
Cell = str | int | None
Rows = Sequence[Sequence[Cell]]

# Spreadsheets compute a text that begins with one of these, also after spaces.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def time_cell(at: datetime | None, time_zone: str) -> str:
    """Return a time in that zone, to the minute."""
    return at.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M") if at else ""


def write_csv(rows: Rows) -> bytes:
    """Return CSV in UTF-8 with a BOM, as Excel needs it. A text like a formula gets an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerows([[_plain(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(title: str, rows: Rows) -> bytes:
    """Return the rows as a workbook of one sheet. Texts are texts by their type, whatever they begin with."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(ILLEGAL_CHARACTERS_RE.sub("", title)[:31])
    for row in rows:
        cells = []
        for value in row:
            text = isinstance(value, str)
            cell = WriteOnlyCell(
                sheet, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            )
            if text:
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.lstrip(" \u3000\xa0").startswith(_FORMULA_SIGNS):
        return f"'{cell}"
    return cell
