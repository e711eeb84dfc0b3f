"""What the matrix of the overview shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from study.cohorts.models import Membership, Part, Team

# Selects members without a part.
NO_PART = "none"
SORTS = [("name", _("By name")), ("missing", _("Most missing first")), ("points", _("Most points first"))]


class MatrixForm(forms.Form):
    """Filters, order and page, read from the address. What is not offered selects nothing."""

    part = forms.CharField(required=False)
    team = forms.CharField(required=False)
    problems = forms.BooleanField(required=False)
    q = forms.CharField(required=False, max_length=100, strip=True)
    sort = forms.CharField(required=False)
    page = forms.CharField(required=False)

    def __init__(self, *args: Any, parts: list[Part], teams: list[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sorts = SORTS
        self.parts = {str(part.id) for part in parts} | ({NO_PART} if parts else set())
        self.teams = {str(team.id) for team in teams}
        self.is_valid()
        # An address with nonsense shows everybody.
        for name in ("part", "team", "q", "sort", "page"):
            self.cleaned_data.setdefault(name, "")

    def clean_part(self) -> str:
        part: str = self.cleaned_data["part"]
        return part if part in self.parts else ""

    def clean_team(self) -> str:
        team: str = self.cleaned_data["team"]
        return team if team in self.teams else ""

    def matches(self, member: Membership) -> bool:
        """Return True if the member, annotated with `name`, is selected."""
        part, team = self.cleaned_data["part"], self.cleaned_data["team"]
        wanted = self.cleaned_data["q"].casefold()
        return (
            (not part or part == str(member.part_id or NO_PART))
            and (not team or team == str(member.study_team_id))
            and wanted in (getattr(member, "name", None) or "").casefold()
        )
