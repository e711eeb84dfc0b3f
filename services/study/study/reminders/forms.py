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
