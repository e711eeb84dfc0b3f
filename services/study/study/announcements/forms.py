"""Form for announcements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from chassis.web.forms import PreviewedForm
from study.cohorts.forms import PartChoiceForm, RowIdField
from study.cohorts.models import Cohort
from study.missions.forms.deadlines import validate_year

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


class CohortTimeField(forms.DateTimeField):
    """A time by the clock of a cohort, whose zone the form sets as `time_zone`."""

    time_zone = "UTC"

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.time_zone):
            return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        with timezone.override(self.time_zone):
            return super().to_python(value)


class AnnouncementForm(TextForm, PartChoiceForm):
    """An announcement, its audience, and when it is published by itself."""

    part_id = RowIdField(label=_("Recipients"), required=False, empty_label=_("Everyone in the cohort"))
    team_id = RowIdField(label=_("Only for a team"), required=False, empty_label=_("No team"))
    publish_at = CohortTimeField(
        label=_("Publish at"),
        widget=forms.DateTimeInput,
        validators=[validate_year],
        required=False,
    )

    def __init__(self, *args: Any, cohort: Cohort, **options: Any) -> None:
        super().__init__(*args, cohort=cohort, **options)
        self.fields["team_id"].queryset = cohort.teams.order_by("name", "id")  # type: ignore[attr-defined]
        publish_at = self.fields["publish_at"]
        publish_at.time_zone = cohort.time_zone  # type: ignore[attr-defined]
        publish_at.help_text = _(
            "By the clock of the cohort (%(zone)s). Left empty, it stays a draft until somebody publishes it."
        ) % {"zone": cohort.time_zone}
