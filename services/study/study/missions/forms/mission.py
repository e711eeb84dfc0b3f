"""A mission, apart from its rubric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chassis.names import check_name
from study.cohorts.models import Part, Week
from study.missions.forms.times import validate_year
from study.missions.rules.repositories import BadRepository, repository_name
from study.missions.rules.sheet import REPOSITORY_LENGTH, TITLE_LENGTH

BODY_LENGTH = 50_000


class MissionForm(forms.Form):
    """What is asked, of whom, where, and by when. `part_id` is None for everyone."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH, validators=[check_name])
    week_id = forms.TypedChoiceField(label=_("Week"), coerce=UUID)
    part_id = forms.TypedChoiceField(
        label=pgettext_lazy("mission", "For"), coerce=UUID, empty_value=None, required=False
    )
    repository = forms.CharField(
        label=_("Repository on GitHub"),
        help_text=_("Its address, or owner/name. Pull requests there are handed in by themselves."),
        # A whole address is longer than the name in it.
        max_length=REPOSITORY_LENGTH + 160,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}),
    )
    opens_at = forms.DateTimeField(
        label=_("Opens"),
        help_text=_("Left empty, it opens as the week begins. Times here are in your time zone."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )
    due_at = forms.DateTimeField(
        label=_("Deadline"),
        help_text=_("Left empty, it is 23:59 on the week's last day, by the cohort's clock."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )
    body = forms.CharField(
        label=_("What there is to do"),
        help_text=_("Markdown: # heading, - list, **strong**, `code`, [link](https://…)."),
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=BODY_LENGTH,
        required=False,
    )

    def __init__(self, *args: Any, weeks: Sequence[Week], parts: Sequence[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["week_id"].choices = [(str(week.id), week_label(week)) for week in weeks]  # type: ignore[attr-defined]
        named = [(str(part.id), part.name) for part in parts]
        self.fields["part_id"].choices = [("", _("Everyone")), *named]  # type: ignore[attr-defined]

    def clean_repository(self) -> str:
        """Owner and name in lower case."""
        return clean_repository(self.cleaned_data["repository"])


def clean_repository(typed: str) -> str:
    """Return owner/name in lower case. Raise ValidationError if it is no repository on GitHub."""
    try:
        return repository_name(typed)
    except BadRepository:
        raise ValidationError(_("This is no repository on GitHub.")) from None


def week_label(week: Week) -> str:
    """How a week is called in a choice: its number, its first day, its topic."""
    day = date_format(week.starts_on, "MONTH_DAY_FORMAT")
    label = _("Week %(number)d, from %(day)s") % {"number": week.number, "day": day}
    return f"{label} · {week.topic}" if week.topic else label
