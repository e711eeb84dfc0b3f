"""Forms of submissions."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from study.cohorts.forms import RowIdField
from study.missions.models import Mission

MAX_LINK_LENGTH = 500


class LinkForm(forms.Form):
    """A link to a pull request."""

    link = forms.CharField(
        label=_("Link to your pull request"),
        help_text=_("The address of its page on GitHub."),
        max_length=MAX_LINK_LENGTH,
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )


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
