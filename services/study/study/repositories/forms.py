"""Forms of personal repositories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chassis.web.forms import PreviewedForm
from study.cohorts.forms import RowIdField
from study.github.models import Repository
from study.github.rules.patterns import owner_and_prefix
from study.missions.rules.repositories import REPOSITORY_LENGTH, clean_repository
from study.repositories.rules import PREFIX_LENGTH, clean_prefix

# A whole address is longer than the name in it.
ADDRESS_LENGTH = REPOSITORY_LENGTH + 160


def clean_pattern(text: str) -> str:
    """Return "owner/prefix*" in lower case. Raises ValidationError if it is no pattern."""
    pattern = clean_repository(text)
    if not pattern.endswith("*"):
        raise ValidationError(_("A pattern ends in a star, such as my-club/* or my-club/week-*."))
    return pattern


def clean_template(text: str) -> str:
    """Return "owner/name" in lower case. Raises ValidationError if it is no single repository."""
    template = clean_repository(text)
    if template.endswith("*"):
        raise ValidationError(_("A template is one repository, without a star."))
    return template


class PatternForm(forms.Form):
    """A pattern of personal repositories."""

    name = forms.CharField(
        label=_("Pattern"),
        help_text=_("my-club/* for every repository of an organization, my-club/week-* for some of them."),
        max_length=ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_name(self) -> str:
        """Owner and the beginning of the names, in lower case."""
        return clean_pattern(self.cleaned_data["name"])

    @property
    def is_previewed(self) -> bool:
        """Return True if it was shown how many repositories match. The form must be valid."""
        return bool(self.data.get("seen") == self.cleaned_data["name"])


class AssignForm(forms.Form):
    """Whose personal repository it is."""

    membership_id = forms.TypedChoiceField(label=_("Member"), coerce=UUID, empty_value=None, required=False)

    def __init__(self, members: Iterable[tuple[UUID, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("Nobody yet: the next pull request decides")), *members]
        self.fields["membership_id"].choices = choices  # type: ignore[attr-defined]


class TemplateForm(PreviewedForm):
    """From which template repositories are created, for whom, and how they are called."""

    template = forms.CharField(
        label=_("Template repository"),
        help_text=_("Its address, or owner/name."),
        max_length=ADDRESS_LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}),
    )
    prefix = forms.CharField(  # type: ignore[assignment]
        label=_("Names begin with"),
        help_text=_("The member's GitHub login follows: “week-” becomes “week-ada-codes”."),
        max_length=PREFIX_LENGTH,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
        required=False,
    )
    part_id = RowIdField(label=pgettext_lazy("mission", "For"), required=False, empty_label=_("Everyone"))
    is_private = forms.BooleanField(
        label=_("Private repositories"),
        help_text=_("The member and the organization's owners see them."),
        required=False,
        initial=True,
    )

    def __init__(self, data: QueryDict | None, *, pattern: Repository, initial: dict[str, str]) -> None:
        _owner, prefix = owner_and_prefix(pattern.name)
        super().__init__(data, initial={"prefix": prefix, **initial})
        self.pattern = pattern
        self.fields["part_id"].queryset = pattern.cohort.parts.order_by("position", "id")  # type: ignore[attr-defined]

    def clean_template(self) -> str:
        """Owner and name in lower case."""
        return clean_template(self.cleaned_data["template"])

    def clean_prefix(self) -> str:
        """Lower case."""
        return clean_prefix(self.cleaned_data["prefix"], pattern=self.pattern.name)
