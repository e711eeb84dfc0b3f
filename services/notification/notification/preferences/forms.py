"""The matrix of kinds and channels as a form."""

from __future__ import annotations

from typing import Any

from django import forms

from notification.inbox.rules import KINDS
from notification.preferences.rules import CHANNELS


class PreferencesForm(forms.Form):
    """A tick for every cell, named kind.channel. What is not ticked is off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            for channel in CHANNELS:
                self.fields[f"{kind}.{channel}"] = forms.BooleanField(required=False)

    def chosen(self) -> dict[tuple[str, str], bool]:
        """(kind, channel) → on. Only of a valid form."""
        return {
            (kind, channel): self.cleaned_data[f"{kind}.{channel}"] for kind in KINDS for channel in CHANNELS
        }
