"""Forms of submissions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from study.cohorts.forms import RowIdField
from study.missions.models import Mission, SubmissionKind
from study.submissions.models import MAX_URL_LENGTH, Attempt

MAX_LINK_LENGTH = 500
MAX_TEXT_LENGTH = 50_000
validate_url = URLValidator(
    schemes=["http", "https"], message=_("Enter an address that begins with https://.")
)


class LinkForm(forms.Form):
    """A link to a pull request."""

    link = forms.CharField(
        label=_("Link to your pull request"),
        help_text=_("The address of its page on GitHub."),
        max_length=MAX_LINK_LENGTH,
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; the value is a list. submit_work says how many, and how large."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files that were chosen."""
        return [super(FilesField, self).clean(file, initial) for file in data or []]


class WorkForm(forms.Form):
    """What is sent to Seodang itself: one field for each kind that the mission accepts.

    With `replaces`, an attempt that waits for a review, the member confirms that it is replaced.
    """

    files = FilesField(  # type: ignore[assignment]
        label=_("Files"),
        help_text=_("At most 5 files, of at most 5 MB each and 10 MB together, such as PDF or images."),
        required=False,
        allow_empty_file=True,
    )
    link = forms.CharField(
        label=_("Link"),
        help_text=_("The address of your work, such as a Figma or Notion page. Open it to your reviewers."),
        max_length=MAX_URL_LENGTH,
        validators=[validate_url],
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    text = forms.CharField(
        label=pgettext_lazy("submission", "Text"),
        help_text=_("Markdown: # heading, - list, **strong**, `code`, [link](https://…)."),
        max_length=MAX_TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    is_confirmed = forms.BooleanField(
        label="", error_messages={"required": _("Confirm that it replaces what you sent before.")}
    )

    def __init__(
        self, *args: Any, accepts: Collection[str], replaces: Attempt | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields = {
            "files": SubmissionKind.FILE in accepts,
            "link": SubmissionKind.LINK in accepts,
            "text": SubmissionKind.TEXT in accepts,
            "is_confirmed": replaces is not None,
        }
        for name, is_shown in fields.items():
            if not is_shown:
                del self.fields[name]
        if replaces:
            self.fields["is_confirmed"].label = _(
                "It replaces attempt %(number)s, which waits for a review. The files of that one are "
                "deleted, unless only they were on time."
            ) % {"number": replaces.number}

    def clean(self) -> None:
        """Leave the confirmation out: the action does not need it."""
        self.cleaned_data.pop("is_confirmed", None)


class MatchForm(forms.Form):
    """Whose pull request it is, and for which mission: without one, the rules decide."""

    member = forms.TypedChoiceField(
        label=_("Whose submission is it?"), error_messages={"required": _("Choose a member.")}
    )
    mission = forms.TypedChoiceField(
        label=_("Which mission is it for?"), coerce=UUID, empty_value=None, required=False
    )

    def __init__(
        self,
        members: Iterable[tuple[str, str]],
        missions: Iterable[tuple[str, str]],
        *args: object,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["member"].choices = [("", _("Choose a member")), *members]  # type: ignore[attr-defined]
        self.fields["mission"].choices = [("", _("As the rules decide")), *missions]  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Pull requests that wait for a decision, and the mission that they are for."""

    pull_request_ids = forms.TypedMultipleChoiceField(coerce=UUID)
    mission_id = RowIdField()

    def __init__(self, waiting: Iterable[UUID], missions: QuerySet[Mission], data: QueryDict) -> None:
        super().__init__(data)
        self.fields["pull_request_ids"].choices = [(str(id_), str(id_)) for id_ in waiting]  # type: ignore[attr-defined]
        self.fields["mission_id"].queryset = missions  # type: ignore[attr-defined]
