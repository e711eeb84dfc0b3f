"""Form for announcements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from chassis.web.forms import PreviewedForm
from study.cohorts.forms import PartChoiceForm, RowIdField
from study.cohorts.models import Cohort

TITLE_LENGTH, BODY_LENGTH = 120, 20_000


class TextForm(PreviewedForm):
    """Title and text of an announcement."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH, validators=[check_name])
    body = forms.CharField(
        label=_("Text"),
        help_text=_("Markdown: **bold**, lists, links, tables."),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10}),
    )


class AnnouncementForm(TextForm, PartChoiceForm):
    """An announcement and its audience."""

    part_id = RowIdField(label=_("For"), required=False, empty_label=_("Everyone in the cohort"))
    team_id = RowIdField(label=_("Only for a team"), required=False, empty_label=_("No team"))

    def __init__(self, *args: Any, cohort: Cohort, **options: Any) -> None:
        super().__init__(*args, cohort=cohort, **options)
        self.fields["team_id"].queryset = cohort.teams.order_by("name", "id")  # type: ignore[attr-defined]
