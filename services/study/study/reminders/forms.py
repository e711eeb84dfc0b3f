"""Whom an operator reminds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _


class RemindForm(forms.Form):
    """Some of the members who have the mission to do. Who has submitted meanwhile is not reminded."""

    account_ids = forms.TypedMultipleChoiceField(
        coerce=UUID,
        error_messages={
            "required": _("Select at least one member."),
            "invalid_choice": _("Somebody you selected is no longer a member. Select again."),
        },
    )

    def __init__(self, *args: Any, members: Iterable[UUID], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["account_ids"].choices = [(str(member), "") for member in members]  # type: ignore[attr-defined]


class RemindMissingForm(forms.Form):
    """One member, or everybody who missed a deadline."""

    # A member; without one, everybody.
    account_id = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        """Return the accounts as `account_ids`; None for everybody."""
        account_id = self.cleaned_data.get("account_id")
        return {"account_ids": None if account_id is None else [account_id]}
