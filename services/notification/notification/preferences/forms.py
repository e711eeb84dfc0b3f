"""Forms of the preferences page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notification.inbox.rules import KINDS
from notification.preferences.rules import CHANNELS


class PreferencesForm(forms.Form):
    """A checkbox per kind and channel, named kind.channel."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            for channel in CHANNELS:
                self.fields[f"{kind}.{channel}"] = forms.BooleanField(required=False)

    def chosen(self) -> dict[tuple[str, str], bool]:
        """Return (kind, channel) → on. The form must be valid."""
        return {
            (kind, channel): self.cleaned_data[f"{kind}.{channel}"] for kind in KINDS for channel in CHANNELS
        }


class QuietHoursForm(forms.Form):
    """When quiet hours begin and end, on the reader's clock."""

    starts = forms.TimeField(label=_("Start"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("End"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
