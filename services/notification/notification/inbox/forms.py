"""Forms of the inbox page."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

READ, UNREAD = "read", "unread"
MAX_IDS = 100


class IdsField(forms.Field):
    """Ids of the selected notifications."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[UUID]:
        """Return the UUIDs. ValidationError if one is malformed."""
        try:
            return [UUID(notification_id) for notification_id in (value or [])[:MAX_IDS]]
        except ValueError:
            raise forms.ValidationError(_("This is not a notification.")) from None


class BulkUpdateForm(forms.Form):
    """Selected notifications, and whether to mark them as read or unread."""

    do = forms.ChoiceField(choices=[(READ, READ), (UNREAD, UNREAD)])
    n = IdsField()
