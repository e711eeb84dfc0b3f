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
from study.missions.rules.deadlines import MAX_EXTENSION_HOURS

REASON_LENGTH = 200
# Somebody may choose a whole cohort.
MAX_EXTENSIONS_AT_ONCE = 200
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


class _ExtensionForm(forms.Form):
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


class ExtensionForm(_ExtensionForm):
    """More time for one member."""

    membership_id = forms.TypedChoiceField(label=_("Member"), coerce=UUID)
    field_order = ("membership_id", "hours", "reason")

    def __init__(self, *args: Any, members: Iterable[Any], **kwargs: Any) -> None:
        """`members` are memberships that are annotated with `name`."""
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a member")), *_member_choices(members)]
        self.fields["membership_id"].choices = choices  # type: ignore[attr-defined]


class ExtensionsForm(_ExtensionForm):
    """More time for several members: hours, or until an instant."""

    membership_ids = forms.TypedMultipleChoiceField(
        label=_("Members"),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the members.")},
    )
    hours = forms.IntegerField(
        label=_("Hours"),
        help_text=_("From the deadline of each. A day has 24. Members who have more time already keep it."),
        min_value=1,
        max_value=MAX_EXTENSION_HOURS,
        required=False,
    )
    until = forms.DateTimeField(
        label=_("Or until"),
        help_text=_("In your time zone. Members who have more time already keep it."),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )
    field_order = ("membership_ids", "hours", "until", "reason")

    def __init__(self, *args: Any, members: Iterable[Any], **kwargs: Any) -> None:
        """`members` are memberships that are annotated with `name`."""
        super().__init__(*args, **kwargs)
        self.fields["membership_ids"].choices = _member_choices(members)  # type: ignore[attr-defined]

    def clean_membership_ids(self) -> list[UUID]:
        """Refuse more members than can be locked at once."""
        chosen: list[UUID] = self.cleaned_data["membership_ids"]
        if len(chosen) > MAX_EXTENSIONS_AT_ONCE:
            message = _("Choose at most %(max)d members at once.")
            raise ValidationError(message, params={"max": MAX_EXTENSIONS_AT_ONCE})
        return chosen

    def clean(self) -> None:
        """Require hours or an instant, and not both."""
        if not {"hours", "until"} & set(self.errors):
            chosen = [self.cleaned_data.get(name) is not None for name in ("hours", "until")]
            if sum(chosen) != 1:
                self.add_error("hours", _("Give hours or an instant, one of them."))


def _member_choices(members: Iterable[Any]) -> list[tuple[str, Any]]:
    choices: list[tuple[str, Any]] = []
    for member in members:
        part = f" · {member.part}" if member.part else ""
        choices.append((str(member.id), f"{display_name(member.name)}{part}"))
    return choices
