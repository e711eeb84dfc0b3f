"""The form of a cohort that begins from a former one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from chassis.web.forms import PreviewedForm
from study.cohorts.forms import TITLE_LENGTH, validate_day
from study.github.models import Repository
from study.missions.rules.repositories import REPOSITORY_LENGTH, clean_repository

# A whole address is longer than the name in it.
ADDRESS_LENGTH = REPOSITORY_LENGTH + 160


class CopyForm(PreviewedForm):
    """Name and first day, other names of the repositories, and who is invited.

    The cleaned `repositories` are the changed ones: new names by old ones.
    """

    title = forms.CharField(label=_("Name"), max_length=TITLE_LENGTH, validators=[check_name])
    first_day = forms.DateField(
        label=_("First day"),
        help_text=_("The first week begins on it: on the same weekday as in the former cohort."),
        widget=forms.DateInput,
        validators=[validate_day],
    )
    people = forms.TypedMultipleChoiceField(
        label=_("Invite"),
        help_text=_("With the same role and part. They join once they accept."),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        people: Iterable[tuple[UUID, str]],
        repositories: Iterable[Repository],
    ) -> None:
        super().__init__(data)
        self.fields["people"].choices = list(people)  # type: ignore[attr-defined]
        self._repositories = {f"repository_{row.id.hex}": row.name for row in repositories}
        for field, name in self._repositories.items():
            self.fields[field] = forms.CharField(
                label=name,
                initial=name,
                max_length=ADDRESS_LENGTH,
                widget=forms.TextInput(
                    attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}
                ),
            )

    @property
    def repository_fields(self) -> list[forms.BoundField]:
        """Return the fields of the repositories."""
        return [self[field] for field in self._repositories]

    def clean(self) -> dict[str, Any]:
        """Replace the fields of the repositories by `repositories`."""
        typed = super().clean() or {}
        changed = {}
        for field, name in self._repositories.items():
            try:
                new_name = clean_repository(typed.pop(field, name))
            except forms.ValidationError as error:
                self.add_error(field, error)
                continue
            if new_name != name:
                changed[name] = new_name
        return {**typed, "repositories": changed}
