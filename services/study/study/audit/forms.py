"""The filter of the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from study.cohorts.forms import validate_day
from study.cohorts.models import AuditKind


def start_of(day: date) -> datetime:
    """Return when the day begins, in the current time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def validate_time(at: datetime) -> None:
    """Validate that the time is from 2000 to 2099, so that it exists in every zone."""
    validate_day(at.date())


class AuditFilterForm(forms.Form):
    """Which entries to show. Days are the reader's."""

    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *AuditKind.choices]
    )
    person = forms.TypedChoiceField(label=_("Who, or about whom"), required=False, coerce=UUID)
    since = forms.DateField(
        label=_("From"), required=False, validators=[validate_day], widget=forms.DateInput
    )
    until = forms.DateField(label=_("To"), required=False, validators=[validate_day], widget=forms.DateInput)

    def __init__(self, *args: Any, people: Iterable[tuple[UUID, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        named = ((str(account_id), name) for account_id, name in people)
        self.fields["person"].choices = [("", _("Everybody")), *named]  # type: ignore[attr-defined]

    @property
    def filters(self) -> dict[str, Any]:
        """Return the filters of queries.list_entries. The form must be valid."""
        found = self.cleaned_data
        return {
            "kind": found["kind"],
            "person_id": found["person"] or None,
            "since": start_of(found["since"]) if found["since"] else None,
            # The last day is included.
            "until": start_of(found["until"] + timedelta(days=1)) if found["until"] else None,
        }
