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
from study.memberships.rules import MAX_USES, github_login

Choices = Sequence[tuple[UUID, str]]


class _RowChoiceField(forms.TypedChoiceField):
    """One of some rows, by id; nothing chosen is None."""

    def __init__(self, *, empty_label: Any, **rest: Any) -> None:
        self.empty_label = empty_label
        super().__init__(coerce=UUID, empty_value=None, required=False, **rest)

    def set_rows(self, rows: Choices) -> None:
        """Let these be chosen, beside nothing."""
        self.choices = [("", self.empty_label), *((str(row_id), name) for row_id, name in rows)]


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


class _BaseMembershipForm(forms.Form):
    role = forms.TypedChoiceField(
        label=_("Role"), choices=Role.choices, coerce=Role, initial=Role.MEMBER, widget=forms.RadioSelect
    )
    part_id = _RowChoiceField(label=_("Part"), empty_label=_("No part"))

    def __init__(self, *args: Any, parts: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["part_id"].set_rows(parts)  # type: ignore[attr-defined]


class _BaseInvitationForm(_BaseMembershipForm):
    part_id = _RowChoiceField(label=_("Part"), empty_label=_("Members choose when they join"))


class InvitationForm(_BaseInvitationForm):
    """A link to be made."""

    expires_at = forms.DateTimeField(
        label=_("Can be used until"), widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M")
    )
    max_uses = forms.IntegerField(
        label=_("How many people can join by it"),
        min_value=1,
        max_value=MAX_USES,
        initial=50,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    @staticmethod
    def default_expiry(now: datetime) -> datetime:
        """The end of the day two weeks on, by the reader's clock."""
        day = timezone.localtime(now).date() + timedelta(days=14)
        return timezone.make_aware(datetime.combine(day, time(23, 59)))


class InvitePersonForm(_BaseInvitationForm):
    """One person to be invited by name."""

    account_id = forms.TypedChoiceField(label=_("Whom"), coerce=UUID)
    field_order = ("account_id", "role", "part_id")

    def __init__(self, *args: Any, people: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["account_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((str(row_id), name) for row_id, name in people),
        ]


class MembershipForm(_BaseMembershipForm):
    """A person's role, part and team."""

    team_id = _RowChoiceField(label=_("Team"), empty_label=_("No team"))

    def __init__(self, *args: Any, teams: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["team_id"].set_rows(teams)  # type: ignore[attr-defined]


class AppointOperatorForm(forms.Form):
    """Whom an owner makes an operator."""

    account_id = forms.TypedChoiceField(label=_("Who runs it from now on"), coerce=UUID)

    def __init__(self, *args: Any, people: Choices, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["account_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a person")),
            *((str(row_id), name) for row_id, name in people),
        ]


class GitHubLoginForm(forms.Form):
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
