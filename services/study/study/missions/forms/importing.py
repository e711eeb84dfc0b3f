"""A sheet of missions, as a file or pasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Part, Week
from study.missions.forms.mission import week_label
from study.missions.forms.sheet import decode_sheet

MAX_FILE_SIZE = 256 * 1024


class SheetForm(forms.Form):
    """A file or a text, and the week in which the first missions fall. `text` is whichever was given."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Saved from a spreadsheet; at most 256 KB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        required=False,
        allow_empty_file=True,
    )
    text = forms.CharField(
        label=_("Or paste the sheet here"),
        help_text=_(
            "The first line names the columns: part, order, title, repository, and completed_by if you like."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        max_length=MAX_FILE_SIZE,
        required=False,
        strip=False,
    )
    first_week = forms.TypedChoiceField(
        label=_("Week of the missions of order 1"),
        help_text=_("Order 2 falls in the week after it, and so on. Each is due on its week's last day."),
        coerce=int,
    )

    def __init__(self, *args: Any, weeks: Sequence[Week], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._weeks = weeks
        self.fields["first_week"].choices = [(week.number, week_label(week)) for week in weeks]  # type: ignore[attr-defined]

    def clean_file(self) -> str | None:
        """Return the file's text. Refuse a file that is too big before it is read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and file.size and file.size > MAX_FILE_SIZE:
            raise ValidationError(_("The file is bigger than 256 KB."))
        return decode_sheet(file.read()) if file else None

    def clean(self) -> None:
        """Let a file take the place of the pasted text."""
        if self.cleaned_data.get("file") is not None:
            self.cleaned_data["text"] = self.cleaned_data["file"]
        elif not self.cleaned_data.get("text") and not self.errors:
            self.add_error("file", _("Choose a file, or paste the sheet."))

    def with_text(self) -> SheetForm:
        """The same with the sheet in its text field: a browser does not send a file twice."""
        sent = {"text": self.cleaned_data["text"], "first_week": self.cleaned_data["first_week"]}
        return SheetForm(sent, weeks=self._weeks)


class PartsForm(forms.Form):
    """For names in a sheet that are no part's: which part each means, or that it becomes a new one."""

    def __init__(self, *args: Any, unknown: Sequence[str], parts: Sequence[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unknown = unknown
        named = [(str(part.id), _("The part “%(name)s”") % {"name": part.name}) for part in parts]
        for name in unknown:
            self.fields[f"part:{name}"] = forms.TypedChoiceField(
                label=_("“%(name)s” in the sheet means") % {"name": name},
                choices=[("", _("A new part, to be made")), *named],
                coerce=UUID,
                empty_value=None,
                required=False,
            )

    @property
    def part_ids(self) -> dict[str, UUID]:
        """Which part a name means; names of new parts are absent."""
        chosen = ((name, self.cleaned_data[f"part:{name}"]) for name in self._unknown)
        return {name: part_id for name, part_id in chosen if part_id}
