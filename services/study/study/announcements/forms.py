"""Form for announcements."""

from __future__ import annotations

import hashlib
import json

from django import forms
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from study.cohorts.forms import PartChoiceForm, RowIdField

TITLE_LENGTH, BODY_LENGTH = 120, 20_000


class AnnouncementForm(PartChoiceForm):
    """An announcement and its audience."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH, validators=[check_name])
    part_id = RowIdField(label=_("For"), required=False, empty_label=_("Everyone in the cohort"))
    body = forms.CharField(
        label=_("Text"),
        help_text=_("Markdown: **bold**, lists, links, tables."),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    @property
    def digest(self) -> str:
        """Return a hash of text and audience. The form must be valid."""
        return hashlib.sha256(json.dumps(self.cleaned_data, default=str).encode()).hexdigest()

    @property
    def is_previewed(self) -> bool:
        """Return True if the preview showed exactly this content. The form must be valid."""
        return bool(self.data.get("seen") == self.digest)
