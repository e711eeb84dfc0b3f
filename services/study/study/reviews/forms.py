"""Forms of mentors and operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from study.discussions.forms import DraftForm

MAX_COMMENT_LENGTH = 4000
MAX_ASSIGNED_AT_ONCE = 200


@dataclass(frozen=True)
class ScoreInput:
    """The mentor's choice for one criterion; without a level it is not scored yet."""

    level_id: UUID | None
    comment: str = ""


class ReviewForm(DraftForm):
    """One choice and one remark for each criterion, and a comment on the whole."""

    comment = forms.CharField(
        label=_("Comment on the whole"),
        help_text=_("One thing that went well, and one to try next."),
        required=False,
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, draft: Any, data: Any = None, *, account_id: UUID) -> None:
        """`draft` is a queries.ReviewDraft: its criteria become fields, its scores their initial values."""
        initial = {"comment": draft.comment, "revision": draft.revision}
        self.criteria = draft.criteria
        for criterion in self.criteria:
            initial |= {
                f"level_{criterion.id}": criterion.level_id,
                f"comment_{criterion.id}": criterion.comment,
            }
        super().__init__(data, initial=initial, account_id=account_id)
        for criterion in self.criteria:
            self.fields[f"level_{criterion.id}"] = forms.TypedChoiceField(
                label=criterion.title,
                choices=[(str(level.id), str(level.id)) for level in criterion.levels.all()],
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

    def scores(self) -> dict[UUID, ScoreInput]:
        """Return the valid form's scores by criterion."""
        data = self.cleaned_data
        return {
            criterion.id: ScoreInput(data[f"level_{criterion.id}"], data[f"comment_{criterion.id}"])
            for criterion in self.criteria
        }

    def criterion_fields(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """Return each criterion with its field for the level and its field for the comment."""
        return [
            (criterion, self[f"level_{criterion.id}"], self[f"comment_{criterion.id}"])
            for criterion in self.criteria
        ]

    def points(self) -> int:
        """Return the sum of the selected levels."""
        return sum(
            level.points
            for criterion, selected, _comment in self.criterion_fields()
            for level in criterion.levels.all()
            if str(level.id) == str(selected.value())
        )

    @property
    def is_edited(self) -> bool:
        """Whether anything was chosen or typed since the page was opened. To be asked of a valid form."""
        typed = [name for name in self.fields if name not in DraftForm.base_fields]
        before = [str(self.initial.get(name) or "").replace("\r\n", "\n") for name in typed]
        now = [str(self.cleaned_data[name] or "").replace("\r\n", "\n") for name in typed]
        return before != now


class AssignForm(forms.Form):
    """A mentor for a submission; empty for nobody."""

    mentor_id = forms.UUIDField(required=False)


class AssignSeveralForm(AssignForm):
    """A mentor for several submissions; empty for nobody."""

    submission_ids = forms.TypedMultipleChoiceField(coerce=UUID)

    def __init__(self, *args: Any, submissions: Iterable[UUID], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(submission_id), "") for submission_id in submissions]
        self.fields["submission_ids"].choices = choices  # type: ignore[attr-defined]
