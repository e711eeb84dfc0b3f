"""What an operator gives: a sheet, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from chassis.web.forms import PreviewedForm
from study.missions.forms.sheet import Fault
from study.roster.forms.table import MAX_FILE_SIZE, MAX_TABLE_SIZE, read_file, read_text
from study.roster.rules import FIELDS, REQUIRED_FIELDS, Table

LABELS = {
    "name": _("Name"),
    "email": _("Email"),
    "role": _("Role"),
    "part": _("Part"),
    "study_team": _("Study team"),
    "team": _("Project team"),
    "github_login": _("GitHub login"),
}


class SheetForm(forms.Form):
    """A file or a text. `table` and `faults` are what was read."""

    file = forms.FileField(
        label=_("XLSX or CSV file"),
        help_text=_(
            "Of Excel, Google Sheets or Google Forms; at most 5 MiB. Of a workbook, the first sheet."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        required=False,
        allow_empty_file=True,
    )
    text = forms.CharField(
        label=_("Or paste the cells here"),
        help_text=_("With the titles of the columns in the first line."),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        max_length=MAX_TABLE_SIZE,
        required=False,
        strip=False,
    )

    table: Table | None = None
    faults: list[Fault] = []

    def clean_file(self) -> UploadedFile | None:
        """Refuse a file that is too big before it is read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and file.size and file.size > MAX_FILE_SIZE:
            raise ValidationError(_("The file is bigger than 5 MiB."))
        return file

    def clean(self) -> None:
        """Read the file, or the text without one."""
        if file := self.cleaned_data.get("file"):
            self.table, self.faults = read_file(file.read())
        elif text := self.cleaned_data.get("text"):
            self.table, self.faults = read_text(text)
        elif not self.errors:
            self.add_error("file", _("Choose a file, or paste the sheet."))


class ColumnsForm(PreviewedForm):
    """The column of each field, and the sheet itself as `text`."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    creates_groups = forms.BooleanField(
        label=_("Create parts and teams that the cohort does not have"), required=False
    )

    def __init__(self, *args: Any, table: Table, **options: Any) -> None:
        super().__init__(*args, **options)
        titles = [(str(index), _column_label(index, table.titles)) for index in range(len(table.titles))]
        for name in FIELDS:
            is_required = name in REQUIRED_FIELDS
            self.fields[name] = forms.TypedChoiceField(
                label=LABELS[name],
                choices=[("", _("Choose a column") if is_required else _("Not in the sheet")), *titles],
                coerce=int,
                empty_value=None,
                required=is_required,
                error_messages={"required": _("Choose the column.")},
            )

    def is_multipart(self) -> bool:
        """Return True: Hangul in `text` is three times as long in the other encoding."""
        return True

    def clean(self) -> None:
        """Refuse one column for two fields."""
        chosen: dict[int, str] = {}
        for name in FIELDS:
            index = self.cleaned_data.get(name)
            if index is not None and chosen.setdefault(index, name) != name:
                message = _("This column is chosen for “%(field)s” already.")
                self.add_error(name, message % {"field": LABELS[chosen[index]]})

    @property
    def columns(self) -> dict[str, int | None]:
        """Return the index of each field's column; None without one."""
        return {name: self.cleaned_data[name] for name in FIELDS}


def _column_label(index: int, titles: Sequence[str]) -> str:
    """Return the title, with its column's name (A, B …) if it is empty or another's too."""
    title, column = titles[index], get_column_letter(index + 1)
    return title if title and titles.count(title) == 1 else f"{title} ({column})".strip()
