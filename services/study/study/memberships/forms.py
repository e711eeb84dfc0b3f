"""The shape of what people type about places and invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Role
from study.memberships.rules import MOST_USES, github_login

Choices = Sequence[tuple[UUID, str]]


class _Chosen(forms.TypedChoiceField):
    """One of some rows, by id; nothing chosen is None."""

    def __init__(self, *, nothing: Any, **rest: Any) -> None:
        self.nothing = nothing
        super().__init__(coerce=UUID, empty_value=None, required=False, **rest)

    def offer(self, rows: Choices) -> None:
        """Let these be chosen, beside nothing."""
        self.choices = [("", self.nothing), *((str(row_id), name) for row_id, name in rows)]


class PartForm(forms.Form):
    """The part that a member chooses for themselves."""

    part_id = forms.TypedChoiceField(
        label=_("Your part"),
        coerce=UUID,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose your part.")},
    )

    def __init__(self, *args: Any, parts: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["part_id"].choices = [(str(row_id), name) for row_id, name in parts]  # type: ignore[attr-defined]


class _Placed(forms.Form):
    role = forms.TypedChoiceField(
        label=_("Role"), choices=Role.choices, coerce=Role, initial=Role.MEMBER, widget=forms.RadioSelect
    )
    part_id = _Chosen(label=_("Part"), nothing=_("No part"))

    def __init__(self, *args: Any, parts: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["part_id"].offer(parts)  # type: ignore[attr-defined]


class _Invited(_Placed):
    part_id = _Chosen(label=_("Part"), nothing=_("Members choose when they join"))


class InvitationForm(_Invited):
    """A link to be made."""

    expires_at = forms.DateTimeField(
        label=_("Can be used until"), widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M")
    )
    max_uses = forms.IntegerField(
        label=_("How many people can join by it"),
        min_value=1,
        max_value=MOST_USES,
        initial=50,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    @staticmethod
    def usual_end(now: datetime) -> datetime:
        """The end of the day two weeks on, by the reader's clock."""
        day = timezone.localtime(now).date() + timedelta(days=14)
        return timezone.make_aware(datetime.combine(day, time(23, 59)))


class PersonForm(_Invited):
    """One person to be invited by name."""

    account_id = forms.TypedChoiceField(label=_("Whom"), coerce=UUID)
    field_order = ("account_id", "role", "part_id")

    def __init__(self, *args: Any, people: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["account_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((str(row_id), name) for row_id, name in people),
        ]


class SeatForm(_Placed):
    """A person's role, part and team."""

    team_id = _Chosen(label=_("Team"), nothing=_("No team"))

    def __init__(self, *args: Any, teams: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["team_id"].offer(teams)  # type: ignore[attr-defined]


class AppointForm(forms.Form):
    """Whom an owner makes an operator."""

    account_id = forms.TypedChoiceField(label=_("Who runs it from now on"), coerce=UUID)

    def __init__(self, *args: Any, people: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["account_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((str(row_id), name) for row_id, name in people),
        ]


class LoginForm(forms.Form):
    """A GitHub login; empty takes it back."""

    login = forms.CharField(
        label=_("GitHub login"),
        required=False,
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_login(self) -> str:
        """Lower case, without @ or GitHub's address."""
        typed: str = self.cleaned_data["login"]
        if not typed:
            return ""
        login = github_login(typed)
        if login is None:
            raise ValidationError(
                _("GitHub logins have only letters, digits and single hyphens, 39 at most.")
            )
        return login
