"""Forms for cohorts, parts, teams and weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from study.cohorts.models import Cohort, Part, Team, TeamKind
from study.cohorts.rules import EARLIEST, LATEST, time_zones

MAX_PARTS = 20
MAX_WEEKS = 52
# Match the columns.
TITLE_LENGTH, NAME_LENGTH, TOPIC_LENGTH = 80, 40, 80


def parse_parts(text: str) -> list[str]:
    """Parse part names, one per line. Raise ValidationError if one is too long or duplicated."""
    names = [name for line in text.splitlines() if (name := line.strip())]
    if len(names) > MAX_PARTS:
        raise ValidationError(_("At most %(most)s parts."), params={"most": MAX_PARTS})
    for name in names:
        check_name(name)
        if len(name) > NAME_LENGTH:
            raise ValidationError(
                _("“%(name)s” is too long: at most %(most)s characters."),
                params={"name": name, "most": NAME_LENGTH},
            )
        if names.count(name) > 1:
            raise ValidationError(_("“%(name)s” is there twice."), params={"name": name})
    return names


def validate_day(day: date) -> None:
    """Validate that the day is from 2000 to 2099, so that later weeks cannot overflow."""
    if not EARLIEST <= day < LATEST:
        raise ValidationError(_("Choose a day from 2000 to 2099."))


class CohortForm(forms.Form):
    """A cohort's title and time zone."""

    title = forms.CharField(label=_("Name"), max_length=TITLE_LENGTH, validators=[check_name])
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Weeks begin and deadlines fall by this clock. Everyone sees times in their own zone."),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in time_zones()],
        initial="Asia/Seoul",
    )


class NewCohortForm(CohortForm):
    """A new cohort."""

    parts = forms.CharField(
        label=_("Parts"),
        help_text=_(
            "One a line, for example a line for backend and one for frontend. You can leave it empty."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
    )
    first_day = forms.DateField(
        label=_("First day"),
        help_text=_("The first week begins on it."),
        widget=forms.DateInput,
        validators=[validate_day],
    )
    weeks = forms.IntegerField(
        label=_("Number of weeks"),
        min_value=1,
        max_value=MAX_WEEKS,
        initial=8,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    field_order = ("title", "parts", "first_day", "weeks", "time_zone")

    def clean_parts(self) -> list[str]:
        """Return the part names as a list."""
        return parse_parts(self.cleaned_data["parts"])


class NameForm(forms.Form):
    """The name of a part."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, validators=[check_name])


class TeamForm(NameForm):
    """A team's name, kind and mentor."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        help_text=_("A member can be in one team of each kind."),
        choices=TeamKind.choices,
        initial=TeamKind.PROJECT,
        required=False,
    )
    mentor_id = forms.TypedChoiceField(
        label=_("Mentor"),
        help_text=_("Reviews the members' new submissions."),
        required=False,
        coerce=UUID,
        empty_value=None,
    )

    def __init__(self, *args: Any, reviewers: Iterable[tuple[UUID, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        named = ((str(account_id), name) for account_id, name in reviewers)
        self.fields["mentor_id"].choices = [("", _("No mentor")), *named]  # type: ignore[attr-defined]

    def clean_kind(self) -> str:
        """Return the kind as it is where none was submitted."""
        return str(self.cleaned_data["kind"] or self["kind"].initial)


class WeekForm(forms.Form):
    """A week's first day and topic."""

    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput, validators=[validate_day])
    topic = forms.CharField(
        label=_("Topic"), max_length=TOPIC_LENGTH, required=False, validators=[check_name]
    )


class RowIdField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of rows, which the form sets as `queryset`. Its value is the id of the chosen row, or None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, **options)

    def clean(self, value: Any) -> UUID | None:
        row: Part | Team | None = super().clean(value)
        return row.id if row else None


class IdsField(forms.Field):
    """Ids of selected rows, at most `most`. Whether they are there is decided where they are locked."""

    widget = forms.SelectMultiple

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def to_python(self, value: Any) -> list[UUID]:
        """Parse the ids. Raise ValidationError for what is none, or for too many."""
        try:
            ids = [UUID(text) for text in value]
        except ValueError:
            raise ValidationError(_("Choose again.")) from None
        if len(ids) > self.most:
            raise ValidationError(_("Choose at most %(most)d at once."), params={"most": self.most})
        return ids


class PartChoiceForm(forms.Form):
    """A choice of one of the cohort's parts."""

    part_id = RowIdField()

    def __init__(self, *args: Any, cohort: Cohort, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part_id"].queryset = cohort.parts.order_by("position", "id")  # type: ignore[attr-defined]
