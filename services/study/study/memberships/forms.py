"""Forms for memberships and invitations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from study.cohorts.forms import IdsField, PartChoiceForm, RowIdField
from study.cohorts.models import Cohort, Role, TeamKind

MAX_USES = 1000
# Matches the column.
MAX_MESSAGE = 300
MAX_MEMBERS_AT_ONCE = 200

# GitHub's rule: alphanumeric characters and single inner hyphens, at most 39 characters.
_LOGIN = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}", re.ASCII)


class PartForm(PartChoiceForm):
    """The part that a member chooses."""

    part_id = RowIdField(
        label=_("Your part"), widget=forms.RadioSelect, error_messages={"required": _("Choose your part.")}
    )


class JoinForm(PartForm):
    """What who joins by an invitation says: a part if it lets choose, a message if operators approve."""

    message = forms.CharField(
        label=_("Message to the organizers"),
        help_text=_("Optional. They see it with your name."),
        required=False,
        max_length=MAX_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, cohort: Cohort, has_part: bool, has_message: bool, **options: Any) -> None:
        super().__init__(*args, cohort=cohort, **options)
        for name, is_there in (("part_id", has_part), ("message", has_message)):
            if not is_there:
                del self.fields[name]


class JoinRequestsForm(PartChoiceForm):
    """What to do with several requests to join."""

    request_ids = IdsField(most=MAX_MEMBERS_AT_ONCE)
    part_id = RowIdField(label=_("Part"), required=False, empty_label=_("As requested"))
    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("decline", _("Decline"))])


class _RoleForm(PartChoiceForm):
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.MEMBER, widget=forms.RadioSelect
    )


class _BaseInvitationForm(_RoleForm):
    part_id = RowIdField(label=_("Part"), required=False, empty_label=_("Members choose when they join"))


class InvitationForm(_BaseInvitationForm):
    """A new invitation link."""

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
        """Return the end of the day in two weeks, in the current time zone."""
        day = timezone.localtime(now).date() + timedelta(days=14)
        return timezone.make_aware(datetime.combine(day, time(23, 59)))


class _BasePersonForm(forms.Form):
    account_id = forms.TypedChoiceField(coerce=UUID)

    def __init__(self, *args: Any, people: Iterable[tuple[UUID, str]], **rest: Any) -> None:
        super().__init__(*args, **rest)
        named = ((str(account_id), name) for account_id, name in people)
        self.fields["account_id"].choices = [("", _("Choose a person")), *named]  # type: ignore[attr-defined]


class InvitePersonForm(_BasePersonForm, _BaseInvitationForm):
    """A person to invite by name."""

    account_id = forms.TypedChoiceField(label=_("Whom"), coerce=UUID)
    field_order = ("account_id", "role", "part_id")


class MembershipForm(_RoleForm):
    """A person's role, part and teams."""

    part_id = RowIdField(label=_("Part"), required=False, empty_label=_("No part"))
    study_team_id = RowIdField(label=_("Study team"), required=False, empty_label=_("No team"))
    team_id = RowIdField(label=_("Project team"), required=False, empty_label=_("No team"))

    def __init__(self, *args: Any, cohort: Cohort, **options: Any) -> None:
        super().__init__(*args, cohort=cohort, **options)
        for field, kind in [("study_team_id", TeamKind.STUDY), ("team_id", TeamKind.PROJECT)]:
            teams = cohort.teams.filter(kind=kind).order_by("name", "id")
            self.fields[field].queryset = teams  # type: ignore[attr-defined]


KEEP, NONE = "", "none"


class MembershipsForm(forms.Form):
    """The same role, part or teams for several people; what is not chosen stays."""

    membership_ids = forms.TypedMultipleChoiceField(coerce=UUID)
    role = forms.ChoiceField(label=_("Role"), choices=[(KEEP, _("Unchanged")), *Role.choices], required=False)
    part_id = forms.ChoiceField(label=_("Part"), required=False)
    study_team_id = forms.ChoiceField(label=_("Study team"), required=False)
    team_id = forms.ChoiceField(label=_("Project team"), required=False)

    def __init__(self, *args: Any, cohort: Cohort, people: Iterable[UUID], **options: Any) -> None:
        super().__init__(*args, **options)
        parts = cohort.parts.order_by("position", "id")
        teams = list(cohort.teams.order_by("name", "id"))
        rows: dict[str, tuple[Any, Iterable[Any]]] = {
            "part_id": (_("No part"), parts),
            "study_team_id": (_("No team"), [team for team in teams if team.kind == TeamKind.STUDY]),
            "team_id": (_("No team"), [team for team in teams if team.kind == TeamKind.PROJECT]),
        }
        for name, (without, found) in rows.items():
            named = [(str(row.id), row.name) for row in found]
            choices = [(KEEP, _("Unchanged")), (NONE, without), *named]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["membership_ids"].choices = [(str(person), "") for person in people]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Refuse a form that changes nothing."""
        if not self.errors and not self.changes:
            raise ValidationError(_("Choose what to change."))

    @property
    def changes(self) -> dict[str, Any]:
        """Return the values of what changes."""
        chosen = {name: self.cleaned_data.get(name, KEEP) for name in ("role", *_ROW_FIELDS)}
        return {
            name: value if name == "role" else None if value == NONE else UUID(value)
            for name, value in chosen.items()
            if value != KEEP
        }


_ROW_FIELDS = ("part_id", "study_team_id", "team_id")


class AppointOperatorForm(_BasePersonForm):
    """The account that an owner appoints as operator."""

    account_id = forms.TypedChoiceField(label=_("Who runs it from now on"), coerce=UUID)


def clean_github_login(typed: str) -> str:
    """Return the login in lower case, without @ or GitHub's URL; "" for none. Raise ValidationError."""
    login = typed.strip().lower().removeprefix("https://github.com/").removeprefix("@").rstrip("/")
    if typed and (len(login) > 39 or not _LOGIN.fullmatch(login)):
        raise ValidationError(_("GitHub logins have only letters, digits and single hyphens, 39 at most."))
    return login


class GitHubLoginForm(forms.Form):
    """A GitHub login; empty clears it."""

    login = forms.CharField(
        label=_("GitHub login"),
        required=False,
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_login(self) -> str:
        """Normalise the login: lower case, without @ or GitHub's URL."""
        return clean_github_login(self.cleaned_data["login"])
