"""The form of a mission."""

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
from study.cohorts.models import Part, Team, Week
from study.missions.forms.deadlines import validate_year
from study.missions.forms.rubric import BaseRubricFormSet
from study.missions.models import CompletedBy, SubmissionKind
from study.missions.rules.assignment import normalize_marker
from study.missions.rules.repositories import REPOSITORY_LENGTH, clean_repository

# As wide as the column.
TITLE_LENGTH = 120
BODY_LENGTH = 50_000
MARKER_LENGTH = 60
MAX_OTHER_REPOSITORIES = 20


def validate_marker(text: str) -> None:
    """Raise ValidationError for a marker that consists of punctuation."""
    if not normalize_marker(text):
        raise ValidationError(_("A marker contains a letter or a number."))


class RepositoriesField(forms.CharField):
    """Repositories, one a line; the value is a list of names."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 2, "inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(max_length=4000, widget=forms.Textarea(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a list by line, and what was typed as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the names in lower case. Raises ValidationError with the first line that names none."""
        lines = str(super().clean(value)).splitlines()
        names = [clean_repository(line) for line in lines if line.strip()]
        if len(names) > MAX_OTHER_REPOSITORIES:
            raise ValidationError(
                _("Enter at most %(count)d repositories."), params={"count": MAX_OTHER_REPOSITORIES}
            )
        return names


class MissionForm(forms.Form):
    """What is asked, of whom, where, by when, and how it is scored.

    Without `part_id` and `team_id` it is for everyone.
    """

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH, validators=[check_name])
    week_id = forms.TypedChoiceField(label=_("Week"), coerce=UUID)
    part_id = forms.TypedChoiceField(
        label=pgettext_lazy("mission", "For"), coerce=UUID, empty_value=None, required=False
    )
    team_id = forms.TypedChoiceField(
        label=pgettext_lazy("mission", "Only for a team"),
        help_text=_("Each of its members submits on their own."),
        coerce=UUID,
        empty_value=None,
        required=False,
    )
    accepts = forms.TypedMultipleChoiceField(
        label=_("What members submit"),
        help_text=_(
            "Of several, each member chooses. Everything but a pull request is sent to Seodang itself."
        ),
        choices=SubmissionKind.choices,
        initial=[SubmissionKind.PULL_REQUEST.value],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    repository = forms.CharField(
        label=_("Repository on GitHub"),
        help_text=_(
            "Its address, or owner/name. Pull requests there are submitted automatically. Empty if "
            "none are submitted."
        ),
        required=False,
        # A whole address is longer than the name in it.
        max_length=REPOSITORY_LENGTH + 160,
        widget=forms.TextInput(
            attrs={
                "inputmode": "url",
                "spellcheck": "false",
                "autocapitalize": "none",
                "list": "repositories",
            }
        ),
    )
    other_repositories = RepositoriesField(
        label=_("Other repositories"),
        help_text=_("One on a line, such as one per part. Pull requests in any of them count."),
        required=False,
    )
    marker = forms.CharField(
        label=_("Marker"),
        help_text=_(
            "For repositories of several missions: text that the titles, branches or labels of its pull "
            "requests contain, such as “week 3”. Without it, the time of opening decides."
        ),
        max_length=MARKER_LENGTH,
        validators=[check_name, validate_marker],
        required=False,
    )
    completed_by = forms.TypedChoiceField(
        label=_("Completed by"),
        help_text=_(
            "On GitHub, an approving review or a merge by a mentor or an organizer who has linked "
            "their GitHub account counts. In a shared repository, so does a merge by anybody but "
            "the author; in a personal one, it does not."
        ),
        choices=CompletedBy.choices,
        initial=CompletedBy.REVIEW,
        empty_value=CompletedBy.REVIEW.value,
        required=False,
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

    def __init__(
        self,
        *args: Any,
        weeks: Sequence[Week],
        parts: Sequence[Part],
        teams: Sequence[Team],
        rubric: BaseRubricFormSet,
        **kwargs: Any,
    ) -> None:
        """A bound form with an unbound `rubric` leaves the mission's rubric as it is."""
        super().__init__(*args, **kwargs)
        self.fields["week_id"].choices = [(str(week.id), week_label(week)) for week in weeks]  # type: ignore[attr-defined]
        named = [(str(part.id), part.name) for part in parts]
        self.fields["part_id"].choices = [("", _("Everyone")), *named]  # type: ignore[attr-defined]
        teams_by_name = [(str(team.id), team.name) for team in teams]
        self.fields["team_id"].choices = [("", _("No team")), *teams_by_name]  # type: ignore[attr-defined]
        self.rubric = rubric

    def clean_accepts(self) -> list[str]:
        """The kinds that were chosen. A form of the release before has none of them."""
        return self.cleaned_data["accepts"] or [SubmissionKind.PULL_REQUEST.value]

    def clean_repository(self) -> str:
        """Owner and name in lower case; "" without one."""
        typed = self.cleaned_data["repository"]
        return clean_repository(typed) if typed else ""

    def clean(self) -> None:
        """Add the rubric. Its errors are its own."""
        if self.rubric.is_valid():
            self.cleaned_data["rubric"] = self.rubric.rows

    def is_valid(self) -> bool:
        """Return whether the form, and its rubric if that is bound, are valid."""
        return super().is_valid() and (self.rubric.is_valid() or not self.rubric.is_bound)


def week_label(week: Week) -> str:
    """How a week is called in a choice: its number, its first day, its topic."""
    day = date_format(week.starts_on, "MONTH_DAY_FORMAT")
    label = _("Week %(number)d, from %(day)s") % {"number": week.number, "day": day}
    return f"{label} · {week.topic}" if week.topic else label
