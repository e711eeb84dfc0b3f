"""Forms for a part's own deadline and for a member's extension."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chassis.account_mirror.rules import display_name
from study.cohorts.models import Part

REASON_LENGTH = 200
MAX_EXTENSION_HOURS = 30 * 24
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def validate_year(at: datetime) -> None:
    """Validate that the year is plausible, so that a typo does not overflow a date somewhere."""
    if not EARLIEST <= at < LATEST:
        raise ValidationError(_("Choose a day from 2000 to 2099."))


class PartDeadlineForm(forms.Form):
    """A part's own deadline."""

    part_id = forms.TypedChoiceField(label=_("Part"), coerce=UUID)
    due_at = forms.DateTimeField(
        label=_("Deadline"),
        help_text=_("After everyone's; in your time zone."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
    )

    def __init__(self, *args: Any, parts: Iterable[Part], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part_id"].choices = [(str(part.id), part.name) for part in parts]  # type: ignore[attr-defined]


class ExtensionForm(forms.Form):
    """More time for one member."""

    membership_id = forms.TypedChoiceField(label=_("Member"), coerce=UUID)
    hours = forms.IntegerField(
        label=_("Hours"),
        help_text=_("Added to their deadline. A day has 24."),
        min_value=1,
        max_value=MAX_EXTENSION_HOURS,
        initial=24,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The member sees it beside the deadline, mentors too."),
        max_length=REASON_LENGTH,
    )

    def __init__(self, *args: Any, members: Iterable[Any], **kwargs: Any) -> None:
        """`members` are memberships that are annotated with `name`."""
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", _("Choose a member"))]
        for member in members:
            part = f" · {member.part}" if member.part else ""
            choices.append((str(member.id), f"{display_name(member.name)}{part}"))
        self.fields["membership_id"].choices = choices  # type: ignore[attr-defined]
