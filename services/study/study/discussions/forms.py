"""What a page of changed files is asked for, and comments on lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from study.discussions.models import PageState, Side

MAX_COMMENT_LENGTH = 4000


class FilesForm(forms.Form):
    """Which attempt's files (the newest unless given), the number of the first one to show, and a line.

    `line` is the side and number of the line in that file to comment on, as "new-17"; `comment` is the draft
    to go on with instead.
    """

    attempt = forms.IntegerField(required=False, min_value=1, max_value=30_000)
    file = forms.IntegerField(required=False, min_value=1, max_value=1000)
    line = forms.RegexField(r"\A(old|new)-[1-9]\d{0,8}\Z", required=False)
    comment = forms.UUIDField(required=False)

    def chosen(self) -> dict[str, Any]:
        """Return the values, or those of a page without parameters if one is invalid."""
        data = self.cleaned_data if self.is_valid() else {}
        side, _dash, number = data.get("line", "").partition("-")
        return {
            "attempt": data.get("attempt"),
            "file": data.get("file") or 1,
            "line": (side, int(number)) if side else None,
            "comment": data.get("comment"),
        }


class DraftForm(forms.Form):
    """What a page sends by which its own draft is known: see draft_fields.html."""

    # Of the draft that the page was opened with, if any.
    revision = forms.CharField(required=False, max_length=100)
    page_id = forms.UUIDField(required=False)
    # Counted by the page's script; 0 without it.
    edits = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    # Who was signed in when the page was opened.
    account_id = forms.UUIDField(required=False)

    def __init__(self, data: Any = None, *, account_id: UUID, **options: Any) -> None:
        """`account_id` is who is signed in."""
        super().__init__(data, **options)
        self._account_id = account_id

    def clean(self) -> dict[str, Any]:
        """Replace the page's id and its number of edits by `page`: None of a client without pages."""
        data = self.cleaned_data
        if data.pop("account_id", None) not in {None, self._account_id}:
            raise ValidationError(_("You are signed in with another account than when this page was opened."))
        page_id, edits = data.pop("page_id", None), data.pop("edits", None)
        return {**data, "page": PageState(page_id, edits or 0) if page_id else None}


class LineCommentForm(DraftForm):
    """A comment on a line. The page chooses its id, so that sending it twice is sending it once."""

    comment_id = forms.UUIDField(widget=forms.HiddenInput)
    path = forms.CharField(max_length=5000, strip=False, widget=forms.HiddenInput)
    side = forms.ChoiceField(choices=Side, widget=forms.HiddenInput)
    line = forms.IntegerField(min_value=1, max_value=10**9, widget=forms.HiddenInput)
    body = forms.CharField(
        label=_("Comment on the line"),
        help_text=_("Markdown. The member reads it once the review is released."),
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Make None of the revision of a client without pages: "" means that nothing was stored."""
        data = super().clean()
        return {**data, "revision": data.get("revision") or ("" if data["page"] else None)}


class TypedCommentForm(LineCommentForm):
    """A comment on a line as it is typed: it may be empty."""

    body = forms.CharField(required=False, max_length=MAX_COMMENT_LENGTH)


class AnswerForm(forms.Form):
    """An answer in a thread. The page chooses its id, so that sending it twice is sending it once."""

    entry_id = forms.UUIDField(widget=forms.HiddenInput)
    body = forms.CharField(
        label=_("Answer"),
        help_text=_("Markdown. The other side is notified."),
        max_length=MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ResolveForm(forms.Form):
    """Whether the thread is resolved."""

    is_resolved = forms.BooleanField(required=False)


class SavedReplyForm(forms.Form):
    """A saved reply. The page chooses the id of a new one, so that sending it twice is sending it once."""

    reply_id = forms.UUIDField(widget=forms.HiddenInput)
    body = forms.CharField(
        label=_("Saved reply"),
        help_text=_("Markdown. A press on it puts it into the comment you are writing."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
