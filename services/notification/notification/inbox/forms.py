"""What the inbox page sends."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

READ, UNREAD = "read", "unread"
MAX_IDS = 100


class IdsField(forms.Field):
    """The ids of the rows that were ticked."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[UUID]:
        """UUIDs; ValidationError if one is none."""
        try:
            return [UUID(notification_id) for notification_id in (value or [])[:MAX_IDS]]
        except ValueError:
            raise forms.ValidationError(_("This is no notification.")) from None


class BulkUpdateForm(forms.Form):
    """Which rows, and what to make of them."""

    do = forms.ChoiceField(choices=[(READ, READ), (UNREAD, UNREAD)])
    n = IdsField()
