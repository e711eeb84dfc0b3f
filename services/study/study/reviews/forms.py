"""Forms of mentors and operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_COMMENT_LENGTH = 4000


class ReviewForm(forms.Form):
    """One choice and one remark for each criterion, and a comment on the whole."""

    comment = forms.CharField(
        label=_("Comment on the whole"),
        help_text=_("One thing that went well, and one to try next."),
        required=False,
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, criteria: Sequence[Any], *args: Any, **kwargs: Any) -> None:
        """`criteria` are those of queries.ReviewDraft."""
        super().__init__(*args, **kwargs)
        self.criteria = [criterion.id for criterion in criteria]
        for criterion in criteria:
            self.fields[f"level_{criterion.id}"] = forms.TypedChoiceField(
                label=criterion.title,
                choices=[(str(choice.id), str(choice.id)) for choice in criterion.choices],
                coerce=UUID,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                error_messages={
                    "invalid_choice": _("The rubric has changed since this page was opened. Choose again.")
                },
            )
            self.fields[f"comment_{criterion.id}"] = forms.CharField(
                label=criterion.title, required=False, max_length=MAX_COMMENT_LENGTH
            )

    def scores(self) -> dict[UUID, tuple[UUID | None, str]]:
        """Level and remark by criterion."""
        data = self.cleaned_data
        return {
            criterion_id: (data[f"level_{criterion_id}"], data[f"comment_{criterion_id}"])
            for criterion_id in self.criteria
        }

    @property
    def is_edited(self) -> bool:
        """Whether anything was chosen or typed since the page was opened. To be asked of a valid form."""
        before = {name: str(self.initial.get(name) or "").replace("\r\n", "\n") for name in self.fields}
        now = {name: str(self.cleaned_data[name] or "").replace("\r\n", "\n") for name in self.fields}
        return any(before[name] != now[name] for name in self.fields if name != "revision")


class AssignForm(forms.Form):
    """A mentor for a submission; empty for nobody."""

    mentor_id = forms.UUIDField(required=False)
